//! Declaring needs: typed, transmitted, taken back, by page and by program.
use chrono::TimeDelta;
use domain::{
    Refusal,
    permission::Role,
    purchasing::{
        declaration::DeclarationState,
        need::{NeedColumn, NeedError},
    },
    quantity::Quantity,
};
use encommun::{
    actions::{
        Error,
        purchasing::{
            declarations,
            drafts::{self, Basis, Edit},
            needs,
        },
    },
    store::purchasing::needs as rows,
};

use crate::support::{
    TestApp,
    client::{Answer, Client},
    needs::Collection,
};

/// What a person types in the column of quantities, having seen `seen`.
fn typed(all: &Collection, item: usize, seen: &str, typed: &str) -> Vec<Edit> {
    vec![Edit {
        item: all.items[item].id,
        line: String::new(),
        column: NeedColumn::Quantity,
        typed: typed.to_owned(),
        basis: Basis::Seen(seen.to_owned()),
    }]
}

fn path(all: &Collection) -> String {
    format!("/campagnes/{}/besoins", all.round.id)
}

fn cell(all: &Collection, item: usize) -> String {
    format!("quantity.{}", all.items[item].id)
}

/// The whole form, as a browser without script sends it.
async fn send(
    browser: &Client,
    all: &Collection,
    cells: &[(usize, &str, &str)],
    act: &str,
) -> Answer {
    let mut fields = vec![("action".to_owned(), act.to_owned())];
    for (item, seen, value) in cells {
        fields.push((cell(all, *item), (*value).to_owned()));
        fields.push((format!("vu.{}", cell(all, *item)), (*seen).to_owned()));
    }
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser.post(&path(all), &fields).await
}

async fn total(test: &TestApp, all: &Collection, item: usize) -> Quantity {
    let view = test.app.store.view().await.unwrap();
    let totals = rows::totals(&view, all.round.id).await.unwrap();
    totals
        .get(&all.items[item].id)
        .copied()
        .unwrap_or_default()
        .quantity
}

#[tokio::test]
async fn a_clerk_types_transmits_and_takes_back() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let empty = browser.get(&path(&all)).await.expect(200).text();
    assert!(empty.contains("À transmettre") && empty.contains("Extincteur à eau, 6 L"));
    let sent = send(
        &browser,
        &all,
        &[(0, "", "1 200"), (1, "", "3")],
        "transmettre",
    )
    .await;
    assert_eq!(sent.expect(303).location, Some(path(&all)));
    let done = browser.get(&path(&all)).await.expect(200).text();
    assert!(done.contains("Vos besoins sont transmis"), "{done}");
    assert!(done.contains("Transmis le 1er\u{a0}septembre"), "{done}");
    assert!(done.contains("6\u{202f}103,80\u{202f}€"), "the estimate");
    assert_eq!(total(&test, &all, 0).await, Quantity(1_200_000));

    browser
        .post(&format!("{}/reprendre", path(&all)), &[])
        .await
        .expect(303);
    assert_eq!(total(&test, &all, 0).await, Quantity::ZERO);
    let again = browser.get(&path(&all)).await.expect(200).text();
    assert!(
        again.contains("value=\"1\u{202f}200\""),
        "what was typed is there"
    );
}

