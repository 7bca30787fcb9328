//! Every page of the service, found by its links and looked at in a real browser.
//!
//! The list comes from the routes themselves: a new page that no link and no step below leads to
//! fails here, and so does one that breaks a rule of accessibility.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use chrono::Datelike;
use domain::{
    allocation::TaxTotal,
    identity::Siren,
    money::Cents,
    permission::Role,
    purchasing::{
        invoice::{InvoiceKind, PrintedTotals},
        recovery::{RecoveryState, Titre},
    },
};
use encommun::{
    actions::{
        App, demo,
        purchasing::{
            allocations,
            invoices::{self, NewInvoice, NewLine},
            recovery,
        },
    },
    cli, web, worker,
};

use crate::{
    accessibility::{Depth, inspect},
    browser::{Browser, serve},
    support::{Client, TestApp},
};

/// A long name, fifteen communes: everything in the story, on small pages.
const STAGE: &str = "244400610";
/// What is no page, reviewed: files, models to fill in, the download of an attachment.
const NOT_PAGES: [&str; 13] = [
    "/campagnes/{id}/besoins.csv",
    "/campagnes/{id}/besoins.xlsx",
    "/cloture/{format}",
    "/collectivites/{id}/sites/export/{format}",
    "/collectivites/{id}/sites/import/modele.csv",
    "/decomptes/{id}/{format}",
    "/factures/{id}/repartition/dossier",
    "/factures/{id}/repartition/{format}",
    "/pieces/{id}",
    "/regularisations/export/{format}",
    "/titres/export/{format}",
    "/utilisateurs/export/{format}",
    "/utilisateurs/import/modele.csv",
];
/// The pages that are used most, also looked at in the dark and on a telephone.
const MAIN: [&str; 8] = [
    "/",
    "/campagnes/{id}",
    "/campagnes/{id}/besoins",
    "/connexion",
    "/decomptes/{id}",
    "/factures/{id}",
    "/factures/{id}/repartition",
    "/factures/nouvelle",
];
/// How many links one visitor follows at most.
const LINKS_MAX: usize = 600;

/// Someone who looks, and the addresses that only they are sent.
struct Visitor {
    client: Client,
    start: Vec<String>,
}

#[tokio::test]
async fn every_page_is_reached_by_a_link_and_accessible() {
    let test = TestApp::new().await;
    let app = App {
        demo: true,
        ..test.app.clone()
    };
    let siren = Siren::parse(STAGE).unwrap();
    cli::demo::stage(&app, &siren).await.unwrap();
    ask_too_much(&test, &app).await;
    let router = cli::router(app.clone());
    let visitors = visitors(&app, &router).await;
    let patterns: BTreeSet<&str> = web::listed()
        .into_iter()
        .filter(|(method, _)| *method == Method::GET)
        .map(|(_, path)| path)
        .filter(|path| !NOT_PAGES.contains(path))
        .collect();
    let mut found = BTreeMap::new();
    for (rank, visitor) in visitors.iter().enumerate() {
        walk(visitor, rank, &patterns, &mut found).await;
    }
    let missing: Vec<_> = patterns
        .iter()
        .filter(|pattern| !found.contains_key(**pattern))
        .collect();
    assert!(missing.is_empty(), "no link leads to {missing:?}");

    let base = serve(router).await;
    let browser = Browser::start().await;
    let mut faults = Vec::new();
    for (rank, visitor) in visitors.iter().enumerate() {
        let cookie = visitor.client.cookie_header();
        browser
            .sign_in((!cookie.is_empty()).then_some(&*cookie))
            .await;
        for (pattern, (path, _)) in found.iter().filter(|(_, (_, by))| *by == rank) {
            let depth = if MAIN.contains(pattern) {
                Depth::Whole
            } else {
                Depth::Light
            };
            faults.extend(inspect(&browser, &base, path, depth).await);
        }
    }
    browser.close().await;
    let count = faults.len();
    assert!(faults.is_empty(), "{count} faults:\n{}", faults.join("\n"));
}

