//! The pages of invoices in a real browser: totals as they are typed, refusals that are seen.
use domain::{money::Cents, purchasing::invoice::LineRule};
use encommun::actions::purchasing::{allocations, invoices};
use serde_json::json;

use crate::{
    browser::{Browser, Theme, serve},
    support::{TestApp, invoices::line, rounds::Trio},
};

/// Types into fields by name, as a person would: each change is told to the page.
fn typing(fields: &[(&str, &str)]) -> String {
    let fields = json!(fields);
    format!(
        "for (const [name, value] of {fields}) {{
           const field = document.querySelector(`form[data-invoice] [name=\"${{name}}\"]`);
           field.value = value;
           field.dispatchEvent(new Event('input', {{ bubbles: true }}));
         }}"
    )
}

const GAPS: &str =
    "return [...document.querySelectorAll('[data-check] [data-gap]')].map(e => e.textContent)";
const VERDICT: &str = "return document.querySelector('[data-verdict]').textContent";
const EXPECTED: &str = "return document.querySelector('[data-expected]').textContent";

async fn form(test: &TestApp, trio: &Trio) -> (Browser, String, String) {
    let supplier = test.supplied(trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let base = serve(test.router.clone()).await;
    let browser = Browser::start().await;
    browser.look(1366, Theme::Light).await;
    browser.sign_in(Some(&officer.cookie_header())).await;
    let url = format!("{base}/factures/nouvelle?groupement={}", trio.grouping);
    browser.open(&url).await;
    (browser, url, format!("f:{supplier}"))
}

#[tokio::test]
async fn totals_are_checked_as_they_are_typed_and_as_the_server_does() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (browser, url, supplier) = form(&test, &trio).await;
    let header = [
        ("marche", supplier.as_str()),
        ("numero", "F-1"),
        ("objet", "Abonnement"),
        ("emise_le", "17/08/2026"),
        ("recue_le", "21/08/2026"),
    ];
    let lines = [
        ("libelle_1", "Abonnement"),
        ("ht_1", "1 000,10"),
        ("taxe_1", "S:5.5"),
        ("libelle_2", "Remise"),
        ("ht_2", "−10,30"),
        ("taxe_2", "S:5.5"),
        ("libelle_3", "Envoi"),
        ("ht_3", "10.30 €"),
        ("taxe_3", "S:5.5"),
        ("total_ht", "1 000,10"),
    ];
    browser.run(&typing(&header)).await;
    browser.run(&typing(&lines)).await;
    let begun = browser.run(GAPS).await;
    let missing = browser.run(VERDICT).await;
    let taxes = [
        ("imprimee_1", "S:5.5"),
        ("montant_1", "55,01"),
        ("total_taxe", "55,01"),
        ("total_ttc", "1 055,12"),
    ];
    browser.run(&typing(&taxes)).await;
    let expected = browser.run(EXPECTED).await;
    let off = browser.run(GAPS).await;
    browser.run(&typing(&[("total_ttc", "1 055,11")])).await;
    let exact = browser.run(VERDICT).await;
    browser.run(&typing(&[("ht_1", "1 00,10")])).await;
    let unreadable = browser.run(GAPS).await;
    browser
        .run(&typing(&[("ht_1", "1 000,10"), ("total_ttc", "1 055,12")]))
        .await;
    let send = "document.querySelector('form[data-invoice]').requestSubmit(
        document.querySelector('form[data-invoice] .btn--primary'))";
    browser.run(send).await;
    let told = browser
        .wait_for(
            "return document.title.startsWith('F-1') && document.body.innerText",
            "the recorded invoice",
        )
        .await;
    browser.forbid_scripts().await;
    browser.open(&url).await;
    let panel = fantoccini::Locator::Css("[data-check]");
    let panel = browser.client.find(panel).await.unwrap();
    let shown = panel.is_displayed().await.unwrap();
    browser.close().await;

    assert_eq!(begun, json!(["0,00\u{202f}€", "—", "—"]));
    assert!(
        missing.as_str().unwrap().contains("imprimé manque"),
        "{missing}"
    );
    assert_eq!(expected, json!("55,01\u{202f}€"));
    assert_eq!(
        off,
        json!(["0,00\u{202f}€", "0,00\u{202f}€", "0,01\u{202f}€"])
    );
    assert_eq!(exact, json!("La facture tombe juste."));
    assert_eq!(unreadable, json!(["—", "0,00\u{202f}€", "0,00\u{202f}€"]));
    assert!(
        told.contains("TTC imprimé s’écarte de 0,01\u{202f}€")
            && !told.contains("HT imprimé s’écarte"),
        "the server says the same: {told}"
    );
    assert!(!shown, "without the script there is no empty panel");
}

#[tokio::test]
async fn a_refused_form_puts_the_focus_on_what_to_correct() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (browser, _, supplier) = form(&test, &trio).await;
    let fields = [
        ("marche", supplier.as_str()),
        ("numero", "F-1"),
        ("objet", "Abonnement"),
        ("emise_le", "17/08/2026"),
        ("recue_le", "21/08/2026"),
        ("libelle_1", "Abonnement"),
        ("ht_1", "1.234,56"),
        ("total_ht", "1"),
        ("total_taxe", "0"),
        ("total_ttc", "1"),
    ];
    browser.run(&typing(&fields)).await;
    let send = "document.querySelector('form[data-invoice]').requestSubmit(
        document.querySelector('form[data-invoice] .btn--primary'))";
    browser.run(send).await;
    let focused = browser
        .wait_for(
            "return document.activeElement.matches('.note--bad') && document.activeElement.innerText",
            "the summary has the focus",
        )
        .await;
    let cell = "const cell = document.getElementById('ht_1');
        return [cell.value, cell.getAttribute('aria-invalid')]";
    let kept = browser.run(cell).await;
    browser.close().await;
    assert!(focused.contains("Montant HT, ligne 1"), "{focused}");
    assert_eq!(kept, json!(["1.234,56", "true"]));
}

#[tokio::test]
async fn a_split_of_many_lines_is_read_in_totals_then_line_by_line() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = [
        "Abonnement",
        "Énergie",
        "Acheminement",
        "Accise",
        "Contribution",
    ];
    let lines = lines.map(|label| line(label, 10_001, LineRule::Equal));
    let new = test.invoice(&trio, supplier, "F-1", lines.into());
    let invoice = test.checked(&trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    assert_eq!(
        invoices::find(&test.app, &trio.officer, invoice.id)
            .await
            .unwrap()
            .printed
            .net,
        Cents(50_005)
    );
    let officer = test.signed_in("achats@mel.example").await;
    let href = format!("/factures/{}/repartition", invoice.id);
    let page = officer.get(&href).await.expect(200).text();
    assert!(
        page.contains(">HT</th>") && page.contains(">Taxes</th>"),
        "{page}"
    );
    assert!(
        !page.contains(">Accise HT</th>"),
        "five columns are too many"
    );
    // Each line leaves a cent: rounded apart, the same member would have all of them.
    assert!(!page.contains("+3,00"), "{page}");
    assert!(page.contains("250,02") && page.contains("250,03"), "{page}");
    let detail = format!("{href}?detail=oui");
    let page = officer.get(&detail).await.expect(200).text();
    assert!(page.contains(">Accise HT</th>"), "{page}");
    let first = officer
        .get(&format!("{href}?tri=ttc&ordre=desc"))
        .await
        .expect(200)
        .text();
    let place = |name: &str| first.find(&format!("<th scope=\"row\">{name}</th>"));
    assert!(
        place("Anstaing").is_some() && place("La Madeleine").is_some(),
        "{first}"
    );
}
