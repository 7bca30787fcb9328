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

/// How closely a page is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Light, on a desk; never wider than a telephone.
    Light,
    /// Also in the dark, and on a telephone.
    Whole,
}

impl Depth {
    fn looks(self) -> &'static [(u32, Theme)] {
        match self {
            Self::Light => &[(1366, Theme::Light)],
            Self::Whole => &[
                (1366, Theme::Light),
                (390, Theme::Light),
                (1366, Theme::Dark),
                (390, Theme::Dark),
            ],
        }
    }
}

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
        faults.extend(inspect(browser, base, path, Depth::Whole).await);
    }
    faults
}

/// The faults of one path. The page is loaded once: widths and themes change under it, as they
/// do when a telephone turns or an evening comes.
pub async fn inspect(browser: &Browser, base: &str, path: &str, depth: Depth) -> Vec<String> {
    let mut faults = Vec::new();
    let url = format!("{base}{path}");
    browser.look(1366, Theme::Light).await;
    browser.open(&url).await;
    for blocked in texts(&browser.run("return window.blocked").await) {
        faults.push(format!("{path}: the content policy blocked {blocked}"));
    }
    browser.run(AXE).await;
    for &(width, theme) in depth.looks() {
        browser.look(width, theme).await;
        let place = format!("{path} at {width} px, {}", theme.name());
        for fault in broken_rules(browser).await {
            faults.push(format!("{place}: {fault}"));
        }
    }
    for width in [1366, 390, 320] {
        browser.look(width, Theme::Light).await;
        for wide in texts(&browser.run(WIDER).await) {
            faults.push(format!(
                "{path} at {width} px: scrolls sideways because of {wide}"
            ));
        }
    }
    photograph(browser, &url, path, depth).await;
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

async fn broken_rules(browser: &Browser) -> Vec<String> {
    let found = browser
        .client
        .execute_async(RUN_AXE, Vec::new())
        .await
        .expect("axe runs");
    let violations = found.as_array().expect("a list of violations");
    violations
        .iter()
        .map(|violation| {
            let targets = texts(&violation["targets"]).join("\n    ");
            format!(
                "{}: {}\n    {targets}",
                violation["rule"], violation["help"]
            )
        })
        .collect()
}

async fn photograph(browser: &Browser, url: &str, path: &str, depth: Depth) {
    let Ok(folder) = std::env::var("SCREENSHOTS") else {
        return;
    };
    let name = path.trim_matches('/').replace(['/', '?'], "-");
    let name = if name.is_empty() { "accueil" } else { &name };
    for &(width, theme) in depth.looks() {
        let file = format!("{folder}/{name}-{width}-{}.png", theme.name());
        let picture = browser.screenshot(url, width, theme).await;
        std::fs::write(file, picture).expect("the picture is kept");
    }
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
