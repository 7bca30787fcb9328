//! Groupings, agreements and memberships, by page and by API.
use axum::http::Method;
use domain::permission::Role;
use serde_json::json;

use crate::support::{TestApp, groupings::entry};

const MEL: &str = "mel@mel.example";
const CLERK: &str = "mairie@anstaing.example";

/// A coordinator with an officer, a commune with a clerk, another commune without.
struct Stage {
    test: TestApp,
    mel: domain::identity::OrganisationId,
    anstaing: domain::identity::OrganisationId,
    lompret: domain::identity::OrganisationId,
}

async fn stage() -> Stage {
    let test = TestApp::new().await;
    let mel = test
        .epci("Métropole Européenne de Lille", "200093201")
        .await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let lompret = test.commune("Lompret", "59356", "215903568").await;
    test.user(MEL, &[(mel, Role::PurchasingOfficer)]).await;
    test.user(CLERK, &[(anstaing, Role::DeclaringAgent)]).await;
    Stage {
        test,
        mel,
        anstaing,
        lompret,
    }
}

fn fields<'a>(basis: &'a str, regime: &'a str, statutes: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("titre", "Extincteurs"),
        ("famille", "Sécurité incendie"),
        ("genre", "permanent"),
        ("fondement", basis),
        ("statuts", statutes),
        ("regime", regime),
    ]
}

#[tokio::test]
async fn an_officer_creates_a_grouping_and_sees_it_in_the_list() {
    let stage = stage().await;
    let browser = stage.test.signed_in(MEL).await;
    let empty = browser.get("/groupements").await.expect(200).text();
    assert!(empty.contains("Aucun groupement"), "{empty}");
    browser.get("/groupements/nouveau").await.expect(200);
    let sent = fields("l2113_6", "coordinator_pays", "");
    let created = browser.post("/groupements", &sent).await.expect(303);
    let members = created.location.unwrap();
    assert!(members.ends_with("/membres"));
    browser.get(&members).await.expect(200);
    let overview = members.trim_end_matches("/membres");
    for tab in ["", "/convention", "/pieces", "/historique", "/modifier"] {
        browser.get(&format!("{overview}{tab}")).await.expect(200);
    }
    let list = browser
        .get("/groupements?q=extincteurs")
        .await
        .expect(200)
        .text();
    assert!(list.contains("Sécurité incendie"), "{list}");
    let none = browser
        .get("/groupements?q=balayeuse")
        .await
        .expect(200)
        .text();
    assert!(none.contains("Aucun groupement ne correspond"));
}

#[tokio::test]
async fn the_law_is_told_with_what_was_typed_kept() {
    let stage = stage().await;
    let browser = stage.test.signed_in(MEL).await;
    let no_statutes = fields("l5211_4_4", "coordinator_pays", "");
    let page = browser
        .post("/groupements", &no_statutes)
        .await
        .expect(422)
        .text();
    assert!(page.contains("Référence des statuts"), "{page}");
    assert!(page.contains("value=\"Extincteurs\""), "{page}");
    let mismatch = fields("l2113_2", "coordinator_pays", "");
    let page = browser
        .post("/groupements", &mismatch)
        .await
        .expect(409)
        .text();
    assert!(page.contains("Une centrale d’achat"), "{page}");
    assert!(
        page.contains("grossiste"),
        "the form says what is not served"
    );
}

#[tokio::test]
async fn a_free_epci_buys_for_its_communes_only_and_asks_no_fee() {
    let stage = stage().await;
    let browser = stage.test.signed_in(MEL).await;
    let sent = fields("l5211_4_4", "coordinator_pays", "article 7");
    let members = browser.post("/groupements", &sent).await.expect(303);
    let members = members.location.unwrap();
    // Made by hand, Lompret says no EPCI: it cannot be bought for on this ground.
    let lompret = stage.lompret.to_string();
    let page = browser
        .post(&members, &[("organisme", &lompret)])
        .await
        .expect(409)
        .text();
    assert!(page.contains("Lompret n’est pas une commune"), "{page}");
    let agreement = members.replace("/membres", "/convention");
    let clauses = [
        ("objet", "Vérification des extincteurs"),
        ("debut", "01/10/2026"),
        ("tva", "gross"),
        ("frais", "0,40 % du montant"),
    ];
    let page = browser.post(&agreement, &clauses).await.expect(409).text();
    assert!(page.contains("à titre gratuit"), "{page}");
    assert!(page.contains("0,40 % du montant"), "kept: {page}");
}

