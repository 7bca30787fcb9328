//! The values of a JSON body, read in their strict form, every problem at once.
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use domain::{
    field::{Field, FieldProblem, Gathering},
    money::{Cents, UnitPrice},
    number::{NumberError, not_negative},
    text,
};

use crate::actions::Error;

/// Reads field after field and keeps every problem under the names of the JSON.
#[derive(Debug, Default)]
pub(super) struct Reading(Gathering);

impl Reading {
    /// A required line of text.
    pub(super) fn text(&mut self, name: &str, typed: &str, max: usize) -> Option<String> {
        self.0.read(name, typed, text::clean(typed, max))
    }

    /// Optional lines of text.
    pub(super) fn lines(
        &mut self,
        name: &str,
        typed: Option<&str>,
        max: usize,
    ) -> Option<Option<String>> {
        self.optional(name, typed, |typed| text::clean_lines(typed, max))
    }

    /// A required date, 2026-09-01.
    pub(super) fn date(&mut self, name: &str, typed: &str) -> Option<NaiveDate> {
        self.0.read(name, typed, date(typed))
    }

    /// An optional date.
    pub(super) fn date_optional(
        &mut self,
        name: &str,
        typed: Option<&str>,
    ) -> Option<Option<NaiveDate>> {
        self.optional(name, typed, date)
    }

    /// An optional instant, 2026-09-01T10:00:00Z.
    pub(super) fn instant(
        &mut self,
        name: &str,
        typed: Option<&str>,
    ) -> Option<Option<DateTime<Utc>>> {
        self.optional(name, typed, instant)
    }

    /// An optional amount, zero or more.
    pub(super) fn amount(&mut self, name: &str, typed: Option<&str>) -> Option<Option<Cents>> {
        self.optional(name, typed, |typed| {
            Cents::parse(typed).and_then(|amount| not_negative(amount, typed))
        })
    }

    /// A required unit price, zero or more.
    pub(super) fn unit_price(&mut self, name: &str, typed: &str) -> Option<UnitPrice> {
        self.0.read(name, typed, price(typed))
    }

    /// An optional unit price, zero or more.
    pub(super) fn unit_price_optional(
        &mut self,
        name: &str,
        typed: Option<&str>,
    ) -> Option<Option<UnitPrice>> {
        self.optional(name, typed, price)
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, name: &str, value: i32, min: i32, max: i32) -> Option<i32> {
        if (min..=max).contains(&value) {
            return Some(value);
        }
        let (min, max) = (min.to_string(), max.to_string());
        let problem = FieldProblem::OutOfRange { min, max };
        let field = Field::new(name, &value.to_string(), problem);
        self.0.problems.push(field);
        None
    }

    /// A code among those that exist.
    pub(super) fn choice<T>(
        &mut self,
        name: &str,
        typed: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let not_one_of = || FieldProblem::not_one_of(typed);
        self.0
            .read(name, typed, parse(typed).ok_or_else(not_one_of))
    }

    /// A required value read by any parser.
    pub(super) fn value<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        typed: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.0.read(name, typed, parse(typed))
    }

    /// An optional value read by any parser; an empty text is one that cannot be read.
    pub(super) fn optional<T, E: Into<FieldProblem>>(
        &mut self,
        name: &str,
        typed: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        match typed {
            None => Some(None),
            Some(typed) => self.0.read(name, typed, parse(typed)).map(Some),
        }
    }

    /// Says that a required value did not come.
    pub(super) fn missing(&mut self, name: &str) {
        let field = Field::new(name, "", FieldProblem::Missing);
        self.0.problems.push(field);
    }

    /// Every problem met, as the error of an action.
    pub(super) fn invalid(self) -> Error {
        Error::Invalid(self.0.problems)
    }
}

fn date(typed: &str) -> Result<NaiveDate, FieldProblem> {
    let strict = typed.len() == 10;
    let read = NaiveDate::parse_from_str(typed, "%Y-%m-%d").ok();
    read.filter(|_| strict).ok_or_else(|| FieldProblem::Date {
        typed: typed.to_owned(),
    })
}

fn instant(typed: &str) -> Result<DateTime<Utc>, FieldProblem> {
    let read = DateTime::parse_from_rfc3339(typed).ok();
    read.map(|at| at.to_utc().trunc_subsecs(6))
        .ok_or_else(|| FieldProblem::Date {
            typed: typed.to_owned(),
        })
}

fn price(typed: &str) -> Result<UnitPrice, NumberError> {
    UnitPrice::parse(typed).and_then(|price| not_negative(price, typed))
}
