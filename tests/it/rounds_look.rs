//! The pages of rounds in a real browser.
use encommun::actions::purchasing::{overviews, rounds};

use crate::{accessibility::assert_accessible, browser::serve, support::TestApp};

#[tokio::test]
async fn the_pages_of_rounds_are_accessible() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (before, items) = test.open_round(&trio).await;
    test.answered(
        &before,
        trio.anstaing,
        &[(items[0].id, 30), (items[1].id, 12)],
    )
    .await;
    test.answered(&before, trio.madeleine, &[(items[0].id, 4_000)])
        .await;
    rounds::close(&test.app, &trio.officer, before.id, None)
        .await
        .unwrap();
    let due = test.app.clock.now() + chrono::TimeDelta::days(24);
    let (round, _) = test
        .drafted_after(&trio, "Extincteurs 2028", due, Some(before.id))
        .await;
    rounds::open(&test.app, &trio.officer, round.id, None)
        .await
        .unwrap();
    let sums = overviews::aggregate(&test.app, &trio.officer, round.id)
        .await
        .unwrap();
    let item = sums.lots[0].items[0].id;
    test.app.clock.advance(chrono::TimeDelta::days(2));
    test.answered(&round, trio.anstaing, &[(item, 34)]).await;
    let (draft, _) = test.drafted_round(&trio).await;

    let officer = test.signed_in("achats@mel.example").await;
    let base = serve(test.router.clone()).await;
    let here = format!("/campagnes/{}", round.id);
    let paths = [
        "/campagnes".to_owned(),
        "/campagnes/nouvelle".to_owned(),
        here.clone(),
        format!("{here}/agrege"),
        format!("{here}/articles/{item}"),
        format!("{here}/communes"),
        format!("{here}/lots"),
        format!("{here}/articles/{item}/modifier"),
        format!("{here}/pieces"),
        format!("{here}/historique"),
        format!("{here}/modifier"),
        format!("{here}/prolonger"),
        format!("/campagnes/{}", draft.id),
        format!("/campagnes/{}/lots", draft.id),
        format!("/campagnes/{}/rouvrir", before.id),
        format!("/campagnes/{}/communes", before.id),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_accessible(&base, Some(&officer.cookie_header()), &paths).await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let sums = format!("{here}/agrege");
    let pieces = format!("{here}/pieces");
    let seen = ["/campagnes", sums.as_str(), pieces.as_str()];
    assert_accessible(&base, Some(&clerk.cookie_header()), &seen).await;
}
