//! Every page, in a real browser, against the rules of accessibility and the content policy.
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header::CONTENT_SECURITY_POLICY},
    response::Html,
    routing::get,
};
use serde_json::Value;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::browser::{Browser, Theme, serve};

const AXE: &str = include_str!("../vendor/axe.min.js");
const RUN_AXE: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, { runOnly: ['RGAAv4', 'wcag2a', 'wcag2aa', 'wcag21aa'], resultTypes: ['violations'] })
  .then(r => done(r.violations.map(v => ({ rule: v.id, help: v.help,
    targets: v.nodes.map(n => `${n.target.join(' ')}: ${n.failureSummary}`) }))))
  .catch(e => done([{ rule: 'axe', help: String(e), targets: [] }]));";
const WIDER: &str = "
const room = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= room) return [];
return [...document.querySelectorAll('main *')]
  .filter(e => !e.closest('.table-wrap, .tabs'))
  .filter(e => { const box = e.getBoundingClientRect(); return Math.max(box.right, box.left + e.scrollWidth) > room; })
  .slice(-5).map(e => e.outerHTML.slice(0, 120)).concat(`${document.documentElement.scrollWidth} px of content`);";

/// Every way a page is looked at.
const LOOKS: [(u32, Theme); 4] = [
    (1366, Theme::Light),
    (390, Theme::Light),
    (1366, Theme::Dark),
    (390, Theme::Dark),
];

/// The faults of each path, in words: accessibility rules, blocked content, sideways scrolling.
///
/// With `SCREENSHOTS=FOLDER`, the pages are photographed on the way.
pub async fn check(
    browser: &Browser,
    base: &str,
    cookie: Option<&str>,
    paths: &[&str],
) -> Vec<String> {
    let mut faults = Vec::new();
    browser.sign_in(cookie).await;
    for path in paths {
        let url = format!("{base}{path}");
        for (width, theme) in LOOKS {
            let place = format!("{path} at {width} px, {}", theme.name());
            browser.look(width, theme).await;
            browser.open(&url).await;
            faults.extend(
                find_faults(browser)
                    .await
                    .iter()
                    .map(|fault| format!("{place}: {fault}")),
            );
            photograph(browser, &url, path, width, theme).await;
        }
        browser.look(320, Theme::Light).await;
        browser.open(&url).await;
        for wide in texts(&browser.run(WIDER).await) {
            faults.push(format!(
                "{path} at 320 px: scrolls sideways because of {wide}"
            ));
        }
    }
    faults
}

