//! Declarations racing with a close: none lands after it.
use domain::purchasing::need::NeedColumn;
use encommun::{
    actions::{
        Error,
        purchasing::{
            declarations,
            drafts::{self, Basis, Edit},
        },
    },
    store::purchasing::{declarations as rows, needs, rounds},
};

use crate::support::TestApp;

/// How many rounds are raced for.
const ROUNDS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_need_lands_after_the_close() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let (mut in_time, mut late) = (0, 0);
    for number in 0..ROUNDS {
        let owner = (all.epci, all.grouping);
        let (round, items) = test
            .opened_collection(owner, &format!("Course {number}"), None)
            .await;
        for member in [all.anstaing, all.madeleine] {
            let edit = Edit {
                item: items[1].id,
                line: String::new(),
                column: NeedColumn::Quantity,
                typed: "3".to_owned(),
                basis: Basis::Any,
            };
            drafts::save(&test.app, &all.officer, round.id, member, vec![edit])
                .await
                .unwrap();
        }
        let submit = |member| declarations::submit(&test.app, &all.officer, round.id, member, None);
        let (first, (), second) = tokio::join!(
            submit(all.anstaing),
            test.close_round(round.id),
            submit(all.madeleine)
        );
        let view = test.app.store.view().await.unwrap();
        let closed = rounds::find(&view, round.id).await.unwrap().closed.unwrap();
        let landed = needs::of_round(&view, round.id).await.unwrap();
        let answered = rows::of_round(&view, round.id).await.unwrap();
        let mut accepted = 0;
        for outcome in [first, second] {
            match outcome {
                Ok(_) => accepted += 1,
                Err(Error::Refused(refusal)) => assert_eq!(refusal.code(), "round.not-allowed"),
                Err(other) => panic!("{other:?}"),
            }
        }
        // What was acknowledged is there, what was refused is not.
        assert_eq!(landed.len(), accepted, "round {number}");
        assert_eq!(
            answered.iter().filter(|d| d.state.is_answered()).count(),
            accepted
        );
        assert!(
            answered
                .iter()
                .all(|d| d.submitted_at.is_none_or(|at| at <= closed.at))
        );
        in_time += accepted;
        late += 2 - accepted;
    }
    assert_eq!(in_time + late, 2 * ROUNDS);
}