#[tokio::test]
async fn two_clerks_in_one_cell_lose_nothing() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let place = (all.round.id, all.anstaing);
    let first = typed(&all, 1, "", "4");
    drafts::save(&test.app, &all.clerk, place.0, place.1, first)
        .await
        .unwrap();
    // The second saw an empty cell: both values come back, and the first stays.
    let second = typed(&all, 1, "", "5");
    let refused = drafts::save(&test.app, &all.clerk, place.0, place.1, second).await;
    let Err(Error::Refused(Refusal::Need(NeedError::Conflicts(conflicts)))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        (conflicts[0].theirs.as_str(), conflicts[0].yours.as_str()),
        ("4", "5")
    );
    // The page says so, with the text kept, and a second save is a decision.
    let browser = test.signed_in("mairie@anstaing.example").await;
    let page = send(&browser, &all, &[(1, "", "5")], "enregistrer")
        .await
        .expect(409)
        .text();
    assert!(
        page.contains("value=\"5\"") && page.contains("«\u{a0}4\u{a0}»"),
        "{page}"
    );
    send(&browser, &all, &[(1, "4", "5")], "enregistrer")
        .await
        .expect(303);
    // Another cell of the same line, and the same value, are no conflict.
    let most = Edit {
        column: NeedColumn::Most,
        ..typed(&all, 1, "", "9").remove(0)
    };
    drafts::save(&test.app, &all.clerk, place.0, place.1, vec![most])
        .await
        .unwrap();
    let same = typed(&all, 1, "", "5");
    drafts::save(&test.app, &all.clerk, place.0, place.1, same)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_quantity_that_its_item_does_not_make_is_kept_and_named() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let cells = [(1, "", "4,5"), (2, "", "13")];
    let page = send(&browser, &all, &cells, "transmettre")
        .await
        .expect(409)
        .text();
    for sentence in [
        "Ligne 2.1, quantité\u{a0}: «\u{a0}4,5\u{a0}» n’est pas un nombre entier d’appareils. \
         Saisissez 4 ou 5.",
        "n’est pas un multiple de 6 appareils. Saisissez 12 ou 18.",
        "2\u{a0}cases à corriger",
    ] {
        assert!(page.contains(sentence), "{sentence}\n{page}");
    }
    let later = browser.get(&path(&all)).await.expect(200).text();
    assert!(
        later.contains("value=\"4,5\""),
        "what was typed is never lost"
    );
    assert_eq!(total(&test, &all, 1).await, Quantity::ZERO);
}

#[tokio::test]
async fn a_double_click_transmits_once() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let (name, was) = (cell(&all, 1), format!("vu.{}", cell(&all, 1)));
    let fields = [
        ("operation", "0199-double"),
        ("action", "transmettre"),
        (name.as_str(), "3"),
        (was.as_str(), ""),
    ];
    browser.post(&path(&all), &fields).await.expect(303);
    browser.post(&path(&all), &fields).await.expect(303);
    let grid = needs::find(&test.app, &all.clerk, all.round.id, all.anstaing)
        .await
        .unwrap();
    assert_eq!(grid.declaration.revision, 1);
    assert_eq!(total(&test, &all, 1).await, Quantity(3_000));
}

#[tokio::test]
async fn after_the_deadline_the_clock_refuses_even_if_nobody_closed() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let place = (all.round.id, all.anstaing);
    let first = typed(&all, 1, "", "3");
    drafts::save(&test.app, &all.clerk, place.0, place.1, first)
        .await
        .unwrap();
    test.app.clock.advance(TimeDelta::days(10));
    for actor in [&all.clerk, &all.officer] {
        let late = declarations::submit(&test.app, actor, place.0, place.1, None).await;
        let Err(Error::Refused(refusal)) = late else {
            panic!("{late:?}")
        };
        assert_eq!(refusal.code(), "round.deadline-passed");
        let typing =
            drafts::save(&test.app, actor, place.0, place.1, typed(&all, 1, "3", "4")).await;
        assert!(typing.is_err());
    }
    let browser = test.signed_in("mairie@anstaing.example").await;
    let page = browser.get(&path(&all)).await.expect(200).text();
    assert!(page.contains("Sans réponse") && !page.contains("Transmettre mes besoins"));
}

#[tokio::test]
async fn nothing_to_declare_is_an_answer_and_nothing_typed_is_not() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let empty = send(&browser, &all, &[], "transmettre")
        .await
        .expect(409)
        .text();
    assert!(empty.contains("Aucune quantité n’est saisie"), "{empty}");
    browser
        .post(&format!("{}/rien", path(&all)), &[])
        .await
        .expect(303);
    let page = browser.get(&path(&all)).await.expect(200).text();
    assert!(page.contains("Rien à déclarer"), "{page}");
    let grid = needs::find(&test.app, &all.clerk, all.round.id, all.anstaing)
        .await
        .unwrap();
    assert_eq!(grid.declaration.state, DeclarationState::Nothing);
}

