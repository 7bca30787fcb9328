//! A team that buys: from a new round to the shares of its invoice, then once more.
use axum::http::Method;
use serde_json::{Value, json};

use super::journey::{Seen, Stage, Tally, Write};

/// The steps of a purchase, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    CreateRound,
    AddLot,
    AddItem,
    Open,
    Type,
    Submit,
    Close,
    Prepare,
    Launch,
    Award,
    Record,
    Check,
    Allocate,
}

impl Step {
    const ALL: [Self; 13] = [
        Self::CreateRound,
        Self::AddLot,
        Self::AddItem,
        Self::Open,
        Self::Type,
        Self::Submit,
        Self::Close,
        Self::Prepare,
        Self::Launch,
        Self::Award,
        Self::Record,
        Self::Check,
        Self::Allocate,
    ];
}

/// One team, in the middle of a purchase.
pub struct Buyer {
    team: u32,
    purchase: u32,
    step: usize,
    stage: Stage,
    round: String,
    lot: String,
    item: String,
    procedure: String,
    invoice: String,
}

impl Buyer {
    pub fn new(team: u32, stage: Stage) -> Self {
        Self {
            team,
            purchase: 1,
            step: 0,
            stage,
            round: String::new(),
            lot: String::new(),
            item: String::new(),
            procedure: String::new(),
            invoice: String::new(),
        }
    }

    fn step(&self) -> Step {
        Step::ALL[self.step]
    }

    /// A name that this purchase alone has, in one word for the search.
    fn name(&self) -> String {
        format!("achat{}x{}", self.team, self.purchase)
    }

    fn declaration(&self) -> String {
        let member = self.stage.member;
        format!("/api/v1/rounds/{}/declarations/{member}", self.round)
    }

    pub fn next(&self) -> Write {
        let (round, declaration) = (&self.round, self.declaration());
        let shown = format!("/api/v1/rounds/{round}");
        let post = |path: String, body: Value, touches: Option<String>| Write {
            method: Method::POST,
            path,
            token: self.stage.officer.clone(),
            body,
            touches,
        };
        let procedure = format!("/api/v1/procedures/{}", self.procedure);
        let invoice = format!("/api/v1/invoices/{}", self.invoice);
        let at_round = |verb: &str, body| {
            let path = format!("{shown}/{verb}");
            post(path, body, Some(shown.clone()))
        };
        match self.step() {
            Step::CreateRound => post("/api/v1/rounds".to_owned(), self.new_round(), None),
            Step::AddLot => at_round("lots", json!({"title": "Fourniture"})),
            Step::AddItem => at_round("items", self.new_item()),
            Step::Open => at_round("open", json!({})),
            Step::Type => Write {
                method: Method::PUT,
                token: self.stage.clerk.clone(),
                ..post(
                    format!("{declaration}/cells"),
                    self.cells(),
                    Some(declaration),
                )
            },
            Step::Submit => Write {
                token: self.stage.clerk.clone(),
                ..post(
                    format!("{declaration}/submit"),
                    json!({}),
                    Some(declaration),
                )
            },
            Step::Close => at_round("close", json!({})),
            Step::Prepare => post("/api/v1/procedures".to_owned(), self.new_procedure(), None),
            Step::Launch => {
                let body = json!({"launched_on": self.stage.today});
                post(format!("{procedure}/launch"), body, Some(procedure))
            }
            Step::Award => {
                let path = format!("{procedure}/lots/{}/award", self.lot);
                post(path, self.award(), Some(procedure))
            }
            Step::Record => post("/api/v1/invoices".to_owned(), self.new_invoice(), None),
            Step::Check => post(format!("{invoice}/check"), json!({}), Some(invoice)),
            Step::Allocate => post(format!("{invoice}/allocations"), json!({}), Some(invoice)),
        }
    }

    fn new_round(&self) -> Value {
        let round = json!({"title": self.name(), "deadline": self.stage.due});
        json!({"grouping_id": self.stage.grouping, "round": round})
    }

    fn new_item(&self) -> Value {
        let item = json!({
            "title": "Extincteur à eau", "unit": "unité", "tax_category": "S",
            "tax_rate": "20", "unit_price": "54.60", "step": "1",
        });
        json!({"items": [{"lot_id": self.lot, "item": item}]})
    }

    fn cells(&self) -> Value {
        json!({"lines": [{"item_id": self.item, "quantity": "12"}]})
    }