#[tokio::test]
async fn a_clerk_records_the_decision_of_its_commune_and_asks_to_leave() {
    let stage = stage().await;
    let members = [stage.anstaing, stage.lompret];
    let grouping = stage.test.grouping(stage.mel, &members).await;
    let own = stage.test.membership(grouping.id, stage.anstaing).await;
    let other = stage.test.membership(grouping.id, stage.lompret).await;
    let browser = stage.test.signed_in(CLERK).await;
    let home = format!("/groupements/{}", grouping.id);
    let page = browser.get(&home).await.expect(200).text();
    assert!(page.contains("n’est pas encore exécutoire"), "{page}");
    let decision = [
        ("nature_decision", "deliberation"),
        ("numero", "2026-17"),
        ("prise_le", "03/03/2026"),
        ("transmise_le", "05/03/2026"),
        ("signee_le", "09/03/2026"),
    ];
    let of = |id| format!("{home}/adhesions/{id}");
    browser.post(&of(other.id), &decision).await.expect(403);
    browser.post(&of(own.id), &decision).await.expect(303);
    let page = browser.get(&of(own.id)).await.expect(200).text();
    assert!(page.contains("Exécutoire"), "{page}");
    let impossible = [
        ("nature_decision", "deliberation"),
        ("numero", "2026-17"),
        ("prise_le", "03/03/2026"),
        ("transmise_le", "01/03/2026"),
    ];
    let page = browser
        .post(&of(own.id), &impossible)
        .await
        .expect(409)
        .text();
    assert!(page.contains("ne peut pas avoir été transmise"), "{page}");

    let leave = format!("{}/demande-de-depart", of(own.id));
    browser.post(&leave, &[]).await.expect(303);
    let officer = stage.test.signed_in(MEL).await;
    let members = officer
        .get(&format!("{home}/membres"))
        .await
        .expect(200)
        .text();
    assert!(members.contains("Demande à partir"), "{members}");
    let end = format!("{}/depart", of(own.id));
    browser.post(&end, &[]).await.expect(403);
    officer.post(&end, &[]).await.expect(303);
    let gone = stage.test.membership(grouping.id, stage.anstaing).await;
    assert!(!gone.takes_part());
    browser.get(&home).await.expect(200);
}

#[tokio::test]
async fn what_is_not_yours_does_not_exist() {
    let stage = stage().await;
    let grouping = stage.test.grouping(stage.mel, &[stage.lompret]).await;
    let browser = stage.test.signed_in(CLERK).await;
    let home = format!("/groupements/{}", grouping.id);
    for path in ["", "/membres", "/convention", "/pieces", "/historique"] {
        browser.get(&format!("{home}{path}")).await.expect(404);
    }
    let terms = fields("l2113_6", "each_signs", "");
    browser
        .post(&format!("{home}/modifier"), &terms)
        .await
        .expect(404);
    let list = browser.get("/groupements").await.expect(200).text();
    assert!(!list.contains("Extincteurs"), "{list}");
}

#[tokio::test]
async fn every_commune_of_the_epci_is_asked_in_one_click_and_once() {
    let stage = stage().await;
    let view = stage.test.app.store.view().await.unwrap();
    let mut commune = encommun::store::organisations::find(&view, stage.anstaing)
        .await
        .unwrap();
    drop(view);
    commune.epci_siren = Some(domain::identity::Siren::parse("200093201").unwrap());
    let begun = stage
        .test
        .app
        .begin(&encommun::actions::Actor::operator(), "organisation.update")
        .await
        .unwrap();
    let encommun::store::Begun::Fresh(tx) = begun else {
        panic!("no key")
    };
    encommun::store::organisations::save(&tx, &commune)
        .await
        .unwrap();
    let scope = encommun::store::Scope::Organisation(stage.anstaing);
    let line = encommun::store::Line::about(scope, "organisation", stage.anstaing.0);
    tx.commit(line).await.unwrap();

    let grouping = stage.test.grouping(stage.mel, &[]).await;
    let browser = stage.test.signed_in(MEL).await;
    let path = format!("/groupements/{}/membres/communes", grouping.id);
    let key = [("operation", "une-fois")];
    browser.post(&path, &key).await.expect(303);
    browser.post(&path, &key).await.expect(303);
    browser.post(&path, &[]).await.expect(303);
    let invited = stage.test.membership(grouping.id, stage.anstaing).await;
    assert!(invited.takes_part());
    let view = stage.test.app.store.view().await.unwrap();
    let list = encommun::store::purchasing::memberships::list(&view, grouping.id)
        .await
        .unwrap();
    assert_eq!(list.len(), 1);
}

