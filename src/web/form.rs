//! What a form sends: its fields as typed, read the French way, every problem at once.
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use domain::{
    field::{Field, FieldProblem, Gathering},
    french,
    money::{Cents, TaxRate, UnitPrice},
    quantity::Quantity,
    text,
};

use super::page::WebError;
use crate::{
    actions::{App, Error, sessions},
    store::OperationKey,
    wording,
};

/// The fields of a form, in order; a name may come several times.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    typed: Vec<(String, String)>,
    path: String,
    gathering: Gathering,
}

impl FromRequest<App> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let path = request.uri().path().to_owned();
        let body = to_bytes(request.into_body(), app.settings.http.body_bytes_max).await;
        let typed = body
            .map_err(anyhow::Error::from)
            .and_then(|bytes| Ok(serde_html_form::from_bytes(&bytes)?));
        match typed {
            Ok(typed) => Ok(Self {
                typed,
                path,
                gathering: Gathering::default(),
            }),
            Err(_) => Err(WebError(Error::Invalid(Vec::new())).into_response()),
        }
    }
}

impl Fields {
    /// The fields of a form that also sends a file.
    #[must_use]
    pub fn of(path: String, typed: Vec<(String, String)>) -> Self {
        Self {
            typed,
            path,
            gathering: Gathering::default(),
        }
    }

    /// Fields that nobody sent: an empty form.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The first value under a name, as typed; empty when absent.
    #[must_use]
    pub fn typed(&self, name: &str) -> &str {
        self.typed
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    /// Every value under a name: ticked boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.typed
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Every field, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.typed.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn ticked(&self, name: &str) -> bool {
        !self.typed(name).is_empty()
    }

    /// A required line of text.
    pub fn text(&mut self, name: &str, max_chars: usize) -> Option<String> {
        self.read(name, |typed| text::clean(typed, max_chars))
    }

    /// An optional line of text.
    pub fn text_optional(&mut self, name: &str, max_chars: usize) -> Option<Option<String>> {
        self.read_optional(name, |typed| text::clean(typed, max_chars))
    }

    /// Optional lines of text.
    pub fn lines_optional(&mut self, name: &str, max_chars: usize) -> Option<Option<String>> {
        self.read_optional(name, |typed| text::clean_lines(typed, max_chars))
    }

    /// A required date, 22/05/2027 or as browsers send it.
    pub fn date(&mut self, name: &str) -> Option<NaiveDate> {
        self.read(name, french::parse_date)
    }

    /// An optional date.
    pub fn date_optional(&mut self, name: &str) -> Option<Option<NaiveDate>> {
        self.read_optional(name, french::parse_date)
    }

    /// A required amount in euros.
    pub fn amount(&mut self, name: &str) -> Option<Cents> {
        self.read(name, french::parse_amount)
    }

    /// A required quantity.
    pub fn quantity(&mut self, name: &str) -> Option<Quantity> {
        self.read(name, french::parse_quantity)
    }

    /// A required unit price.
    pub fn unit_price(&mut self, name: &str) -> Option<UnitPrice> {
        self.read(name, french::parse_unit_price)
    }

    /// A required tax rate.
    pub fn rate(&mut self, name: &str) -> Option<TaxRate> {
        self.read(name, french::parse_rate)
    }

    /// A required value read by any parser: a SIREN, an address, a choice.
    pub fn read<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let typed = self.typed(name).to_owned();
        if typed.trim().is_empty() {
            self.gathering
                .problems
                .push(Field::new(name, &typed, FieldProblem::Missing));
            return None;
        }
        self.gathering.read(name, &typed, parse(&typed))
    }

    /// An optional value read by any parser.
    pub fn read_optional<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let typed = self.typed(name).to_owned();
        self.gathering.read_optional(name, &typed, parse)
    }

    /// A required choice among codes.
    pub fn choice<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read(name, |typed| {
            parse(typed).ok_or_else(|| FieldProblem::not_one_of(typed))
        })
    }

    /// Adds a problem that only the handler can see.
    pub fn refuse(&mut self, name: &str, problem: impl Into<FieldProblem>) {
        let typed = self.typed(name).to_owned();
        self.gathering
            .problems
            .push(Field::new(name, &typed, problem));
    }

    /// Every problem met so far, as the error of an action.
    #[must_use]
    pub fn invalid(&self) -> Error {
        Error::Invalid(self.gathering.problems.clone())
    }

    /// The key of the form's hidden `operation` field: a double click acts once.
    #[must_use]
    pub fn operation(&self) -> Option<OperationKey> {
        let key = self.typed("operation");
        if key.is_empty() || key.len() > 100 {
            return None;
        }
        let body: String = self
            .typed
            .iter()
            .map(|(n, v)| format!("{n}={v}\n"))
            .collect();
        let request_hash = sessions::digest(&format!("POST {} {body}", self.path));
        Some(OperationKey {
            key: key.to_owned(),
            request_hash,
        })
    }
}

/// The sentence to show beside a field, if an error concerns it.
#[must_use]
pub fn error_for(error: Option<&Error>, name: &str) -> Option<String> {
    let Some(Error::Invalid(fields)) = error else {
        return None;
    };
    fields
        .iter()
        .find(|f| f.name == name)
        .map(|f| wording::field::problem(&f.problem))
}
