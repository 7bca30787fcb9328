//! Rivals: many people do the same thing at once; several processes are in `processes.rs`.
use domain::{
    Refusal,
    purchasing::round::{RoundError, RoundState},
};
use encommun::{
    actions::{Error, purchasing::rounds},
    store::{OperationKey, journal, outbox, purchasing::rounds as rows},
    wording,
};

use crate::support::TestApp;

fn key(number: usize) -> OperationKey {
    OperationKey {
        key: format!("key-{number}"),
        request_hash: "close".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_clients_close_a_round_once_and_the_others_learn_who_did() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    let (app, id) = (&test.app, round.id);
    let close = |number: usize| {
        let (app, officer) = (app.clone(), trio.officer.clone());
        let actor = officer.with_operation(Some(key(number)));
        async move { rounds::close(&app, &actor, id, None).await }
    };
    let results = at_once(16, close).await;
    let closed: Vec<usize> = results
        .iter()
        .filter(|(_, result)| result.is_ok())
        .map(|(number, _)| *number)
        .collect();
    assert_eq!(closed.len(), 1, "{results:?}");
    for (_, refused) in results.iter().filter(|(_, result)| result.is_err()) {
        let Err(error @ Error::Refused(Refusal::Round(RoundError::NotAllowed { .. }))) = refused
        else {
            panic!("{refused:?}")
        };
        let (_, sentence) = wording::error(error);
        assert!(
            sentence.contains("déjà close par achats, le mardi 1er"),
            "{sentence}"
        );
    }

    let view = test.app.store.view().await.unwrap();
    let lines = journal::list_about(&view, "round", round.id.0, 100)
        .await
        .unwrap();
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.action == "round.close")
            .count(),
        1
    );
    let told = outbox::list_about(&view, "round", round.id.0, 100)
        .await
        .unwrap();
    assert_eq!(told.iter().filter(|m| m.kind == "round_closed").count(), 2);
    let after = rows::find(&view, round.id).await.unwrap();
    drop(view);

    // The same key again gets the same answer, whether it was yes or no.
    let winner = closed[0];
    let again = close(winner).await.unwrap();
    assert_eq!(
        (again.state, again.version),
        (RoundState::Closed, after.version)
    );
    let loser = (0..16).find(|number| *number != winner).unwrap();
    assert!(matches!(close(loser).await, Err(Error::Refused(_))));
}

/// Runs them all at once, on several threads; the results come with their numbers.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    run: impl Fn(usize) -> F,
) -> Vec<(usize, T)> {
    let running: Vec<_> = (0..count).map(|number| tokio::spawn(run(number))).collect();
    let mut results = Vec::with_capacity(count);
    for (number, task) in running.into_iter().enumerate() {
        results.push((number, task.await.unwrap()));
    }
    results
}
