//! A statement after a correction: previous, new, difference, and what follows.
use encommun::actions::purchasing::{allocations, corrections};
use serde_json::json;

use crate::{
    corrections::{asked, proposed, split, voucher},
    support::TestApp,
};

#[tokio::test]
async fn a_statement_shows_what_was_asked_what_is_and_the_difference() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (_, first) = asked(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let before = allocations::latest(app, officer, first).await.unwrap();
    let own = |split: &allocations::Overview| {
        let mine = split.statements.iter().find(|s| s.member == trio.anstaing);
        mine.unwrap().clone()
    };
    let old = own(&before);
    // The same shares again: nothing moves, and it says so.
    let motive = Some("Relecture".to_owned());
    allocations::allocate(app, officer, first, motive)
        .await
        .unwrap();
    let now = own(&allocations::latest(app, officer, first).await.unwrap());
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get(&format!("/decomptes/{}", now.id)).await;
    let page = page.expect(200).text();
    for words in [
        "Ce qui change",
        old.number.as_str(),
        "Motif\u{a0}: Relecture.",
        "Rien de plus ne vous sera demandé.",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let page = clerk.get(&format!("/decomptes/{}", old.id)).await;
    let page = page.expect(200).text();
    assert!(
        page.contains("Remplacé par le") && page.contains(&now.number),
        "{page}"
    );
    let csv = clerk.get(&format!("/decomptes/{}/csv", now.id)).await;
    let csv = csv.expect(200).text();
    assert!(csv.contains("Part précédente;Écart"), "{csv}");
    let token = test.token_of(&trio.clerk).await;
    let api = test.browser().with_token(&token);
    let read = async |id| {
        let path = format!("/api/v1/statements/{id}");
        api.get(&path).await.expect(200).json()
    };
    let detail = read(now.id).await;
    assert_eq!(detail["replaces"], json!(old.id));
    assert_eq!(detail["previous"]["gross"], "60.00");
    assert_eq!(detail["difference"]["gross"], "0.00");
    assert_eq!(detail["changes"][0]["previous"], "50.00");
    assert_eq!(read(old.id).await["replaced_by"], json!(now.id));
}

#[tokio::test]
async fn a_statement_says_what_follows() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (supplier, first) = asked(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let credit = split(&test, &trio, supplier, ("A-1", -2_000), Some(first)).await;
    let split = allocations::latest(app, officer, credit).await.unwrap();
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let here = format!("/decomptes/{}", own.unwrap().id);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get(&here).await.expect(200).text();
    let words = "Une réduction du titre n°\u{a0}1208 de 12,00\u{202f}€ sera émise.";
    assert!(page.contains(words), "{page}");
    let id = proposed(&test, &trio).await.remove(0).correction.id;
    corrections::record(app, officer, id, None, voucher("31", "2026-09-01", 2026))
        .await
        .unwrap();
    let page = clerk.get(&here).await.expect(200).text();
    let words = "Le titre n°\u{a0}1208 a été réduit de 12,00\u{202f}€ (pièce n°\u{a0}31 du";
    assert!(page.contains(words), "{page}");
}
