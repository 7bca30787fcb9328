//! Needs site by site, and paid by several budgets: typed, transmitted, added up, taken again.
use axum::http::Method;
use domain::{
    Refusal,
    identity::ItemId,
    purchasing::need::{NeedColumn, NeedError},
    quantity::Quantity,
    site::Site,
};
use encommun::{
    actions::{
        Error,
        progress::Progress,
        purchasing::{
            declarations,
            drafts::{self, Basis, Edit},
            imports::{self, ImportMode},
            needs,
        },
    },
    exchange::needs as needs_file,
    store::purchasing::needs as rows,
};
use serde_json::json;

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, needs::Collection},
};

fn at(item: ItemId, site: Option<&Site>, column: NeedColumn, typed: &str) -> Edit {
    Edit {
        item,
        line: site.map(|site| site.id.to_string()).unwrap_or_default(),
        column,
        typed: typed.to_owned(),
        basis: Basis::Any,
    }
}

async fn typed(test: &TestApp, all: &Collection, edits: Vec<Edit>) -> Result<(), Error> {
    let (round, member) = (all.round.id, all.anstaing);
    drafts::save(&test.app, &all.clerk, round, member, edits)
        .await
        .map(|_| ())
}

async fn submit(test: &TestApp, all: &Collection) {
    declarations::submit(&test.app, &all.clerk, all.round.id, all.anstaing, None)
        .await
        .unwrap();
}

async fn total(test: &TestApp, all: &Collection, item: usize) -> (i64, i64) {
    let view = test.app.store.view().await.unwrap();
    let totals = rows::totals(&view, all.round.id).await.unwrap();
    let total = totals.get(&all.items[item].id).copied().unwrap_or_default();
    (total.quantity.0 / 1_000, total.members)
}

#[tokio::test]
async fn a_commune_answers_for_each_of_its_sites_and_the_sums_are_of_all() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    let school = test.site(all.anstaing, "École Pasteur", None).await;
    let hall = test.site(all.anstaing, "Salle des fêtes", None).await;
    let path = format!("/campagnes/{}/besoins", all.round.id);
    let browser = test.signed_in("mairie@anstaing.example").await;
    let empty = browser.get(&path).await.expect(200).text();
    for words in ["École Pasteur", "Salle des fêtes", "Une quantité par site."] {
        assert!(empty.contains(words), "{words}\n{empty}");
    }
    let item = all.items[1].id;
    let cell = |site: &Site| format!("quantity.{item}.{}", site.id);
    let (one, two) = (cell(&school), cell(&hall));
    let fields = [
        ("action", "transmettre"),
        (one.as_str(), "3"),
        (two.as_str(), "4,5"),
    ];
    let refused = browser.post(&path, &fields).await.expect(409).text();
    let sentence = "Ligne 2.1, Salle des fêtes, quantité\u{a0}: «\u{a0}4,5\u{a0}» n’est pas";
    assert!(refused.contains(sentence), "{refused}");
    let (was, before) = (format!("vu.{two}"), "4,5");
    let fields = [
        ("action", "transmettre"),
        (two.as_str(), "4"),
        (was.as_str(), before),
    ];
    browser.post(&path, &fields).await.expect(303);
    assert_eq!(total(&test, &all, 1).await, (7, 1), "one member, two sites");
    let view = test.app.store.view().await.unwrap();
    let kept = rows::of_member(&view, all.round.id, all.anstaing).await;
    let mut kept: Vec<_> = kept
        .unwrap()
        .into_iter()
        .map(|n| (n.site, n.quantity.0))
        .collect();
    kept.sort();
    let mut expected = vec![(Some(school.id), 3_000), (Some(hall.id), 4_000)];
    expected.sort();
    assert_eq!(kept, expected);
    drop(view);
    let done = browser.get(&path).await.expect(200).text();
    assert!(done.contains("Salle des fêtes") && done.contains("Transmis"));
    // The coordinator sees sums of communes, whatever their sites.
    let officer = test.signed_in("achats@mel.example").await;
    let behind = format!("/campagnes/{}/articles/{item}", all.round.id);
    let behind = officer.get(&behind).await.expect(200).text();
    assert!(
        behind.contains("Anstaing") && behind.contains('7'),
        "{behind}"
    );
}

