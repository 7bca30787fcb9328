//! A headless Chromium, driven through chromedriver, for what only a browser can tell.
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use axum::Router;
use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Collects what the content policy blocked, from before the page's first byte.
const WATCH_POLICY: &str = "window.blocked = []; document.addEventListener(
  'securitypolicyviolation', e => blocked.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));";

/// Light or dark, as the system would ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// The word of the media query, and of screenshots' names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A browser of its own; start one per test and [`Browser::close`] it before asserting.
pub struct Browser {
    /// To find, click and type: see fantoccini.
    pub client: Client,
    driver: Child,
    profile: std::path::PathBuf,
}

impl Browser {
    /// Starts chromedriver (`CHROMEDRIVER`) and Chromium (`CHROMIUM`); their absence is a failure.
    pub async fn start() -> Self {
        let (driver, port) = start_driver();
        let profile = std::env::temp_dir().join(format!("encommun-chromium-{}", driver.id()));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&profile))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| {
                panic!(
                    "Chromium did not start (CHROMIUM names it; apt-get install chromium): {error}"
                )
            });
        let browser = Self {
            client,
            driver,
            profile,
        };
        browser.tools("Page.enable", json!({})).await;
        let watch = json!({ "source": WATCH_POLICY });
        browser
            .tools("Page.addScriptToEvaluateOnNewDocument", watch)
            .await;
        browser
    }

    /// Takes the width of a screen and the theme of a system.
    pub async fn look(&self, width: u32, theme: Theme) {
        self.size(width, 900).await;
        let scheme = json!({ "name": "prefers-color-scheme", "value": theme.name() });
        self.tools(
            "Emulation.setEmulatedMedia",
            json!({ "features": [scheme] }),
        )
        .await;
    }

    /// Signs every later request in with `cookie` (`name=value`), or out with nothing.
    pub async fn sign_in(&self, cookie: Option<&str>) {
        self.tools("Network.enable", json!({})).await;
        let headers = cookie.map_or(json!({}), |cookie| json!({ "Cookie": cookie }));
        self.tools("Network.setExtraHTTPHeaders", json!({ "headers": headers }))
            .await;
    }

    /// Loads later pages without running any script of theirs.
    pub async fn forbid_scripts(&self) {
        self.tools(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": true }),
        )
        .await;
    }

    /// Opens an address and waits for its load.
    pub async fn open(&self, url: &str) {
        self.client
            .goto(url)
            .await
            .unwrap_or_else(|error| panic!("{url} did not open: {error}"));
    }

    /// Runs a script in the page; `return` gives the answer.
    pub async fn run(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .expect("the script runs in the page")
    }

    /// The text that a script answers, as soon as it answers one; `what` is awaited 20 s at most.
    pub async fn wait_for(&self, script: &str, what: &str) -> String {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            if let Value::String(text) = self.run(script).await {
                return text;
            }
            assert!(
                std::time::Instant::now() < until,
                "not seen in time: {what}"
            );
            // The next look leaves the page time to change: each is a round trip.
            tokio::task::yield_now().await;
        }
    }

    /// The whole page as PNG bytes.
    pub async fn screenshot(&self, url: &str, width: u32, theme: Theme) -> Vec<u8> {
        self.look(width, theme).await;
        self.open(url).await;
        let height = self
            .run("return document.documentElement.scrollHeight")
            .await;
        let height = u32::try_from(height.as_u64().unwrap_or(900)).unwrap_or(900);
        self.size(width, height.clamp(900, 12_000)).await;
        self.client
            .screenshot()
            .await
            .expect("the page is photographed")
    }

    /// Ends Chromium, then its driver, and forgets its profile.
    pub async fn close(self) {
        self.client.clone().close().await.expect("Chromium closes");
    }

    async fn size(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// A command of Chromium's developer tools.
    async fn tools(&self, command: &'static str, parameters: Value) -> Value {
        let order = ToolsCommand {
            command,
            parameters,
        };
        self.client
            .issue_cmd(order)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // TERM lets chromedriver take its Chromium with it, even after a failed assertion.
        let stopped = Command::new("kill")
            .arg(self.driver.id().to_string())
            .status();
        if stopped.is_ok() {
            self.driver.wait().ok();
        }
        std::fs::remove_dir_all(&self.profile).ok();
    }
}

/// Serves a router on a free port of this machine, for as long as the test runs.
pub async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("its address");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}")
}

#[derive(Debug)]
struct ToolsCommand {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for ToolsCommand {
    fn endpoint(
        &self,
        base: &reqwest::Url,
        session: Option<&str>,
    ) -> Result<reqwest::Url, <reqwest::Url as std::str::FromStr>::Err> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &reqwest::Url) -> (axum::http::Method, Option<String>) {
        let body = json!({ "cmd": self.command, "params": self.parameters });
        (axum::http::Method::POST, Some(body.to_string()))
    }
}

fn start_driver() -> (Child, u16) {
    let path = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "/usr/bin/chromedriver".to_owned());
    let mut driver = Command::new(&path)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("{path} did not start (CHROMEDRIVER names it; apt-get install chromium-driver): {error}")
        });
    let output = driver.stdout.take().expect("its output is piped");
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            let port = port.trim_end_matches('.').parse().expect("a port");
            return (driver, port);
        }
    }
    let ended = driver.wait();
    panic!("{path} ended before it listened: {ended:?}");
}

fn capabilities(profile: &std::path::Path) -> fantoccini::wd::Capabilities {
    let mut options = json!({ "args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars", "--lang=fr", format!("--user-data-dir={}", profile.display()),
    ]});
    if let Ok(chromium) = std::env::var("CHROMIUM") {
        options["binary"] = json!(chromium);
    }
    let mut capabilities = fantoccini::wd::Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities
}
