//! « À faire »: what each role is told to do, and that every line leads where it can be done.
use std::collections::BTreeSet;

use axum::http::Method;
use chrono::TimeDelta;
use domain::{
    identity::OrganisationId,
    permission::Role,
    purchasing::{invoice::LineRule, recovery::Titre},
};
use encommun::actions::{
    Actor,
    purchasing::{
        allocations, invoices, items, memberships,
        recovery::{self, Wanted},
    },
    todo::{self, Kind},
    users,
};
use serde_json::json;

use crate::support::{
    Client, TestApp,
    contracts::{Purchase, day, program},
    groupings::entry,
    invoices::line,
    rounds::{Trio, item},
};

/// The kinds of work that wait for someone.
async fn kinds(test: &TestApp, actor: &Actor) -> BTreeSet<Kind> {
    let desk = todo::desk(&test.app, actor).await.unwrap();
    desk.tasks.iter().map(|task| task.kind).collect()
}

/// The page, once each of its lines was followed to where it leads.
pub(crate) async fn followed(browser: &Client) -> String {
    let page = browser.get("/").await.expect(200).text();
    let body = page.split("<main").nth(1).unwrap();
    let body = body.split("</main>").next().unwrap();
    let links = body.split("href=\"/").skip(1);
    let links: BTreeSet<&str> = links.map(|rest| rest.split('"').next().unwrap()).collect();
    for link in links {
        let path = format!("/{}", link.replace("&#38;", "&").replace("&amp;", "&"));
        browser.get(&path).await.expect(200);
    }
    page
}

/// The figure beside an entry of the side menu.
pub(crate) fn figure(page: &str, label: &str) -> u64 {
    let entry = page.split(&format!("{label}<span class=\"count")).nth(1);
    let Some(entry) = entry else { return 0 };
    let figure = entry.split('>').nth(1).unwrap();
    figure.split('<').next().unwrap().parse().unwrap()
}

async fn titled(test: &TestApp, trio: &Trio) {
    let (app, officer) = (&test.app, &trio.officer);
    let orders = recovery::page(app, officer, Wanted::default(), 0, 50).await;
    let (orders, _) = orders.unwrap();
    let own = orders.iter().find(|o| o.order.member == trio.anstaing);
    let titre = Titre {
        number: "1208".to_owned(),
        bordereau: "87".to_owned(),
        issued_on: day("2026-09-01"),
        exercice: 2026,
    };
    recovery::issue(app, officer, own.unwrap().order.id, None, titre)
        .await
        .unwrap();
}

/// An invoice that was split, and the titre of one of its two debtors.
pub(crate) async fn billed(test: &TestApp) -> Trio {
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = || vec![line("Étude", 10_000, LineRule::Equal)];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines()))
        .await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let waiting = test.invoice(&trio, supplier, "F-2", lines());
    invoices::record(&test.app, &trio.officer, waiting)
        .await
        .unwrap();
    titled(test, &trio).await;
    trio
}

async fn person(test: &TestApp, email: &str, organisation: OrganisationId, role: Role) -> Client {
    test.user(email, &[(organisation, role)]).await;
    test.signed_in(email).await
}

#[tokio::test]
async fn an_officer_is_led_from_the_closed_round_to_the_contract() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let browser = test.signed_in("achats@mel.example").await;
    let page = followed(&browser).await;
    assert!(page.contains("Préparer la consultation"), "{page}");
    assert!(
        page.contains("obtenir l’engagement de 2\u{a0}membres"),
        "{page}"
    );
    let asked = kinds(&test, &purchase.officer).await;
    assert_eq!(asked, [Kind::Prepare, Kind::Gather].into());

    let procedure = test.launched(&purchase).await;
    let page = followed(&browser).await;
    assert!(page.contains("2\u{a0}lots sans résultat"), "{page}");
    // The members of a one-off grouping are those of its launch.
    let asked = kinds(&test, &purchase.officer).await;
    assert_eq!(asked, [Kind::Decide].into());

    let api = program(&test, &purchase.officer).await;
    award(&api, &purchase, &procedure.to_string()).await;
    followed(&browser).await;
    let asked = kinds(&test, &purchase.officer).await;
    assert_eq!(asked, [Kind::Decide, Kind::Contract].into());
}