#[tokio::test]
async fn last_years_quantities_come_back_in_one_button_and_spare_what_is_typed() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    send(
        &browser,
        &all,
        &[(0, "", "38"), (1, "", "3")],
        "transmettre",
    )
    .await
    .expect(303);
    let owner = (all.epci, all.grouping);
    let (round, items) = test
        .opened_collection(owner, "Extincteurs 2028", Some(all.round.id))
        .await;
    let next = Collection {
        round,
        items,
        ..all
    };
    send(&browser, &next, &[(1, "", "4")], "enregistrer")
        .await
        .expect(303);
    let page = browser.get(&path(&next)).await.expect(200).text();
    assert!(page.contains("Reprendre mes quantités de 2026"), "{page}");
    let take = format!("{}/annee-precedente", path(&next));
    browser.post(&take, &[]).await.expect(303);
    let page = browser.get(&path(&next)).await.expect(200).text();
    assert!(page.contains("1\u{a0}quantité reprise"), "{page}");
    assert!(
        page.contains("value=\"38\"") && page.contains("value=\"4\""),
        "{page}"
    );
}

#[tokio::test]
async fn an_officer_enters_for_a_commune_and_it_shows() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let officer = test.signed_in("achats@mel.example").await;
    let member = all.anstaing.to_string();
    let (name, was) = (cell(&all, 1), format!("vu.{}", cell(&all, 1)));
    let fields = [
        ("membre", member.as_str()),
        ("action", "transmettre"),
        ("note", "Courriel du 31 août"),
        (name.as_str(), "7"),
        (was.as_str(), ""),
    ];
    officer.post(&path(&all), &fields).await.expect(303);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get(&path(&all)).await.expect(200).text();
    for words in [
        "par achats pour le compte de Anstaing",
        "Courriel du 31 août",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn a_neighbour_sees_nothing_and_an_accountant_types_nothing() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let neighbour = [(all.madeleine, Role::DeclaringAgent)];
    test.user("mairie@lamadeleine.example", &neighbour).await;
    let reader = [(all.anstaing, Role::Accountant)];
    test.user("compta@anstaing.example", &reader).await;
    let neighbour = test.signed_in("mairie@lamadeleine.example").await;
    let theirs = format!("{}?membre={}", path(&all), all.anstaing);
    neighbour.get(&theirs).await.expect(404);
    let member = all.anstaing.to_string();
    let fields = [("membre", member.as_str()), ("action", "enregistrer")];
    neighbour.post(&path(&all), &fields).await.expect(404);
    let reader = test.signed_in("compta@anstaing.example").await;
    let page = reader.get(&path(&all)).await.expect(200).text();
    assert!(!page.contains("Transmettre mes besoins"));
    send(&reader, &all, &[(1, "", "3")], "enregistrer")
        .await
        .expect(403);
}

#[tokio::test]
async fn a_cell_is_saved_as_it_is_left() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let (name, was) = (cell(&all, 1), format!("vu.{}", cell(&all, 1)));
    let path = format!("{}/case", path(&all));
    let saved = browser
        .post(&path, &[(&name, "4"), (&was, "")])
        .await
        .expect(200);
    assert_eq!(saved.text(), "Enregistré à 10\u{a0}h\u{a0}00");
    assert_eq!(
        saved.headers["hx-trigger"],
        "{\"cell\":{\"fault\":null,\"was\":\"4\"}}"
    );
    let bad = browser
        .post(&path, &[(&name, "4,5"), (&was, "4")])
        .await
        .expect(200);
    let event = bad.headers["hx-trigger"].to_str().unwrap().to_owned();
    let event: serde_json::Value = serde_json::from_str(&event).unwrap();
    let fault = event["cell"]["fault"].as_str().unwrap();
    assert!(
        fault.contains("n’est pas un nombre entier d’appareils"),
        "{fault}"
    );
    let rival = browser
        .post(&path, &[(&name, "6"), (&was, "")])
        .await
        .expect(200);
    let event = rival.headers["hx-trigger"].to_str().unwrap().to_owned();
    assert!(event.contains("\"was\":\"4,5\""), "{event}");
}
