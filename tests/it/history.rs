//! The history, by page.
use domain::permission::Role;

use crate::support::TestApp;

#[tokio::test]
async fn each_reads_what_concerns_it_with_names_in_french() {
    let test = TestApp::new().await;
    let mel = test
        .epci("Métropole Européenne de Lille", "200093201")
        .await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let lompret = test.commune("Lompret", "59356", "215903568").await;
    test.user("paul.wattel@mel.example", &[(mel, Role::PurchasingOfficer)])
        .await;
    test.user("a@anstaing.example", &[(anstaing, Role::DeclaringAgent)])
        .await;
    test.user("l@lompret.example", &[(lompret, Role::DeclaringAgent)])
        .await;
    let officer = test.signed_in("paul.wattel@mel.example").await;
    let sent = [
        ("titre", "Extincteurs"),
        ("famille", "Sécurité incendie"),
        ("genre", "permanent"),
        ("fondement", "l2113_6"),
        ("regime", "coordinator_pays"),
    ];
    let members = officer.post("/groupements", &sent).await.expect(303);
    let anstaing = anstaing.to_string();
    officer
        .post(&members.location.unwrap(), &[("organisme", &anstaing)])
        .await
        .expect(303);

    let page = officer.get("/historique").await.expect(200).text();
    assert!(page.contains("Groupement créé"), "{page}");
    assert!(page.contains("Organismes invités à adhérer"), "{page}");
    assert!(page.contains("paul wattel"), "{page}");
    let filtered = officer
        .get("/historique?objet=contract")
        .await
        .expect(200)
        .text();
    assert!(filtered.contains("Aucune ligne ne correspond"));
    let member = test.signed_in("a@anstaing.example").await;
    let page = member.get("/historique").await.expect(200).text();
    assert!(page.contains("Groupement créé"), "{page}");
    let outsider = test.signed_in("l@lompret.example").await;
    let page = outsider.get("/historique").await.expect(200).text();
    assert!(!page.contains("Groupement créé"), "{page}");
}

#[test]
fn every_action_has_its_phrase() {
    let mut silent = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/actions"
    ))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for part in text.split(".begin(").skip(1) {
                let code = part.split('"').nth(1).unwrap_or_default();
                let is_code = code.contains('.')
                    && code
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || "._".contains(c));
                if is_code && encommun::wording::journal::action(code) == code {
                    silent.push(format!("{}: {code}", path.display()));
                }
            }
        }
    }
    assert!(
        silent.is_empty(),
        "say it in wording/journal.rs:\n{}",
        silent.join("\n")
    );
}