async fn award(api: &Client, purchase: &Purchase, procedure: &str) {
    let path = format!(
        "/api/v1/procedures/{procedure}/lots/{}/award",
        purchase.lots[0]
    );
    let body = json!({
        "outcome": "awarded", "decided_on": "2026-09-01",
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "prices": [{"item": purchase.items[0], "unit_price": "9"}],
    });
    api.json(Method::POST, &path, &[], &body).await.expect(200);
}

#[tokio::test]
async fn a_procedure_to_launch_says_whom_it_waits_for() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    test.procedure(&purchase).await;
    let browser = test.signed_in("achats@mel.example").await;
    let page = followed(&browser).await;
    assert!(
        page.contains("L’engagement de 2 membres manque encore"),
        "{page}"
    );
    let asked = kinds(&test, &purchase.officer).await;
    assert_eq!(asked, [Kind::Launch, Kind::Gather].into());
}

#[tokio::test]
async fn a_contract_that_ends_within_three_months_is_to_be_renewed() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    for (number, ends_on) in [("M-1", "2026-11-30"), ("M-2", "2026-12-01")] {
        let body = json!({"grouping": trio.grouping,
            "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
            "terms": {"number": number, "title": "Extincteurs", "notified_on": "2026-01-01",
                "starts_on": "2026-01-01", "ends_on": ends_on}});
        api.json(Method::POST, "/api/v1/contracts", &[], &body)
            .await
            .expect(201);
    }
    let page = followed(&test.signed_in("achats@mel.example").await).await;
    assert!(
        page.contains("Marché M-1") && !page.contains("M-2"),
        "{page}"
    );
}

#[tokio::test]
async fn an_officer_follows_confirms_and_closes_rounds() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, made) = test.open_round(&trio).await;
    test.answered(&round, trio.anstaing, &[(made[0].id, 3)])
        .await;
    let new_price = item("Extincteur à eau", 60_000_000);
    items::edit(&test.app, &trio.officer, made[0].id, None, new_price)
        .await
        .unwrap();
    let browser = test.signed_in("achats@mel.example").await;
    let page = followed(&browser).await;
    for words in [
        "1\u{a0}membre sur 2 sans réponse",
        "faire confirmer 1\u{a0}réponse",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = followed(&clerk).await;
    assert!(page.contains("Confirmer vos besoins"), "{page}");

    // Nobody closes it: the worker does not run meanwhile.
    test.app.clock.advance(TimeDelta::days(11));
    let page = followed(&test.signed_in("achats@mel.example").await).await;
    assert!(page.contains("Clore la campagne"), "{page}");
    let asked = kinds(&test, &trio.officer).await;
    assert!(asked.contains(&Kind::Close) && !asked.contains(&Kind::Follow));
    // Its members may not answer any more.
    let asked = kinds(&test, &trio.clerk).await;
    assert!(!asked.contains(&Kind::Confirm), "{asked:?}");
}

#[tokio::test]
async fn a_member_is_asked_to_decide_then_to_sign_and_may_ask_to_leave() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = followed(&clerk).await;
    assert!(page.contains("Décider d’adhérer"), "{page}");

    let id = test.membership(trio.grouping, trio.anstaing).await.id;
    let unsigned = memberships::Entry {
        signed_on: None,
        ..entry()
    };
    memberships::decide(&test.app, &trio.clerk, id, None, unsigned)
        .await
        .unwrap();
    let page = followed(&clerk).await;
    assert!(page.contains("Signer la convention"), "{page}");

    test.joined(trio.grouping, trio.anstaing).await;
    assert!(kinds(&test, &trio.clerk).await.is_empty());
    memberships::ask_to_leave(&test.app, &trio.clerk, id, None)
        .await
        .unwrap();
    let officer = test.signed_in("achats@mel.example").await;
    let page = followed(&officer).await;
    assert!(
        page.contains("Répondre à la demande de retrait\u{a0}: Anstaing"),
        "{page}"
    );
}