/// [`check`], failing with every fault at once.
pub async fn assert_accessible(base: &str, cookie: Option<&str>, paths: &[&str]) {
    let browser = Browser::start().await;
    let faults = check(&browser, base, cookie, paths).await;
    browser.close().await;
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

async fn find_faults(browser: &Browser) -> Vec<String> {
    let mut faults: Vec<String> = texts(&browser.run("return window.blocked").await)
        .iter()
        .map(|blocked| format!("the content policy blocked {blocked}"))
        .collect();
    browser.run(AXE).await;
    let found = browser
        .client
        .execute_async(RUN_AXE, Vec::new())
        .await
        .expect("axe runs");
    for violation in found.as_array().expect("a list of violations") {
        let targets = texts(&violation["targets"]).join("\n    ");
        faults.push(format!(
            "{}: {}\n    {targets}",
            violation["rule"], violation["help"]
        ));
    }
    faults
}

async fn photograph(browser: &Browser, url: &str, path: &str, width: u32, theme: Theme) {
    let Ok(folder) = std::env::var("SCREENSHOTS") else {
        return;
    };
    let name = path.trim_matches('/').replace('/', "-");
    let name = if name.is_empty() { "accueil" } else { &name };
    let file = format!("{folder}/{name}-{width}-{}.png", theme.name());
    std::fs::write(file, browser.screenshot(url, width, theme).await).expect("the picture is kept");
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn the_components_are_accessible() {
    assert_accessible(&serve(components()).await, None, &["/style"]).await;
}

#[tokio::test]
async fn a_faulty_page_is_told_with_its_rules_and_targets() {
    let page = "<!doctype html><html lang=fr><title>x</title><main><h1>x</h1><img src=/absente.png>
        <p style='width:900px'>bloqué</p><pre>large large large large large large large large</pre>";
    let faulty = move |headers: HeaderMap| async move {
        let signed_in = headers
            .get("cookie")
            .is_some_and(|cookie| cookie == "session=abc");
        Html(if signed_in {
            page
        } else {
            "<!doctype html><html lang=fr><title>x</title>"
        })
    };
    let router = Router::new().route("/faute", get(faulty)).layer(policy());
    let browser = Browser::start().await;
    let faults = check(
        &browser,
        &serve(router).await,
        Some("session=abc"),
        &["/faute"],
    )
    .await;
    browser.close().await;
    let told = faults.join("\n");
    for part in [
        "/faute at 390 px, dark",
        "image-alt",
        "style-src",
        "scrolls sideways because of <pre>large",
    ] {
        assert!(told.contains(part), "{part} is not told in:\n{told}");
    }
}

/// The page of components alone, under the strict policy.
pub fn components() -> Router {
    Router::new()
        .merge(encommun::web::style::routes())
        .merge(encommun::web::assets::routes())
        .layer(policy())
}

fn policy() -> SetResponseHeaderLayer<HeaderValue> {
    let rules = "default-src 'self'; form-action 'self'; frame-ancestors 'none'";
    SetResponseHeaderLayer::overriding(CONTENT_SECURITY_POLICY, HeaderValue::from_static(rules))
}

#[tokio::test]
async fn the_pages_of_organisations_and_people_are_accessible() {
    use domain::permission::Role;
    let test = crate::support::TestApp::new().await;
    let operator = encommun::actions::Actor::operator();
    let siren = domain::identity::Siren::parse("200093201").unwrap();
    let lille = encommun::actions::organisations::Wanted::Epci(siren);
    let created =
        encommun::actions::organisations::create_from_reference(&test.app, &operator, &lille)
            .await
            .unwrap();
    let main = created.main.id;
    test.user(
        "camille.martin@mel.example",
        &[(main, Role::Administrator), (main, Role::PurchasingOfficer)],
    )
    .await;
    let client = test.signed_in("camille.martin@mel.example").await;
    let organisation = format!("/collectivites/{main}");
    let contact = [
        ("nom", "Marie Lambert"),
        ("fonction", "Responsable des achats"),
        ("email", "achats@mel.example"),
        ("actif", "oui"),
    ];
    client
        .post(&format!("{organisation}/contacts/nouveau"), &contact)
        .await
        .expect(303);
    let budget = [
        ("nom", "Budget principal"),
        ("nature", "main"),
        ("actif", "oui"),
    ];
    client
        .post(&format!("{organisation}/budgets/nouveau"), &budget)
        .await
        .expect(303);
    let site = [
        ("nature", "building"),
        ("nom", "Hôtel de ville"),
        ("surface", "1 234,5"),
    ];
    client
        .post(&format!("{organisation}/sites/nouveau"), &site)
        .await
        .expect(303);
    client
        .post(
            "/profil/jetons/nouveau",
            &[("nom", "Finances"), ("portee", "read"), ("duree", "90")],
        )
        .await
        .expect(200);
    client.get(&organisation).await.expect(200);
    let (edit, sites, new) = (
        format!("{organisation}/modifier"),
        format!("{organisation}/sites"),
        format!("{organisation}/budgets/nouveau"),
    );
    let paths = [
        "/collectivites",
        "/collectivites?q=saint-denis",
        organisation.as_str(),
        edit.as_str(),
        sites.as_str(),
        new.as_str(),
        "/collectivites/nouvelle",
        "/utilisateurs",
        "/utilisateurs/invitation",
        "/utilisateurs/import",
        "/profil",
        "/profil/sessions",
        "/profil/jetons",
        "/recherche?q=lille",
        "/accessibilite",
        "/donnees-personnelles",
        "/aide",
    ];
    let cookie = client.cookie_header();
    assert_accessible(&serve(test.router.clone()).await, Some(&cookie), &paths).await;
}
