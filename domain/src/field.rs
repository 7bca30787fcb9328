//! A field that cannot be read: which one, what was typed, and what is wrong with it.

use crate::allocation::FileProblem;
use crate::french::DateError;
use crate::identity::{EmailError, InseeError, PhoneError, SirenError, SiretError};
use crate::money::UnknownTaxCategory;
use crate::number::NumberError;
use crate::site::SiteNumberError;
use crate::text::TextError;

/// The longest part of a typed text that is quoted back.
const TYPED_CHARS_MAX: usize = 200;

/// What is wrong with one typed value (« erreur de saisie »); no rule of the trade is here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    #[error("a value is missing")]
    Missing,
    #[error("the text has more than {max} characters")]
    TooLong { max: usize },
    #[error("the text holds a control character")]
    ControlCharacter,
    #[error(transparent)]
    Number(#[from] NumberError),
    #[error("`{typed}` is not a date")]
    Date { typed: String },
    #[error(transparent)]
    Siren(#[from] SirenError),
    #[error(transparent)]
    Siret(#[from] SiretError),
    #[error(transparent)]
    Insee(#[from] InseeError),
    #[error(transparent)]
    Email(#[from] EmailError),
    #[error(transparent)]
    Phone(#[from] PhoneError),
    #[error(transparent)]
    SiteNumber(#[from] SiteNumberError),
    /// The text is not one of the choices offered.
    #[error("`{typed}` is not one of the choices")]
    NotOneOf { typed: String },
    /// The limits are in the strict text form of the value.
    #[error("the value lies outside {min} to {max}")]
    OutOfRange { min: String, max: String },
    /// A rule or a file has its own ways of being wrong.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// The names known there are said back, so that a slip is seen.
    #[error("no parameter has this name here")]
    Unknown { known: Vec<String> },
}

/// One field that could not be read (« champ »), by its name in the form or in the JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub typed: String,
    pub problem: FieldProblem,
}

impl Field {
    /// Keeps the first 200 characters of `typed`, enough to recognise it.
    pub fn new(name: impl Into<String>, typed: &str, problem: impl Into<FieldProblem>) -> Self {
        let typed = typed.chars().take(TYPED_CHARS_MAX).collect();
        Self {
            name: name.into(),
            typed,
            problem: problem.into(),
        }
    }
}

impl FieldProblem {
    /// Stable name used in problem details and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "field.missing",
            Self::TooLong { .. } => "field.too-long",
            Self::ControlCharacter => "field.control-character",
            Self::Number(e) => e.code(),
            Self::Date { .. } => "field.date",
            Self::Siren(_) => "field.siren",
            Self::Siret(_) => "field.siret",
            Self::Insee(_) => "field.insee",
            Self::Email(_) => "field.email",
            Self::Phone(_) => "field.phone",
            Self::SiteNumber(_) => "field.site-number",
            Self::NotOneOf { .. } => "field.not-one-of",
            Self::OutOfRange { .. } => "field.out-of-range",
            Self::File(_) => "field.file",
            Self::Unknown { .. } => "field.unknown",
        }
    }
}

impl FieldProblem {
    /// What was typed is not one of the choices offered (« choix inconnu »).
    #[must_use]
    pub fn not_one_of(typed: &str) -> Self {
        Self::NotOneOf {
            typed: typed.chars().take(NOT_ONE_OF_CHARS_MAX).collect(),
        }
    }
}

/// How much of an unknown choice is said back.
const NOT_ONE_OF_CHARS_MAX: usize = 200;

impl From<TextError> for FieldProblem {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Empty => Self::Missing,
            TextError::TooLong { max } => Self::TooLong { max },
            TextError::ControlCharacter => Self::ControlCharacter,
        }
    }
}

impl From<DateError> for FieldProblem {
    fn from(error: DateError) -> Self {
        Self::Date { typed: error.typed }
    }
}

impl From<UnknownTaxCategory> for FieldProblem {
    fn from(error: UnknownTaxCategory) -> Self {
        Self::NotOneOf { typed: error.typed }
    }
}

/// Reads several values and keeps every problem met (« erreurs de saisie réunies »).
///
/// One answer then names them all.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    pub problems: Vec<Field>,
}

impl Gathering {
    /// Keeps the value, or the problem under the field's name.
    pub fn read<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        typed: &str,
        result: Result<T, E>,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(Field::new(name, typed, problem));
                None
            }
        }
    }

    /// Reads a value that may be left empty; `Some(None)` means it was.
    pub fn read_optional<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        typed: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        if typed.trim().is_empty() {
            return Some(None);
        }
        self.read(name, typed, parse(typed)).map(Some)
    }
}