#[tokio::test]
async fn accountants_follow_payments_and_read_what_came() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    let page = person(&test, "comptable@mel.example", trio.epci, Role::Accountant).await;
    let page = followed(&page).await;
    assert!(page.contains("Payer la facture F-1"), "{page}");
    assert!(
        page.contains("Faire émettre 1\u{a0}demande de titre"),
        "{page}"
    );
    // Splitting is not a right of theirs.
    assert!(!page.contains("F-2"), "{page}");

    let email = "comptable@anstaing.example";
    let page = person(&test, email, trio.anstaing, Role::Accountant).await;
    let page = followed(&page).await;
    assert!(page.contains("Lire le décompte 2026-0001-001"), "{page}");
    assert!(page.contains("Titre 1208 reçu"), "{page}");
    assert!(!page.contains("Payer la facture"), "{page}");

    // Nothing is new for ever.
    test.later(TimeDelta::days(31)).await;
    let page = test.signed_in(email).await.get("/").await.expect(200);
    assert!(page.text().contains("Rien ne vous attend"));
}

#[tokio::test]
async fn what_was_asked_too_much_is_to_be_given_back() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    let (app, officer) = (&test.app, &trio.officer);
    let all = invoices::Wanted::default();
    let found = invoices::list(app, officer, &all, None, 10).await.unwrap();
    let split = found.into_iter().find(|i| i.invoice.number == "F-1");
    let split = split.unwrap().invoice;
    let lines = vec![line("Étude", -5_000, LineRule::Equal)];
    let mut credit = test.invoice(&trio, split.supplier, "A-1", lines);
    credit.credited = Some(split.id);
    let credit = test.checked(&trio, credit).await;
    allocations::allocate(app, officer, credit.id, None)
        .await
        .unwrap();
    let page = followed(&test.signed_in("achats@mel.example").await).await;
    assert!(
        page.contains("Faire émettre 1\u{a0}régularisation"),
        "{page}"
    );
    assert!(page.contains("30,00\u{202f}€"), "{page}");
}

#[tokio::test]
async fn a_statement_that_a_correction_replaced_is_not_to_read() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    let (app, officer) = (&test.app, &trio.officer);
    let all = invoices::Wanted::default();
    let found = invoices::list(app, officer, &all, None, 10).await.unwrap();
    let split = found.iter().find(|i| i.invoice.number == "F-1").unwrap();
    let motive = Some("Quantités corrigées".to_owned());
    allocations::allocate(app, officer, split.invoice.id, motive)
        .await
        .unwrap();
    let desk = todo::desk(app, &trio.clerk).await.unwrap();
    let titles: Vec<_> = desk
        .tasks
        .iter()
        .filter(|task| task.kind == Kind::ReadStatement)
        .map(|task| task.title.as_str())
        .collect();
    assert_eq!(titles, ["2026-0002-001"]);
}

#[tokio::test]
async fn an_administrator_is_told_who_never_came_and_who_cannot_be_reached() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let new = users::NewUser {
        email: domain::identity::Email::parse("elu@anstaing.example").unwrap(),
        name: "Élue".to_owned(),
        phone: None,
        roles: vec![
            (trio.anstaing, Role::Approver),
            (trio.anstaing, Role::DeclaringAgent),
        ],
        operator: false,
    };
    users::invite(&test.app, &Actor::operator(), new)
        .await
        .unwrap();
    let email = "dgs@anstaing.example";
    let browser = person(&test, email, trio.anstaing, Role::Administrator).await;
    let page = followed(&browser).await;
    assert!(
        page.contains("Anstaing\u{a0}: 1\u{a0}personne invitée ne s’est jamais connectée"),
        "{page}"
    );
    assert!(page.contains("Donner une adresse à Anstaing"), "{page}");
}

#[tokio::test]
async fn nothing_waits_for_who_keeps_the_equipment() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    let email = "materiel@mel.example";
    let browser = person(&test, email, trio.epci, Role::EquipmentManager).await;
    let page = followed(&browser).await;
    assert!(page.contains("Rien ne vous attend"), "{page}");
    assert_eq!(figure(&page, "À faire"), 0);
}
