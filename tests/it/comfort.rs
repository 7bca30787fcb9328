//! What the page's own script adds, tried in a real browser: nothing here is needed to work.
use fantoccini::{Locator, key::Key};
use serde_json::json;

use crate::{
    accessibility::components,
    browser::{Browser, Theme, serve},
};

const PASTE: &str = "
const data = new DataTransfer();
data.setData('text/plain', '2\\t3\\r\\n1 200\\t\\r\\n4,5\\t6\\r\\n');
const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
document.getElementById('c2.2').dispatchEvent(paste);
const value = id => document.getElementById(id).value;
return [value('c2.2'), value('m2.2'), value('c2.3'), value('m2.3'), value('c2.4'), value('m2.4')];";

#[tokio::test]
async fn the_needs_grid_is_typed_as_a_spreadsheet() {
    let browser = open_components().await;
    let cell = browser.client.find(Locator::Id("c2.1")).await.unwrap();
    cell.clear().await.unwrap();
    cell.send_keys("5").await.unwrap();
    let refused = browser
        .run("return document.querySelectorAll('.sheet .error').length")
        .await;
    let total = browser
        .run("return document.querySelector('.sheet [data-total]').textContent")
        .await;
    cell.send_keys(&Key::Enter.to_string()).await.unwrap();
    let below = browser.run("return document.activeElement.id").await;
    let pasted = browser.run(PASTE).await;
    let after = browser
        .run("return document.querySelector('.sheet [data-total]').textContent")
        .await;
    browser.close().await;

    assert_eq!(
        refused,
        json!(0),
        "a refusal leaves with the text it was about"
    );
    // 5 × 54,60 + 1 × 47,90 + 2 × 66,40 + 4 × 4,15
    assert_eq!(total, json!("470,30\u{202f}€"));
    assert_eq!(below, json!("c2.2"));
    assert_eq!(pasted, json!(["2", "3", "1 200", "", "4,5", "6"]));
    // 5 × 54,60 + 2 × 47,90 + 1 200 × 66,40 + 4,5 × 4,15 = 80 067,475, rounded line by line
    assert_eq!(after, json!("80\u{202f}067,48\u{202f}€"));
}

#[tokio::test]
async fn dialogs_menus_and_theme_answer_to_mouse_and_keyboard() {
    let browser = open_components().await;
    let open = "return document.getElementById('retirer').open";
    click(&browser, "a[data-dialog=retirer]").await;
    let opened = browser.run(open).await;
    click(&browser, "#retirer [data-close]").await;
    let closed = browser.run(open).await;

    click(&browser, ".menu--org > summary").await;
    let menu = "return document.querySelectorAll('.menu[open]').length";
    let unfolded = browser.run(menu).await;
    browser
        .client
        .active_element()
        .await
        .unwrap()
        .send_keys(&Key::Escape.to_string())
        .await
        .unwrap();
    let folded = browser.run(menu).await;

    browser.run("scrollTo(0, 0)").await;
    click(&browser, ".head [data-theme-toggle]").await;
    browser.client.refresh().await.unwrap();
    let theme = browser
        .run("return document.documentElement.dataset.theme")
        .await;
    browser.close().await;

    assert_eq!([opened, closed], [json!(true), json!(false)], "the dialog");
    assert_eq!([unfolded, folded], [json!(1), json!(0)], "the menu");
    assert_eq!(theme, json!("dark"), "the chosen theme outlives the page");
}

#[tokio::test]
async fn a_dialog_opens_by_its_address_where_no_script_runs() {
    let base = serve(components()).await;
    let browser = Browser::start().await;
    browser.look(1366, Theme::Light).await;
    browser.forbid_scripts().await;
    browser.open(&format!("{base}/style#retirer")).await;
    let dialog = browser.client.find(Locator::Id("retirer")).await.unwrap();
    let shown = dialog.is_displayed().await.unwrap();
    let toggles = browser
        .client
        .find_all(Locator::Css("[data-theme-toggle]"))
        .await
        .unwrap();
    let mut useless = 0;
    for toggle in toggles {
        useless += usize::from(toggle.is_displayed().await.unwrap());
    }
    browser.close().await;
    assert!(shown, "the dialog is shown");
    assert_eq!(useless, 0, "what only the script can do stays hidden");
}

async fn open_components() -> Browser {
    let base = serve(components()).await;
    let browser = Browser::start().await;
    browser.look(1366, Theme::Light).await;
    browser.open(&format!("{base}/style")).await;
    browser
}

async fn click(browser: &Browser, target: &str) {
    browser
        .client
        .find(Locator::Css(target))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
}
