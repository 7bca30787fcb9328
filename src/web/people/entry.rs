//! One thing typed in one form: the page of most additions and changes here.
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use tower_sessions::Session;

use crate::{
    actions::{App, Error},
    web::{
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session,
    },
    wording,
};

/// How a field is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Digits,
    Email,
    Phone,
    Area,
    List,
    Several,
    Tick,
    Password,
    NewPassword,
}

/// A field of the form.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub kind: Kind,
    pub name: &'static str,
    pub label: &'static str,
    pub hint: String,
    pub optional: bool,
    pub choices: Vec<Choice>,
}

impl Input {
    pub fn new(kind: Kind, name: &'static str, label: &'static str) -> Self {
        Self {
            kind,
            name,
            label,
            hint: String::new(),
            optional: false,
            choices: Vec::new(),
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    pub fn among(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }
}

/// The form and its frame.
#[derive(Clone, Debug, Template)]
#[template(path = "people/entry.html")]
pub(super) struct Entry {
    pub shell: Shell,
    /// A sentence above the form, or nothing.
    pub intro: String,
    pub inputs: Vec<Input>,
    pub typed: Typed,
    pub verb: &'static str,
    /// Where the form is left without doing anything.
    pub back: String,
    /// The version that was read, for what exists.
    pub version: String,
    pub operation: String,
    /// A rule that refused, said above the form.
    pub refusal: String,
    /// A neighbouring page and its name.
    pub beside: Option<(&'static str, &'static str)>,
}

impl Entry {
    /// An empty form, or one filled with what exists.
    pub fn new(app: &App, shell: Shell, verb: &'static str, back: impl Into<String>) -> Self {
        Self {
            shell,
            intro: String::new(),
            inputs: Vec::new(),
            typed: Typed::default(),
            verb,
            back: back.into(),
            version: String::new(),
            operation: app.clock.new_id().to_string(),
            refusal: String::new(),
            beside: None,
        }
    }

    pub fn intro(mut self, intro: impl Into<String>) -> Self {
        self.intro = intro.into();
        self
    }

    pub fn inputs(mut self, inputs: Vec<Input>) -> Self {
        self.inputs = inputs;
        self
    }

    pub fn beside(mut self, href: &'static str, name: &'static str) -> Self {
        self.beside = Some((href, name));
        self
    }

    pub fn filled(mut self, typed: Typed) -> Self {
        self.typed = typed;
        self
    }

    pub fn at_version(mut self, version: i32) -> Self {
        self.version = version.to_string();
        self
    }

    pub fn show(&self) -> Answer {
        page(self)
    }

    /// Says what was done and goes back, or shows the form again with what is wrong.
    pub async fn end(
        self,
        session: &Session,
        done: Result<String, Error>,
        fields: &Fields,
    ) -> Answer {
        match done {
            Ok(text) => {
                session::tell(session, FlashKind::Done, text).await?;
                Ok(Redirect::to(&self.back).into_response())
            }
            Err(error) => self.again(fields, error),
        }
    }

    /// The same form again, with what was typed and why it was refused.
    pub fn again(mut self, fields: &Fields, error: Error) -> Answer {
        let status = match &error {
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Refused(_) | Error::Stale => StatusCode::CONFLICT,
            Error::Unauthenticated
            | Error::Forbidden
            | Error::NotFound
            | Error::OperationReused
            | Error::Busy
            | Error::TimedOut
            | Error::Internal(_) => return Err(error.into()),
        };
        self.typed = typed_again(fields, &error);
        self.version = fields.typed("version").to_owned();
        if !matches!(error, Error::Invalid(_)) {
            self.refusal = wording::error(&error).1;
        }
        page_with(status, &self)
    }
}

/// What was typed, each field with the sentence that refuses it.
pub(super) fn typed_again(fields: &Fields, error: &Error) -> Typed {
    let mut typed = Typed::of(fields.iter());
    if let Error::Invalid(problems) = error {
        for field in problems {
            typed.refuse(&field.name, wording::field::problem(&field.problem));
        }
    }
    typed
}

/// The version that the form was opened on.
pub(super) fn version(fields: &Fields) -> Option<i32> {
    fields.typed("version").parse().ok()
}