#[tokio::test]
async fn a_signed_agreement_is_amended_and_never_changed() {
    let stage = stage().await;
    let grouping = stage.test.grouping(stage.mel, &[]).await;
    let browser = stage.test.signed_in(MEL).await;
    let base = format!("/groupements/{}/convention", grouping.id);
    let clauses = |signed| {
        vec![
            ("objet", "Vérification des extincteurs"),
            ("debut", "01/10/2026"),
            ("tva", "gross"),
            ("signee_le", signed),
        ]
    };
    browser.post(&base, &clauses("")).await.expect(303);
    let page = browser.post(&base, &clauses("")).await.expect(409).text();
    assert!(page.contains("n’est pas encore signée"), "{page}");
    let view = stage.test.app.store.view().await.unwrap();
    let versions = encommun::store::purchasing::agreements::list(&view, grouping.id)
        .await
        .unwrap();
    drop(view);
    let first = format!("{base}/{}", versions[0].id);
    browser.get(&first).await.expect(200);
    browser
        .post(&first, &clauses("01/09/2026"))
        .await
        .expect(303);
    browser.post(&first, &clauses("")).await.expect(409);
    browser.get(&format!("{base}/nouvelle")).await.expect(200);
    browser.post(&base, &clauses("")).await.expect(303);
    let page = browser.get(&base).await.expect(200).text();
    assert!(page.contains("Version 2") && page.contains("Version 1"));
}

#[tokio::test]
async fn the_api_creates_reads_changes_and_asks_for_versions() {
    let stage = stage().await;
    let token = stage.test.token(MEL).await;
    let api = stage.test.browser().with_token(&token);
    let body = json!({
        "owner_id": stage.mel,
        "terms": {"title": "Papier", "kind": "permanent", "family": "Fournitures",
                  "legal_basis": "l2113_6", "regime": "coordinator_signs"},
    });
    let made = api
        .json(Method::POST, "/api/v1/groupings", &[], &body)
        .await
        .expect(201)
        .json();
    let path = format!("/api/v1/groupings/{}", made["id"].as_str().unwrap());
    let read = api.get(&path).await.expect(200);
    assert_eq!(read.headers["etag"], "\"0\"");
    let terms = &body["terms"];
    api.json(Method::PUT, &path, &[], terms).await.expect(428);
    let stale = [("if-match", "\"7\"")];
    api.json(Method::PUT, &path, &stale, terms)
        .await
        .expect(412);
    let fresh = [("if-match", "\"0\"")];
    let changed = api
        .json(Method::PUT, &path, &fresh, terms)
        .await
        .expect(200);
    assert_eq!(changed.headers["etag"], "\"1\"");
    let mut wrong = terms.clone();
    wrong["regime"] = json!("gratuit");
    wrong["title"] = json!("");
    let problem = api
        .json(Method::PUT, &path, &[("if-match", "*")], &wrong)
        .await
        .expect(422)
        .json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);

    let asked = json!({"organisations": [stage.anstaing, stage.lompret]});
    let members = format!("{path}/memberships");
    let invited = api
        .json(Method::POST, &members, &[], &asked)
        .await
        .expect(201)
        .json();
    assert_eq!(invited["items"].as_array().unwrap().len(), 2);
    api.json(Method::POST, &members, &[], &asked)
        .await
        .expect(409);
    let first = api
        .get(&format!("{members}?limit=1"))
        .await
        .expect(200)
        .json();
    let next = first["next"].as_str().unwrap();
    let second = api
        .get(&format!("{members}?limit=1&cursor={next}"))
        .await
        .expect(200)
        .json();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert!(second["next"].is_null());

    let journal = api
        .get(&format!(
            "/api/v1/journal?scope={}",
            made["id"].as_str().unwrap()
        ))
        .await
        .expect(200)
        .json();
    let actions: Vec<&str> = journal["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["membership.invite", "grouping.update", "grouping.create"]
    );
}

