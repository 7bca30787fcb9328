//! An earlier round taken again by a draft: by page, by program, and what is refused.
use axum::http::Method;
use chrono::TimeDelta;
use encommun::actions::{
    Error,
    purchasing::{
        lots,
        rounds::{self, NewRound},
    },
};
use serde_json::json;

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, rounds::input},
};

#[tokio::test]
async fn a_draft_takes_lots_and_items_again_from_its_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (earlier, items) = test.open_round(&trio).await;
    test.answered(&earlier, trio.anstaing, &[(items[0].id, 3)])
        .await;
    let due = test.app.clock.now() + TimeDelta::days(20);
    let new = NewRound {
        grouping: trio.grouping,
        input: input("Extincteurs 2028", due),
        previous: None,
    };
    let draft = rounds::create(&test.app, &trio.officer, new).await.unwrap();
    let officer = test.signed_in("achats@mel.example").await;
    let page = format!("/campagnes/{}/lots", draft.id);
    let shown = officer.get(&page).await.expect(200).text();
    assert!(shown.contains("Reprendre une campagne"), "{shown}");
    let base = serve(test.router.clone()).await;
    assert_accessible(&base, Some(&officer.cookie_header()), &[&page]).await;
    let resume = format!("/campagnes/{}/reprise", draft.id);
    officer.post(&resume, &[]).await.expect(422);
    let id = earlier.id.to_string();
    officer
        .post(&resume, &[("reprise", id.as_str())])
        .await
        .expect(303);
    let shown = officer.get(&page).await.expect(200).text();
    assert!(
        shown.contains("Extincteur à eau") && !shown.contains("Campagne à reprendre"),
        "{shown}"
    );
    let (kept, _, copied) = lots::list(&test.app, &trio.officer, draft.id)
        .await
        .unwrap();
    assert_eq!(kept.previous, Some(earlier.id), "quantities come back too");
    assert_eq!(copied[0].items.len(), 2);
    officer
        .post(&resume, &[("reprise", id.as_str())])
        .await
        .expect(409);
    let refused = lots::resume(&test.app, &trio.clerk, draft.id, earlier.id).await;
    assert!(matches!(refused, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_program_takes_an_earlier_round_again() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (earlier, _) = test.open_round(&trio).await;
    let due = test.app.clock.now() + TimeDelta::days(20);
    let new = NewRound {
        grouping: trio.grouping,
        input: input("Extincteurs 2028", due),
        previous: None,
    };
    let draft = rounds::create(&test.app, &trio.officer, new).await.unwrap();
    let token = test.token_of(&trio.officer).await;
    let api = test.browser().with_token(&token);
    let resume = |id| format!("/api/v1/rounds/{id}/resume");
    let body = json!({"round_id": earlier.id});
    let open = api
        .json(Method::POST, &resume(earlier.id), &[], &body)
        .await
        .expect(409);
    assert!(open.text().contains("round.not-allowed"));
    let done = api
        .json(Method::POST, &resume(draft.id), &[], &body)
        .await
        .expect(200)
        .json();
    assert_eq!(done["previous_round_id"], json!(earlier.id));
}