#[tokio::test]
async fn a_commune_without_sites_answers_for_the_whole_and_nothing_changes_elsewhere() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    test.site(all.anstaing, "École Pasteur", None).await;
    let path = format!("/campagnes/{}/besoins", all.round.id);
    let browser = test.signed_in("mairie@anstaing.example").await;
    let plain = browser.get(&path).await.expect(200).text();
    assert!(!plain.contains("École Pasteur"), "no site was asked for");
    let all = test.by_site(all).await;
    let grid = needs::find(&test.app, &all.officer, all.round.id, all.madeleine).await;
    let grid = grid.unwrap();
    assert!(grid.lines().all(|line| line.site.is_none()));
    assert_eq!(grid.lines().count(), 3);
}

#[tokio::test]
async fn somebody_elses_site_is_refused_and_a_rival_is_told_which_site() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    let school = test.site(all.anstaing, "École Pasteur", None).await;
    let theirs = test.site(all.madeleine, "Mairie annexe", None).await;
    let item = all.items[1].id;
    let stolen = at(item, Some(&theirs), NeedColumn::Quantity, "3");
    let refused = typed(&test, &all, vec![stolen]).await;
    assert!(matches!(refused, Err(Error::Refused(r)) if r.code() == "need.unknown-site"));
    let first = at(item, Some(&school), NeedColumn::Quantity, "3");
    typed(&test, &all, vec![first.clone()]).await.unwrap();
    let rival = Edit {
        typed: "4".to_owned(),
        basis: Basis::Seen(String::new()),
        ..first
    };
    let refused = typed(&test, &all, vec![rival]).await;
    let Err(Error::Refused(Refusal::Need(NeedError::Conflicts(conflicts)))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(conflicts[0].reference, "2.1, École Pasteur");
}

#[tokio::test]
async fn last_years_quantities_come_back_site_by_site() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    let school = test.site(all.anstaing, "École Pasteur", None).await;
    let hall = test.site(all.anstaing, "Salle des fêtes", None).await;
    let item = all.items[0].id;
    let edits = vec![
        at(item, Some(&school), NeedColumn::Quantity, "12"),
        at(item, Some(&hall), NeedColumn::Quantity, "5"),
    ];
    typed(&test, &all, edits).await.unwrap();
    submit(&test, &all).await;
    let owner = (all.epci, all.grouping);
    let (round, items) = test
        .opened_collection(owner, "Extincteurs 2028", Some(all.round.id))
        .await;
    let plain = Collection {
        round,
        items,
        ..all
    };
    // The next round does not ask for sites: the sum comes back.
    let grid = needs::find(&test.app, &plain.clerk, plain.round.id, plain.anstaing).await;
    let grid = grid.unwrap();
    let whole = grid.line(plain.items[0].id, "").unwrap().previous;
    assert_eq!(whole, Some(Quantity(17_000)));
    let next = test.by_site(plain).await;
    let saved = drafts::take_previous(&test.app, &next.clerk, next.round.id, next.anstaing);
    assert_eq!(saved.await.unwrap().lines.len(), 2);
    submit(&test, &next).await;
    assert_eq!(total(&test, &next, 0).await, (17, 1));
    // Conditions that change ask for one confirmation, not one a site.
    declarations::withdraw(&test.app, &next.clerk, next.round.id, next.anstaing)
        .await
        .unwrap();
    assert_eq!(total(&test, &next, 0).await, (0, 0));
}