    fn new_procedure(&self) -> Value {
        let plan = json!({
            "title": self.name(), "form": "adapted", "nature": "supplies_services",
        });
        json!({"rounds": [self.round], "plan": plan})
    }

    fn award(&self) -> Value {
        json!({
            "outcome": "awarded",
            "decided_on": self.stage.today,
            "supplier": {"siren": "732829320", "name": "Prestataire Exemple SAS"},
            "prices": [{"item": self.item, "unit_price": "50.25"}],
        })
    }

    fn new_invoice(&self) -> Value {
        json!({
            "grouping": self.stage.grouping, "supplier": self.stage.supplier,
            "kind": "invoice", "number": self.name(), "title": self.name(),
            "issued_on": self.stage.today, "received_on": self.stage.today,
            "net": "100.00", "vat": "20.00", "gross": "120.00",
            "lines": [{"label": "Étude", "net": "100.00", "vat_rate": "20", "rule": "equal"}],
            "vat_totals": [{"category": "S", "rate": "20", "amount": "20.00"}],
        })
    }

    /// Remembers what was acknowledged, and goes one step further.
    pub fn learn(&mut self, answer: &Value) -> Vec<Seen> {
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let mut seen = Vec::new();
        let mut see = |path: String, fields: &Value| {
            let (token, fields) = (self.stage.officer.clone(), fields.clone());
            seen.push(Seen {
                path,
                token,
                fields,
            });
        };
        match self.step() {
            Step::CreateRound | Step::Open | Step::Close => {
                self.round = id(answer);
                see(format!("/api/v1/rounds/{}", self.round), answer);
            }
            Step::AddLot => {
                self.lot = id(answer);
                // The round's version counts its lots and items: it is told again when it opens.
                let draft = json!({"title": self.name(), "state": "draft"});
                see(format!("/api/v1/rounds/{}", self.round), &draft);
            }
            Step::AddItem => {
                self.item = id(&answer[0]);
                see(format!("/api/v1/items/{}", self.item), &answer[0]);
                let lot = json!({"id": self.lot, "items": [{"id": self.item}]});
                let lots = json!({"items": [lot]});
                see(format!("/api/v1/rounds/{}/lots", self.round), &lots);
            }
            Step::Type | Step::Submit => {
                let mut fields = answer.clone();
                fields.as_object_mut().unwrap().remove("is_open"); // until the round closes
                see(self.declaration(), &fields);
            }
            Step::Prepare | Step::Launch | Step::Award => {
                self.procedure = id(answer);
                see(format!("/api/v1/procedures/{}", self.procedure), answer);
            }
            Step::Record | Step::Check => {
                self.invoice = id(answer);
                see(format!("/api/v1/invoices/{}", self.invoice), answer);
            }
            Step::Allocate => {
                see(format!("/api/v1/allocations/{}", id(answer)), answer);
                let state = json!({"state": "allocated"});
                see(format!("/api/v1/invoices/{}", self.invoice), &state);
                let shares = json!({"members": [{"gross": "60.00"}, {"gross": "60.00"}]});
                see(
                    format!("/api/v1/allocations/{}/shares", id(answer)),
                    &shares,
                );
            }
        }
        self.step += 1;
        if self.step == Step::ALL.len() {
            self.step = 0;
            self.purchase += 1;
        }
        seen
    }

    /// What happened once in the purchase at hand is found once.
    pub fn tallies(&self) -> Vec<Tally> {
        let done = |step: Step| usize::from(self.step() > step);
        let of = |path: String, action, step| Tally {
            path,
            token: self.stage.officer.clone(),
            action,
            expected: done(step),
        };
        let name = self.name();
        let mut tallies = vec![
            of(format!("/api/v1/rounds?q={name}"), None, Step::CreateRound),
            of(format!("/api/v1/procedures?q={name}"), None, Step::Prepare),
            of(format!("/api/v1/invoices?q={name}"), None, Step::Record),
        ];
        for (kind, id, action, step) in [
            ("round", &self.round, "round.open", Step::Open),
            ("round", &self.round, "round.close", Step::Close),
            (
                "procedure",
                &self.procedure,
                "procedure.launch",
                Step::Launch,
            ),
            ("invoice", &self.invoice, "invoice.check", Step::Check),
        ] {
            if done(step) == 1 {
                let about = format!("subject_kind={kind}&subject_id={id}");
                let path = format!("/api/v1/journal?{about}");
                tallies.push(of(path, Some(action), step));
            }
        }
        tallies
    }
}
