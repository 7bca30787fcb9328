//! A browser without a screen: keeps cookies, sends forms and JSON, reads answers.
use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// One browser, or one program with a token.
pub struct Client {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub location: Option<String>,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text()))
    }

    /// Panics with the page when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

impl Client {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: Mutex::default(),
            token: None,
        }
    }

    /// The same application, called with a bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        let token = Some(token.to_owned());
        Self {
            router: self.router.clone(),
            cookies: Mutex::default(),
            token,
        }
    }

    /// The cookies held, as a `Cookie` header.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_html_form::to_string(fields).unwrap();
        let kind = [(
            header::CONTENT_TYPE.as_str(),
            "application/x-www-form-urlencoded",
        )];
        self.send(Method::POST, path, &kind, body.into()).await
    }

    /// Sends a form with a table in its field `fichier`, or with none chosen.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], table: Option<&str>) -> Answer {
        let part = |name: &str, more: &str, content: &str| {
            format!(
                "--limite\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n\
                 {content}\r\n"
            )
        };
        let mut body: String = fields.iter().map(|(n, v)| part(n, "", v)).collect();
        if let Some(table) = table {
            body += &part(
                "fichier",
                "; filename=\"p.csv\"\r\nContent-Type: text/csv",
                table,
            );
        }
        body += "--limite--\r\n";
        let kind = [("content-type", "multipart/form-data; boundary=limite")];
        self.send(Method::POST, path, &kind, body.into()).await
    }

    /// Sends JSON with any method and further headers.
    pub async fn json(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &serde_json::Value,
    ) -> Answer {
        let mut all = vec![(header::CONTENT_TYPE.as_str(), "application/json")];
        all.extend_from_slice(headers);
        self.send(method, path, &all, body.to_string().into()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let cookies = self.cookie_header();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies);
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        self.keep_cookies(response.headers());
        let (parts, body) = response.into_parts();
        let location = parts.headers.get(header::LOCATION);
        Answer {
            status: parts.status,
            location: location.map(|v| v.to_str().unwrap().to_owned()),
            body: body.collect().await.unwrap().to_bytes().to_vec(),
            headers: parts.headers,
        }
    }

    fn keep_cookies(&self, headers: &axum::http::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}