#[tokio::test]
async fn a_program_types_site_by_site_and_names_the_budget_that_pays() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    let pump = test
        .site(all.anstaing, "Station de pompage", Some("12345678901234"))
        .await;
    let water = test.annexe(all.anstaing, "Eau", None).await;
    let token = test.token_of(&all.clerk).await;
    let api = test.browser().with_token(&token);
    let here = format!(
        "/api/v1/rounds/{}/declarations/{}",
        all.round.id, all.anstaing
    );
    let seen = api.get(&here).await.expect(200);
    let lines = seen.json()["lines"].clone();
    assert_eq!(lines[0]["site_id"], json!(pump.id));
    assert_eq!(lines[0]["site_name"], "Station de pompage");
    let line = |budget: &str| {
        json!({"lines": [{
            "item_id": all.items[0].id, "site_id": pump.id, "quantity": "7", "budget_id": budget
        }]})
    };
    let cells = format!("{here}/cells");
    let any = [("if-match", "*")];
    let stranger = test.annexe(all.madeleine, "Camping", None).await;
    let refused = api
        .json(Method::PUT, &cells, &any, &line(&stranger.id.to_string()))
        .await
        .expect(409);
    assert!(refused.text().contains("need.unknown-budget"));
    let done = api
        .json(Method::PUT, &cells, &any, &line(&water.id.to_string()))
        .await
        .expect(200)
        .json();
    assert_eq!(done["lines"][0]["budget_id"], json!(water.id));
    assert_eq!(done["lines"][0]["quantity"], "7");
    submit(&test, &all).await;
    let view = test.app.store.view().await.unwrap();
    let kept = rows::of_member(&view, all.round.id, all.anstaing).await;
    assert_eq!(kept.unwrap()[0].budget, Some(water.id));
}

#[tokio::test]
async fn a_file_carries_sites_and_budgets_and_back_changes_nothing() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    test.site(all.anstaing, "École Pasteur", None).await;
    let pump = test
        .site(all.anstaing, "Pompage", Some("12345678901234"))
        .await;
    test.annexe(all.anstaing, "Eau", None).await;
    let item = all.items[0].id;
    let by_hand = format!(
        "Réf.;SIREN;Site;Quantité;Budget\n\
         {item};215900135;ecole pasteur;3;\n\
         {item};215900135;1234 5678 9012 34;4;eau\n\
         {item};215900135;Piscine;5;\n\
         {item};215900135;;6;\n\
         {item};215903683;;2;\n\
         {};215900135;École Pasteur;1;Assainissement\n",
        all.items[1].id
    );
    let (app, officer, round) = (&test.app, &all.officer, all.round.id);
    let read = |csv: String, mode| async move {
        needs_file::import(
            app,
            officer,
            round,
            csv.clone().into_bytes(),
            mode,
            &Progress::default(),
        )
        .await
        .unwrap()
    };
    let done = read(by_hand, ImportMode::Submit).await;
    let said: Vec<_> = done
        .problems
        .iter()
        .map(|p| (p.address.as_str(), p.code.as_str()))
        .collect();
    let expected = [
        ("C4", "need.unknown-site"),
        ("C5", "need.unknown-site"),
        ("E7", "need.unknown-budget"),
    ];
    assert_eq!(said, expected);
    assert_eq!(total(&test, &all, 0).await, (9, 2));
    let view = test.app.store.view().await.unwrap();
    let kept = rows::of_member(&view, round, all.anstaing).await.unwrap();
    drop(view);
    let paid = kept.iter().find(|need| need.site == Some(pump.id)).unwrap();
    assert!(paid.budget.is_some());
    let grids = imports::export(app, officer, round, None).await.unwrap();
    let table = needs_file::table(&grids, "Extincteurs", app.clock.now());
    let csv = String::from_utf8(table.to_csv().unwrap()).unwrap();
    assert!(csv.contains("Pompage") && csv.contains(";Eau"), "{csv}");
    let again = read(csv, ImportMode::Submit).await;
    assert_eq!((again.report.changes.len(), again.problems.len()), (0, 0));
}

#[tokio::test]
async fn the_grid_by_site_is_accessible() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let all = test.by_site(all).await;
    for name in ["École Pasteur", "Mairie", "Salle des fêtes"] {
        test.site(all.anstaing, name, None).await;
    }
    test.site(all.anstaing, "Pompage", Some("12345678901234"))
        .await;
    test.annexe(all.anstaing, "Eau", None).await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let path = format!("/campagnes/{}/besoins", all.round.id);
    let base = serve(test.router.clone()).await;
    assert_accessible(&base, Some(&clerk.cookie_header()), &[&path]).await;
}
