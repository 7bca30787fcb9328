//! Tables of sites: taken once, each bad cell named by its address.
use domain::{identity::OrganisationId, permission::Role};
use encommun::{actions::sites, store::budgets};

use crate::{
    people_files::{program, send},
    support::{Client, TestApp},
};

async fn anstaing(test: &TestApp) -> OrganisationId {
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user("admin@anstaing.example", &[(commune, Role::Administrator)])
        .await;
    commune
}

async fn send_file(browser: &Client, path: &str, table: &str, dry: bool) -> String {
    let trial = [("essai", "oui")];
    let fields = if dry { &trial[..] } else { &[] };
    let answer = browser.upload(path, fields, Some(table)).await;
    answer.expect(200).text()
}

#[tokio::test]
async fn a_table_of_sites_is_taken_once_and_names_the_bad_cells() {
    let test = TestApp::new().await;
    let commune = anstaing(&test).await;
    let browser = test.signed_in("admin@anstaing.example").await;
    let path = format!("/collectivites/{commune}/sites/import");
    let table = "Nature;Nom;Numéro;Surface (m²)\n\
                 bâtiment;École Jules-Ferry;;1 234,5\n\
                 électricité;Mairie;12345678901234;\n\
                 électricité;Stade;123;\n";
    let tried = send_file(&browser, &path, table, true).await;
    assert!(
        tried.contains("rien n’a été enregistré") && tried.contains("C4"),
        "{tried}"
    );
    for _ in 0..2 {
        let taken = send_file(&browser, &path, table, false).await;
        assert!(taken.contains("Import enregistré"), "{taken}");
    }
    let sites = browser
        .get(&format!("/collectivites/{commune}/sites"))
        .await
        .expect(200)
        .text();
    let plain = sites.replace(['\u{a0}', '\u{202f}'], " ");
    assert!(
        plain.contains("2 sites") && plain.contains("1 234,5"),
        "{plain}"
    );
}

#[tokio::test]
async fn a_table_of_sites_names_the_budget_that_pays_and_an_unknown_one_by_its_cell() {
    let test = TestApp::new().await;
    let commune = anstaing(&test).await;
    let browser = test.signed_in("admin@anstaing.example").await;
    for (kind, name, siret) in [
        ("main", "Budget principal", ""),
        ("annexe", "Eau", "21590013500025"),
    ] {
        let fields = [
            ("nature", kind),
            ("nom", name),
            ("siret", siret),
            ("actif", "oui"),
        ];
        let path = format!("/collectivites/{commune}/budgets/nouveau");
        browser.post(&path, &fields).await.expect(303);
    }
    let path = format!("/collectivites/{commune}/sites/import");
    let model = browser.get(&format!("{path}/modele.csv")).await.expect(200);
    assert!(model.text().contains(";Budget"), "{}", model.text());
    let head = "Nature;Nom;Budget\n";
    let payer = async |name: &str| {
        let actor = test.actor("admin@anstaing.example").await;
        let sites = sites::list(&test.app, &actor, commune).await.unwrap();
        let site = sites.into_iter().find(|site| site.name == name).unwrap();
        let view = test.app.store.view().await.unwrap();
        match site.budget {
            Some(id) => budgets::find(&view, commune, id).await.unwrap().name,
            None => String::new(),
        }
    };
    let table = format!(
        "{head}bâtiment;Station;eau\nbâtiment;Réservoir;215 900 135 00025\nbâtiment;École;\nbâtiment;Stade;Piscine\n"
    );
    let taken = send_file(&browser, &path, &table, false).await;
    assert!(taken.contains("C5") && taken.contains("Piscine"), "{taken}");
    assert!(taken.contains("Aucun budget de cet organisme"), "{taken}");
    assert_eq!(payer("Station").await, "Eau");
    assert_eq!(payer("Réservoir").await, "Eau");
    assert_eq!(payer("École").await, "");
    // Neither a blank cell nor a table without the column takes the budget away; its name does.
    send_file(&browser, &path, "Nature;Nom\nbâtiment;Station\n", false).await;
    send_file(
        &browser,
        &path,
        &format!("{head}bâtiment;Station;\n"),
        false,
    )
    .await;
    assert_eq!(payer("Station").await, "Eau");
    let table = format!("{head}bâtiment;Station;Budget principal\n");
    send_file(&browser, &path, &table, false).await;
    assert_eq!(payer("Station").await, "");
}

#[tokio::test]
async fn a_program_takes_a_table_of_sites_once_and_takes_it_away() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let email = "admin@anstaing.example";
    let admin = program(&test, email, commune, Role::Administrator).await;
    test.annexe(commune, "Eau", None).await;
    let path = format!("/api/v1/organisations/{commune}/sites/import");
    let table = "Nature;Nom;Numéro;Surface (m²);Budget\n\
                 bâtiment;École Jules-Ferry;;1 234,5;\n\
                 électricité;Mairie;12345678901234;;Eau\n\
                 électricité;Stade;123;;\n";
    let send = async |bytes: &[u8], dry, key: &str| send(&admin, &path, bytes, dry, key).await;
    let counts = |report: &serde_json::Value| {
        let count = |name: &str| report[name].as_u64().unwrap();
        (
            count("added"),
            count("changed"),
            count("unchanged"),
            count("left_aside"),
        )
    };
    let (status, tried) = send(table.as_bytes(), true, "s1").await;
    assert_eq!((status, &tried["applied"]), (200, &false.into()), "{tried}");
    assert_eq!(counts(&tried), (2, 0, 0, 1));
    assert_eq!(tried["problems"][0]["address"], "C4");
    let list = format!("/api/v1/organisations/{commune}/sites");
    let before = admin.get(&list).await.expect(200).json();
    assert_eq!(before["items"].as_array().unwrap().len(), 0, "{before}");
    // The same request again is answered with what it did.
    for _ in 0..2 {
        let (status, taken) = send(table.as_bytes(), false, "s1").await;
        assert_eq!((status, counts(&taken)), (200, (2, 0, 0, 1)), "{taken}");
    }
    let (_, again) = send(table.as_bytes(), false, "").await;
    assert_eq!(counts(&again), (0, 0, 2, 1));

    let export = format!("/api/v1/organisations/{commune}/sites/export");
    let csv = admin.get(&export).await.expect(200);
    let text = csv.text();
    for words in [
        "bâtiment;École Jules-Ferry;;;1234,5;;Budget principal",
        "compteur électrique;Mairie;12345678901234;;;;Eau",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let xlsx = admin
        .get(&format!("{export}?format=xlsx"))
        .await
        .expect(200);
    for body in [&csv.body, &xlsx.body] {
        let (_, back) = send(body, false, "").await;
        assert_eq!(counts(&back), (0, 0, 2, 0), "a round trip changes nothing");
    }
    let browser = test.signed_in(email).await;
    let page = format!("/collectivites/{commune}/sites/export/csv");
    assert_eq!(browser.get(&page).await.expect(200).body, csv.body);
    let hem = test.commune("Hem", "59299", "215902990").await;
    let stranger = program(&test, "admin@hem.example", hem, Role::Administrator).await;
    assert_eq!(
        crate::people_files::send(&stranger, &path, b"%PDF", false, "")
            .await
            .0,
        404
    );
    stranger.get(&export).await.expect(404);
}
