//! Invoices: recorded as printed, checked to the cent, duplicates refused.
use axum::http::Method;
use domain::{money::Cents, purchasing::invoice::LineRule};
use encommun::actions::{
    Error,
    purchasing::{invoices, statements},
};
use serde_json::json;

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, contracts::program, invoices::line},
};

#[tokio::test]
async fn an_invoice_is_typed_checked_and_split_by_its_pages() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    officer.get("/factures").await.expect(200);
    officer.get("/factures/nouvelle").await.expect(200);
    let grouping = trio.grouping.to_string();
    let form = officer
        .get(&format!("/factures/nouvelle?groupement={grouping}"))
        .await
        .expect(200);
    assert!(form.text().contains("Selon la population municipale 2026"));
    let supplier = format!("f:{supplier}");
    let mut fields = vec![
        ("groupement", grouping.as_str()),
        ("operation", "une-fois"),
        ("nature", "invoice"),
        ("marche", supplier.as_str()),
        ("numero", "F-26-0412"),
        ("objet", "Plateforme des marchés"),
        ("emise_le", "17/08/2026"),
        ("recue_le", "21/08/2026"),
        ("lignes", "4"),
        ("libelle_1", "Abonnement"),
        ("ht_1", "1 000,01"),
        ("taxe_1", "S:20"),
        ("regle_1", "population:municipale:2026"),
        ("imprimee_1", "S:20"),
        ("montant_1", "200,00"),
        ("total_ht", "1 000,01"),
        ("total_taxe", "200,00"),
        ("total_ttc", "1 200,02"),
    ];
    let made = officer.post("/factures", &fields).await.expect(303);
    let again = officer.post("/factures", &fields).await.expect(303);
    assert_eq!(made.location, again.location);
    let here = made.location.unwrap();
    let page = officer.get(&here).await.expect(200).text();
    assert!(page.contains("Cette facture ne tombe pas juste"), "{page}");
    assert!(page.contains("s’écarte de 0,01\u{202f}€"), "{page}");
    officer
        .post(&format!("{here}/controle"), &[])
        .await
        .expect(409);

    fields.retain(|(name, _)| !["total_ttc", "operation"].contains(name));
    fields.push(("total_ttc", "1 200,01"));
    let edit = format!("{here}/modifier");
    officer.get(&edit).await.expect(200);
    officer.post(&edit, &fields).await.expect(303);
    officer
        .post(&format!("{here}/controle"), &[])
        .await
        .expect(303);
    officer
        .post(&format!("{here}/repartition"), &[])
        .await
        .expect(303);
    let split = format!("{here}/repartition");
    let page = officer.get(&split).await.expect(200).text();
    assert!(
        page.contains("Total exact") && page.contains("La Madeleine"),
        "{page}"
    );
    let why = format!("{split}?membre={}", trio.anstaing);
    let page = officer.get(&why).await.expect(200).text();
    assert!(page.contains("Pourquoi ce centime"), "{page}");
    let csv = officer
        .get(&format!("{split}/csv"))
        .await
        .expect(200)
        .text();
    assert!(csv.contains("Total;") && csv.contains("1200,01"), "{csv}");
    officer.get(&format!("{split}/xlsx")).await.expect(200);
    officer.post(&edit, &fields).await.expect(409);

    // The clerk of a member sees its statement, not the others' figures.
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.get(&here).await.expect(404);
    clerk.get(&split).await.expect(404);
    let list = clerk.get("/decomptes").await.expect(200).text();
    assert!(list.contains("2026-0001-001"), "{list}");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_keeps_what_was_typed() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let grouping = trio.grouping.to_string();
    let fields = [
        ("groupement", grouping.as_str()),
        ("numero", "F-1"),
        ("libelle_1", "Abonnement"),
        ("ht_1", "1.234,5"),
    ];
    let page = officer.post("/factures", &fields).await.expect(422).text();
    assert!(
        page.contains("1.234,5") && page.contains("Montant HT, ligne 1"),
        "{page}"
    );
}

#[tokio::test]
async fn the_same_number_twice_needs_a_motive() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let new = || {
        test.invoice(
            &trio,
            supplier,
            "F-1",
            vec![line("Étude", 10_000, LineRule::Equal)],
        )
    };
    let (app, officer) = (&test.app, &trio.officer);
    invoices::record(app, officer, new()).await.unwrap();
    let refused = invoices::record(app, officer, new()).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(r) if r.code() == "invoice.duplicate"));
    let mut third = new();
    third.duplicate_motive = Some("Deux prestations sous le même numéro".to_owned());
    let third = invoices::record(app, officer, third).await.unwrap();
    assert_eq!(
        (third.duplicate_rank, third.printed.gross),
        (1, Cents(12_000))
    );
}