#[tokio::test]
async fn a_phase_always_has_a_coordinator_from_inside() {
    let stage = stage().await;
    let grouping = stage.test.grouping(stage.mel, &[stage.anstaing]).await;
    stage.test.joined(grouping.id, stage.anstaing).await;
    assert!(entry().decision.is_some());
    let browser = stage.test.signed_in(MEL).await;
    let path = format!("/groupements/{}/coordonnateurs", grouping.id);
    let mel = stage.mel.to_string();
    let anstaing = stage.anstaing.to_string();
    let one = |id| [("phase", "execution"), ("coordonnateur", id)];
    let remove = format!("{path}/retrait");
    let page = browser.post(&remove, &one(&mel)).await.expect(409).text();
    assert!(page.contains("n’aurait plus de coordonnateur"), "{page}");
    let lompret = stage.lompret.to_string();
    browser.post(&path, &one(&lompret)).await.expect(409);
    browser.post(&path, &one(&anstaing)).await.expect(303);
    browser.post(&remove, &one(&mel)).await.expect(303);
    let membership = stage.test.membership(grouping.id, stage.anstaing).await;
    let end = format!(
        "/groupements/{}/adhesions/{}/depart",
        grouping.id, membership.id
    );
    let page = browser.post(&end, &[]).await.expect(409).text();
    assert!(page.contains("coordonne une phase"), "{page}");
}

#[tokio::test]
async fn a_clerk_chooses_the_lots_of_its_commune_by_page() {
    use domain::purchasing::membership::JoinedLots;
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (_, items) = test.open_round(&trio).await;
    let (draft, hidden) = test.drafted_round(&trio).await;
    let own = test.membership(trio.grouping, trio.anstaing).await;
    let other = test.membership(trio.grouping, trio.madeleine).await;
    let of = |id| format!("/groupements/{}/adhesions/{id}", trio.grouping);
    let clerk = test.signed_in(CLERK).await;
    let page = clerk.get(&of(own.id)).await.expect(200).text();
    assert!(page.contains("À tous les lots"), "{page}");
    assert!(page.contains("Lot\u{a0}1 · Fourniture"), "{page}");
    let secret = hidden[0].lot.to_string();
    assert!(!page.contains(&secret), "{} is a draft", draft.title);
    let page = clerk.get(&of(other.id)).await.expect(200).text();
    assert!(!page.contains("name=\"participation\""), "{page}");

    // The coordinator kept the member on a lot being prepared: the clerk's choice leaves it.
    let lots = |id| format!("{}/lots", of(id));
    let officer = test.signed_in("achats@mel.example").await;
    let some = [("participation", "certains"), ("lot", secret.as_str())];
    officer.post(&lots(own.id), &some).await.expect(303);
    let lot = items[0].lot.to_string();
    let some = [("participation", "certains"), ("lot", lot.as_str())];
    clerk.post(&lots(own.id), &some).await.expect(303);
    let chosen = test.membership(trio.grouping, trio.anstaing).await.lots;
    let expected = [items[0].lot, hidden[0].lot].into();
    assert_eq!(chosen, JoinedLots::Some(expected));
    clerk.post(&lots(other.id), &some).await.expect(403);
    let unknown = [
        ("participation", "certains"),
        ("lot", "01926e6a-0000-7000-8000-000000000000"),
    ];
    let page = clerk.post(&lots(own.id), &unknown).await.expect(409).text();
    assert!(page.contains("n’appartient pas à une campagne"), "{page}");
    let all = [("participation", "tous")];
    clerk.post(&lots(own.id), &all).await.expect(303);
    let chosen = test.membership(trio.grouping, trio.anstaing).await.lots;
    assert_eq!(chosen, JoinedLots::All);
}
