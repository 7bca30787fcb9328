//! A commune that types, transmits and takes back the same need for as long as it lives.
use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::journey::{Seen, Tally, Write};

/// Where a declaration is in its little circle.
#[derive(Clone, Copy)]
enum Next {
    Type,
    Submit,
    Withdraw,
}

/// The clerk of one member.
pub struct Clerk {
    declaration: String,
    item: Uuid,
    token: String,
    next: Next,
    /// How many times it was transmitted.
    rounds: i64,
}

impl Clerk {
    pub fn new(round: Uuid, member: Uuid, item: Uuid, token: String) -> Self {
        Self {
            declaration: format!("/api/v1/rounds/{round}/declarations/{member}"),
            item,
            token,
            next: Next::Type,
            rounds: 0,
        }
    }

    pub fn next(&self) -> Write {
        let (method, verb, body) = match self.next {
            Next::Type => {
                let quantity = (self.rounds + 1).to_string();
                let line = json!({"item_id": self.item, "quantity": quantity});
                (Method::PUT, "cells", json!({"lines": [line]}))
            }
            Next::Submit => (Method::POST, "submit", json!({})),
            Next::Withdraw => (Method::POST, "withdraw", json!({})),
        };
        Write {
            method,
            path: format!("{}/{verb}", self.declaration),
            token: self.token.clone(),
            body,
            touches: Some(self.declaration.clone()),
        }
    }

    pub fn learn(&mut self, answer: &Value) -> Vec<Seen> {
        self.next = match self.next {
            Next::Type => Next::Submit,
            Next::Submit => {
                self.rounds += 1;
                Next::Withdraw
            }
            Next::Withdraw => Next::Type,
        };
        assert_eq!(
            answer["revision"], self.rounds,
            "transmitted once each time"
        );
        let lines = answer["lines"].as_array().unwrap().iter();
        // What others ask for moves meanwhile: only what is this member's own is compared.
        let lines: Vec<Value> = lines
            .map(|line| json!({"item_id": line["item_id"], "quantity": line["quantity"]}))
            .collect();
        let names = ["state", "revision", "version", "submitted_at"];
        let own = names.map(|name| (name.to_owned(), answer[name].clone()));
        let mut fields: Value = own.into_iter().collect();
        fields["lines"] = Value::Array(lines);
        vec![Seen {
            path: self.declaration.clone(),
            token: self.token.clone(),
            fields,
        }]
    }

    /// The revision tells already.
    pub fn tallies(&self) -> Vec<Tally> {
        Vec::new()
    }
}