#[tokio::test]
async fn the_pages_of_invoices_are_accessible() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let municipale = LineRule::Population {
        series: "municipale".to_owned(),
        year: 2026,
    };
    let lines = vec![
        line("Abonnement", 3_648_000, municipale),
        line("Formation", 1_215_000, LineRule::Equal),
        line("Matériel", 10_000, LineRule::Delivered),
    ];
    let waiting = test.invoice(&trio, supplier, "F-26-0500", lines.clone());
    let waiting = invoices::record(&test.app, &trio.officer, waiting)
        .await
        .unwrap();
    let split = test.invoice(&trio, supplier, "F-26-0412", lines[..2].to_vec());
    let split = test.checked(&trio, split).await;
    encommun::actions::purchasing::allocations::allocate(&test.app, &trio.officer, split.id, None)
        .await
        .unwrap();
    let officer = test.signed_in("achats@mel.example").await;
    let base = serve(test.router.clone()).await;
    let here = format!("/factures/{}", split.id);
    let paths = [
        "/factures".to_owned(),
        "/factures/nouvelle".to_owned(),
        format!("/factures/nouvelle?groupement={}", trio.grouping),
        format!("/factures/{}", waiting.id),
        format!("/factures/{}/livraisons", waiting.id),
        here.clone(),
        format!("{here}/repartition"),
        format!("{here}/repartition?membre={}", trio.anstaing),
        "/titres".to_owned(),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_accessible(&base, Some(&officer.cookie_header()), &paths).await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let every = statements::Filter::default();
    let listed = statements::list(&test.app, &trio.clerk, every, None, 1)
        .await
        .unwrap();
    let statement = format!("/decomptes/{}", listed[0].statement.id);
    let paths = ["/decomptes", statement.as_str()];
    assert_accessible(&base, Some(&clerk.cookie_header()), &paths).await;
}

#[tokio::test]
async fn the_same_number_typed_otherwise_is_a_duplicate() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let new = |number| {
        let lines = vec![line("Étude", 10_000, LineRule::Equal)];
        test.invoice(&trio, supplier, number, lines)
    };
    let record = async |number| invoices::record(&test.app, &trio.officer, new(number)).await;
    record("F-2026/014").await.unwrap();
    let refused = record("f 2026 014").await;
    assert!(matches!(refused, Err(Error::Refused(r)) if r.code() == "invoice.duplicate"));
    record("F-2026/015").await.unwrap();
}

#[tokio::test]
async fn credit_notes_give_back_no_more_than_their_invoice() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = |net| vec![line("Étude", net, LineRule::Equal)];
    let invoice = test.invoice(&trio, supplier, "F-1", lines(10_000));
    let invoice = invoices::record(&test.app, &trio.officer, invoice)
        .await
        .unwrap();
    let credit = async |number, net| {
        let mut new = test.invoice(&trio, supplier, number, lines(net));
        new.credited = Some(invoice.id);
        invoices::record(&test.app, &trio.officer, new).await
    };
    let too_large = |refused: Result<_, Error>| matches!(refused, Err(Error::Refused(r)) if r.code() == "invoice.credit-too-large");
    assert!(too_large(credit("A-1", -10_001).await));
    credit("A-2", -6_000).await.unwrap();
    assert!(too_large(credit("A-3", -4_001).await));
    credit("A-4", -4_000).await.unwrap();
}

#[tokio::test]
async fn nothing_is_received_tomorrow() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let mut new = test.invoice(&trio, supplier, "F-1", lines);
    new.received_on = "2026-09-02".parse().unwrap();
    let refused = invoices::record(&test.app, &trio.officer, new).await;
    assert!(matches!(refused, Err(Error::Refused(r)) if r.code() == "invoice.received-in-future"));
}

#[tokio::test]
async fn an_invoice_of_nothing_and_a_credit_note_of_no_invoice_are_refused() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let api = program(&test, &trio.officer).await;
    let (grouping, chosen) = (trio.grouping.to_string(), format!("f:{supplier}"));
    for (kind, net, vat, gross, code, said) in [
        (
            "invoice",
            "0,00",
            "0,00",
            "0,00",
            "invoice.zero",
            "il n’y a rien à payer",
        ),
        (
            "credit_note",
            "0,00",
            "0,00",
            "0,00",
            "invoice.zero",
            "il n’y a rien à payer",
        ),
        (
            "credit_note",
            "-100,00",
            "-20,00",
            "-120,00",
            "invoice.credited-missing",
            "Un avoir cite la facture qu’il rectifie",
        ),
    ] {
        let fields = [
            ("groupement", grouping.as_str()),
            ("nature", kind),
            ("marche", chosen.as_str()),
            ("numero", "F-0"),
            ("objet", "Étude"),
            ("emise_le", "17/08/2026"),
            ("recue_le", "21/08/2026"),
            ("lignes", "4"),
            ("libelle_1", "Étude"),
            ("ht_1", net),
            ("taxe_1", "S:20"),
            ("regle_1", "equal"),
            ("imprimee_1", "S:20"),
            ("montant_1", vat),
            ("total_ht", net),
            ("total_taxe", vat),
            ("total_ttc", gross),
        ];
        let page = officer.post("/factures", &fields).await.expect(409).text();
        assert!(page.contains(said), "{page}");
        let [net, vat, gross] = [net, vat, gross].map(|typed| typed.replace(',', "."));
        let body = json!({
            "grouping": trio.grouping, "supplier": supplier, "kind": kind, "number": "F-0",
            "title": "Étude", "issued_on": "2026-08-17", "received_on": "2026-08-21",
            "net": net, "vat": vat, "gross": gross,
            "lines": [{"label": "Étude", "net": net, "vat_rate": "20", "rule": "equal"}],
            "vat_totals": [{"category": "S", "rate": "20", "amount": vat}],
        });
        let refused = api.json(Method::POST, "/api/v1/invoices", &[], &body).await;
        let problem = refused.expect(409).json();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        assert!(
            problem["detail"].as_str().unwrap().contains(said),
            "{problem}"
        );
    }
}