/// Follows the links of the pages that answer, and keeps the first address of each route.
async fn walk<'a>(
    visitor: &Visitor,
    rank: usize,
    patterns: &BTreeSet<&'a str>,
    found: &mut BTreeMap<&'a str, (String, usize)>,
) {
    let mut known: BTreeSet<String> = visitor.start.iter().cloned().collect();
    let mut waiting: VecDeque<String> = visitor.start.iter().cloned().collect();
    let mut opened: BTreeMap<&str, usize> = BTreeMap::new();
    let mut left = LINKS_MAX;
    while let Some(path) = waiting.pop_front() {
        let place = path.split(['?', '#']).next().unwrap_or_default();
        let Some(pattern) = pattern_of(place, patterns) else {
            continue;
        };
        // Two of each kind show every link that leads on; a third says nothing new.
        let times = opened.entry(pattern).or_default();
        if *times >= 3 || left == 0 {
            continue;
        }
        (*times, left) = (*times + 1, left - 1);
        let answer = visitor.client.get(&path).await;
        if answer.status != StatusCode::OK && !pattern.starts_with("/lien/") {
            let status = answer.status;
            assert!(
                status.is_redirection(),
                "{path} answers {status} though a page links to it"
            );
            continue;
        }
        found.entry(pattern).or_insert_with(|| (path.clone(), rank));
        let page = answer.text();
        let loose = loose_signs(&page);
        assert!(
            loose.is_empty(),
            "{path}: a line may begin with a sign: {loose:?}"
        );
        for link in links(&page) {
            if known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
}

/// Signs that an ordinary space lets fall to the next line: in French it does not break.
fn loose_signs(page: &str) -> Vec<String> {
    let mut text = String::new();
    for part in page.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    let signs = [" :", " ;", " ?", " !", " »", "« "];
    let places = signs.iter().flat_map(|sign| text.match_indices(sign));
    let around = places.map(|(at, _)| {
        let (before, after) = text.split_at(at);
        let skipped = before.chars().count().saturating_sub(20);
        before
            .chars()
            .skip(skipped)
            .chain(after.chars().take(10))
            .collect()
    });
    around.collect()
}

/// Exact segments win over parameters: `/groupements/nouveau` is no grouping.
fn pattern_of<'a>(path: &str, patterns: &BTreeSet<&'a str>) -> Option<&'a str> {
    let matches = |pattern: &&&str| {
        let (mut asked, mut known) = (path.split('/'), pattern.split('/'));
        loop {
            match (asked.next(), known.next()) {
                (None, None) => return true,
                (Some(a), Some(k)) if a == k || (k.starts_with('{') && !a.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let mut all: Vec<&str> = patterns.iter().filter(matches).copied().collect();
    all.sort_by_key(|pattern| pattern.matches('{').count());
    all.first().copied()
}

/// The addresses of this service that a page links to.
fn links(page: &str) -> Vec<String> {
    let after = page.split("href=\"").skip(1);
    after
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| link.starts_with('/') && !link.starts_with("/assets/"))
        .map(|link| link.replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}

/// The purchasing officer with something of everything, then those who see other pages.
async fn visitors(app: &App, router: &axum::Router) -> Vec<Visitor> {
    let personas = demo::personas(app).await.unwrap();
    let mut visitors = vec![Visitor {
        client: Client::new(router.clone()),
        start: vec![
            "/connexion".to_owned(),
            "/aide".to_owned(),
            "/lien/une-adresse-perdue".to_owned(),
        ],
    }];
    for persona in &personas {
        let client = Client::new(router.clone());
        let user = persona.user.id.to_string();
        client
            .post("/demo/connexion", &[("user", &*user)])
            .await
            .expect(303);
        let mut start = vec!["/".to_owned(), "/recherche?q=guerande".to_owned()];
        if persona.role == Role::PurchasingOfficer && visitors.len() == 1 {
            start.extend(furnish(&client).await);
            start.push(try_large_file(&client).await);
            worker::round(app).await.unwrap();
        }
        visitors.push(Visitor { client, start });
    }
    visitors
}

/// A titre was issued for an invoice that its supplier then takes back.
async fn ask_too_much(test: &TestApp, app: &App) {
    let personas = demo::personas(app).await.unwrap();
    let officer = personas.iter().find(|p| p.role == Role::PurchasingOfficer);
    let actor = test.actor(officer.unwrap().user.email.as_str()).await;
    let wanted = recovery::Wanted {
        state: Some(RecoveryState::ToIssue),
        ..recovery::Wanted::default()
    };
    let (orders, _) = recovery::page(app, &actor, wanted, 0, 1).await.unwrap();
    let order = &orders.first().unwrap().order;
    let today = app.clock.now().date_naive();
    let titre = Titre {
        number: "9001".to_owned(),
        bordereau: "87".to_owned(),
        issued_on: today,
        exercice: today.year(),
    };
    recovery::issue(app, &actor, order.id, None, titre)
        .await
        .unwrap();
    let source = order.sources.first().unwrap();
    let paid = invoices::find(app, &actor, *source).await.unwrap();
    let back = |amount: Cents| amount.checked_neg().unwrap();
    let credit = NewInvoice {
        grouping: paid.grouping,
        contract: paid.contract,
        supplier: paid.supplier,
        kind: InvoiceKind::CreditNote,
        credited: Some(paid.id),
        number: "A-9001".to_owned(),
        title: "Facture reprise".to_owned(),
        issued_on: today,
        received_on: today,
        service: None,
        printed: PrintedTotals {
            net: back(paid.printed.net),
            tax: back(paid.printed.tax),
            gross: back(paid.printed.gross),
        },
        lines: paid
            .lines
            .iter()
            .map(|line| NewLine {
                lot: line.lot,
                item: None,
                label: line.label.clone(),
                quantity: None,
                unit_price: None,
                net: back(line.net),
                tax: line.tax,
                rule: Some(line.rule.clone()),
            })
            .collect(),
        taxes: paid
            .taxes
            .iter()
            .map(|tax| TaxTotal {
                group: tax.group,
                amount: back(tax.amount),
            })
            .collect(),
        duplicate_motive: None,
    };
    let credit = invoices::record(app, &actor, credit).await.unwrap().id;
    invoices::check(app, &actor, credit).await.unwrap();
    allocations::allocate(app, &actor, credit, None)
        .await
        .unwrap();
}

/// What the story leaves out: a contact, a budget and a site of one's own, a started agreement,
/// an invoice that can still be changed.
async fn furnish(officer: &Client) -> Vec<String> {
    let own = first_link(officer, "/utilisateurs", "/utilisateurs/import?organisme=").await;
    let grouping = first_link(officer, "/groupements", "/groupements/0").await;
    let organisation = format!("/collectivites/{own}");
    let things: [(&str, &[(&str, &str)]); 3] = [
        (
            "contacts",
            &[
                ("nom", "Marie Lambert"),
                ("fonction", "Achats"),
                ("actif", "oui"),
            ],
        ),
        (
            "budgets",
            &[
                ("nom", "Budget principal"),
                ("nature", "main"),
                ("actif", "oui"),
            ],
        ),
        (
            "sites",
            &[
                ("nature", "building"),
                ("nom", "Siège"),
                ("surface", "1 234,5"),
            ],
        ),
    ];
    for (kind, fields) in things {
        let form = format!("{organisation}/{kind}/nouveau");
        officer.post(&form, fields).await.expect(303);
    }
    let grouping = format!("0{grouping}");
    let draft = [
        ("objet", "Avenant"),
        ("debut", "01/01/2027"),
        ("tva", "gross"),
    ];
    officer
        .post(&format!("/groupements/{grouping}/convention"), &draft)
        .await
        .expect(303);
    let rule = [
        ("nom", "Parts égales"),
        ("forme", "equal"),
        ("a_partir_du", "01/01/2027"),
        ("tva", "exact"),
    ];
    officer
        .post(&format!("/groupements/{grouping}/regles"), &rule)
        .await
        .expect(303);
    let form = format!("/factures/nouvelle?groupement={grouping}");
    let typing = officer.get(&form).await.expect(200).text();
    let supplier = typing.split("value=\"f:").nth(1).unwrap();
    let supplier = format!("f:{}", supplier.split('"').next().unwrap());
    let fields = [
        ("groupement", grouping.as_str()),
        ("nature", "invoice"),
        ("marche", supplier.as_str()),
        ("numero", "F-26-9999"),
        ("objet", "Publicité"),
        ("emise_le", "17/08/2026"),
        ("recue_le", "21/08/2026"),
        ("lignes", "4"),
        (
            "libelle_1",
            "Avis de publicité au journal d’annonces légales",
        ),
        ("ht_1", "1 000,01"),
        ("taxe_1", "S:20"),
        ("regle_1", "equal"),
        ("imprimee_1", "S:20"),
        ("montant_1", "200,00"),
        ("total_ht", "1 000,01"),
        ("total_taxe", "200,00"),
        ("total_ttc", "1 200,02"),
    ];
    officer.post("/factures", &fields).await.expect(303);
    vec![
        organisation,
        // What was delivered is typed from its invoice, which newer ones push down the list.
        "/factures?q=extincteurs".to_owned(),
        form,
        format!("/pieces/nouvelle?sur=grouping&objet={grouping}&retour=/groupements"),
    ]
}

/// A file too large to wait for, tried: the page that follows it.
async fn try_large_file(officer: &Client) -> String {
    let round = first_link(officer, "/campagnes", "/campagnes/0").await;
    let round = format!("/campagnes/0{round}/besoins");
    let csv = officer
        .get(&format!("{round}.csv"))
        .await
        .expect(200)
        .text();
    let mut lines = csv.lines();
    let (heads, line) = (lines.next().unwrap(), lines.next().unwrap());
    let rows = format!("{line}\r\n").repeat(2_001);
    let body = format!(
        "--limite\r\ncontent-disposition: form-data; name=\"essai\"\r\n\r\noui\r\n\
         --limite\r\ncontent-disposition: form-data; name=\"fichier\"; filename=\"b.csv\"\r\n\r\n\
         {heads}\r\n{rows}\r\n--limite--\r\n"
    );
    let kind = [("content-type", "multipart/form-data; boundary=limite")];
    let form = format!("{round}/import");
    let sent = officer.send(Method::POST, &form, &kind, Body::from(body));
    sent.await.expect(303).location.unwrap()
}

/// What follows `start` in the first link of a page that begins so.
async fn first_link(client: &Client, page: &str, start: &str) -> String {
    let text = client.get(page).await.expect(200).text();
    let found = links(&text).into_iter();
    found
        .filter_map(|link| link.strip_prefix(start).map(str::to_owned))
        .next()
        .unwrap_or_else(|| panic!("{page} has no link to {start}"))
}
