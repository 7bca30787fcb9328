//! One client: sends its writes in order, remembers every answer, asks again after a crash.
use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use chrono::NaiveDate;
use reqwest::Client;
use serde_json::Value;
use uuid::Uuid;

use super::{buyer::Buyer, clerk::Clerk};

/// What the clients work on.
#[derive(Clone)]
pub struct Stage {
    pub grouping: Uuid,
    pub supplier: Uuid,
    pub member: Uuid,
    pub today: NaiveDate,
    pub due: Value,
    pub officer: String,
    pub clerk: String,
}

/// A write, exactly as it would be sent again.
#[derive(Clone, Debug)]
pub struct Write {
    pub method: Method,
    pub path: String,
    pub token: String,
    pub body: Value,
    /// Where its effect is read; nothing when it makes a new object.
    pub touches: Option<String>,
}

/// What was acknowledged, and where it is read back.
pub struct Seen {
    pub path: String,
    pub token: String,
    /// Every field given here must read the same.
    pub fields: Value,
}

/// A list whose length tells how often something happened.
pub struct Tally {
    pub path: String,
    pub token: String,
    /// Only the rows with this value of `action`, in a journal.
    pub action: Option<&'static str>,
    pub expected: usize,
}

/// What a client does next, and what it makes of an answer.
pub enum Script {
    Buyer(Buyer),
    Clerk(Clerk),
}

impl Script {
    fn next(&self) -> Write {
        match self {
            Self::Buyer(buyer) => buyer.next(),
            Self::Clerk(clerk) => clerk.next(),
        }
    }

    fn learn(&mut self, answer: &Value) -> Vec<Seen> {
        match self {
            Self::Buyer(buyer) => buyer.learn(answer),
            Self::Clerk(clerk) => clerk.learn(answer),
        }
    }

    fn tallies(&self) -> Vec<Tally> {
        match self {
            Self::Buyer(buyer) => buyer.tallies(),
            Self::Clerk(clerk) => clerk.tallies(),
        }
    }
}

/// A client and its memory.
pub struct Journey {
    script: Script,
    /// Sent and not answered: the key and the write.
    pending: Option<(String, Write)>,
    seen: BTreeMap<String, Seen>,
    /// Paths whose last value was not read back since.
    recent: BTreeSet<String>,
    pub acknowledged: u64,
    pub retried: u64,
}

impl Journey {
    pub fn new(script: Script) -> Self {
        Self {
            script,
            pending: None,
            seen: BTreeMap::new(),
            recent: BTreeSet::new(),
            acknowledged: 0,
            retried: 0,
        }
    }

    /// Writes until the server dies.
    pub async fn work(mut self, http: Client, base: String) -> Self {
        while self.write(&http, &base).await.is_some() {}
        self
    }

    /// Sends the write that waits for an answer, or the next one; `None` when nobody answers.
    async fn write(&mut self, http: &Client, base: &str) -> Option<Value> {
        if self.pending.is_none() {
            let key = Uuid::new_v4().to_string();
            self.pending = Some((key, self.script.next()));
        }
        let (key, write) = self.pending.clone().unwrap();
        loop {
            let (status, answer) = send(http, base, &key, &write).await?;
            if status == 503 {
                continue; // busy: nothing was written, and the same key may try again
            }
            assert!((200..300).contains(&status), "{status} {write:?}: {answer}");
            self.acknowledged += 1;
            self.pending = None;
            for seen in self.script.learn(&answer) {
                self.recent.insert(seen.path.clone());
                self.seen.insert(seen.path.clone(), seen);
            }
            return Some(answer);
        }
    }

    /// Reads back what was acknowledged since the last restart.
    pub async fn check_recent(&mut self, http: &Client, base: &str) {
        let pending = self.pending.as_ref();
        let unsure = pending.and_then(|(_, write)| write.touches.clone());
        let recent = std::mem::take(&mut self.recent);
        for path in recent {
            if Some(&path) == unsure.as_ref() {
                self.recent.insert(path); // after the answer
            } else {
                read_back(http, base, &self.seen[&path]).await;
            }
        }
    }

    /// Sends the unanswered write again, twice: one effect, and the same answer.
    pub async fn send_again(&mut self, http: &Client, base: &str) {
        if let Some((key, write)) = self.pending.clone() {
            self.retried += 1;
            let first = self.write(http, base).await.unwrap();
            let (_, second) = send(http, base, &key, &write).await.unwrap();
            assert_eq!(first, second, "{write:?}");
            self.check_recent(http, base).await;
        }
        for tally in self.script.tallies() {
            count(http, base, &tally).await;
        }
    }

    /// Reads back everything that was ever acknowledged, as it was left.
    pub async fn check_all(&self, http: &Client, base: &str) {
        for seen in self.seen.values() {
            read_back(http, base, seen).await;
        }
    }
}

/// The status and the body; `None` when the connection broke.
async fn send(http: &Client, base: &str, key: &str, write: &Write) -> Option<(u16, Value)> {
    let request = http
        .request(write.method.clone(), format!("{base}{}", write.path))
        .bearer_auth(&write.token)
        .header("idempotency-key", key)
        .header("if-match", "*")
        .json(&write.body);
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().await.ok()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Some((status, body))
}

async fn get(http: &Client, base: &str, path: &str, token: &str) -> Value {
    let request = http.get(format!("{base}{path}")).bearer_auth(token);
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{} {path}", answer.status());
    answer.json().await.unwrap()
}

async fn read_back(http: &Client, base: &str, seen: &Seen) {
    let found = get(http, base, &seen.path, &seen.token).await;
    assert_includes(&found, &seen.fields, &seen.path);
}

/// Every field that was acknowledged reads the same; what is read may say more.
fn assert_includes(found: &Value, acknowledged: &Value, place: &str) {
    match acknowledged {
        Value::Object(fields) => {
            for (name, value) in fields {
                assert_includes(&found[name], value, &format!("{place} {name}"));
            }
        }
        Value::Array(values) => {
            assert_eq!(
                found.as_array().map(Vec::len),
                Some(values.len()),
                "{place}"
            );
            for (n, value) in values.iter().enumerate() {
                assert_includes(&found[n], value, &format!("{place} {n}"));
            }
        }
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            assert_eq!(found, value, "{place}");
        }
    }
}

async fn count(http: &Client, base: &str, tally: &Tally) {
    let found = get(http, base, &tally.path, &tally.token).await;
    let rows = found["items"].as_array().or(found.as_array());
    let counted = rows.unwrap().iter().filter(|row| {
        let action = row["action"].as_str();
        tally.action.is_none() || tally.action == action
    });
    assert_eq!(counted.count(), tally.expected, "{} {found}", tally.path);
}
