//! The needs grid in a real browser: accessible, and saved as it is typed.
use fantoccini::{Locator, key::Key};

use crate::{
    accessibility::assert_accessible,
    browser::{Browser, Theme, serve},
    support::TestApp,
};

#[tokio::test]
async fn the_pages_of_needs_are_accessible() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let owner = (all.epci, all.grouping);
    let (next, items) = test
        .opened_collection(owner, "Extincteurs 2028", Some(all.round.id))
        .await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let typing = format!("/campagnes/{}/besoins", next.id);
    let bad = format!("quantity.{}", items[1].id);
    let fields = [("action", "enregistrer"), (bad.as_str(), "4,5")];
    clerk.post(&typing, &fields).await.expect(303);
    let done = format!("/campagnes/{}/besoins", all.round.id);
    let good = format!("quantity.{}", all.items[1].id);
    let fields = [("action", "transmettre"), (good.as_str(), "4")];
    clerk.post(&done, &fields).await.expect(303);
    let import = format!("{typing}/import");
    let base = serve(test.router.clone()).await;
    let paths = [typing.as_str(), done.as_str(), import.as_str()];
    assert_accessible(&base, Some(&clerk.cookie_header()), &paths).await;
}

#[tokio::test]
async fn a_cell_left_is_saved_and_a_bad_one_says_why() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let base = serve(test.router.clone()).await;
    let browser = Browser::start().await;
    browser.look(1366, Theme::Light).await;
    browser.sign_in(Some(&clerk.cookie_header())).await;
    browser
        .open(&format!("{base}/campagnes/{}/besoins", all.round.id))
        .await;
    let mut seen = Vec::new();
    for (item, typed, heard) in [
        (
            1,
            "4",
            "return /Enregistré à/.test(besoins.innerText) && besoins.innerText",
        ),
        (
            1,
            ",5",
            "return document.querySelector('#besoins .error') && besoins.innerText",
        ),
    ] {
        let id = format!("quantity.{}", all.items[item].id);
        let cell = browser.client.find(Locator::Id(&id)).await.unwrap();
        cell.send_keys(typed).await.unwrap();
        cell.send_keys(&Key::Enter.to_string()).await.unwrap();
        seen.push(browser.wait_for(heard, "the server answers").await);
    }
    browser.close().await;
    assert!(seen[0].contains("Enregistré à"), "{}", seen[0]);
    assert!(
        seen[1].contains("n’est pas un nombre entier d’appareils"),
        "{}",
        seen[1]
    );
}
