//! Pages of a list: an opaque cursor, never more than the configured number of rows.
use chrono::{DateTime, Datelike, Utc};
use domain::text::{from_hex, hex};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::actions::Error;

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many rows, 50 by default.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// An instant in a cursor, within the years that every engine compares.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "DateTime<Utc>")]
pub struct At(pub DateTime<Utc>);

impl TryFrom<DateTime<Utc>> for At {
    type Error = &'static str;

    fn try_from(at: DateTime<Utc>) -> Result<Self, &'static str> {
        let near = (1..=9999).contains(&at.year());
        near.then_some(Self(at))
            .ok_or("a year of four digits is expected")
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Paging {
    /// How many rows to read: one more than shown tells whether there is a next page.
    ///
    /// # Errors
    /// A limit outside 1 to `max`.
    pub fn rows(&self, max: u64) -> Result<u64, Problem> {
        let rows = self.limit.unwrap_or(50.min(max));
        if (1..=max).contains(&rows) {
            Ok(rows)
        } else {
            Err(Problem::malformed(format!(
                "Le paramètre limit va de 1 à {max}."
            )))
        }
    }

    /// Reads the cursor as the key of the last row seen.
    ///
    /// # Errors
    /// A cursor that this server did not make names no page, hence "not found".
    pub fn after<K: for<'de> Deserialize<'de>>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        let text = from_hex(cursor).and_then(|bytes| String::from_utf8(bytes).ok());
        // No key of ours holds this character, and PostgreSQL refuses it in a text.
        let text = text.filter(|text| !text.contains("\\u0000"));
        let key = text.and_then(|text| serde_json::from_str(&text).ok());
        key.map(Some).ok_or_else(|| Error::NotFound.into())
    }
}

impl<T> Page<T> {
    /// A page from one row more than asked; `key` gives the key of a row.
    #[must_use]
    pub fn of<R, K: Serialize>(
        mut rows: Vec<R>,
        limit: u64,
        key: impl Fn(&R) -> K,
        show: impl Fn(R) -> T,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows
            .last()
            .filter(|_| more)
            .and_then(|row| cursor(&key(row)));
        Self {
            items: rows.into_iter().map(show).collect(),
            next,
        }
    }
}

impl<T> Page<T> {
    /// A page of a list that is read by position: `next` is where the next one begins.
    #[must_use]
    pub fn at<R>(rows: Vec<R>, next: u64, total: u64, show: impl Fn(R) -> T) -> Self {
        let next = (next < total).then_some(next);
        Self {
            items: rows.into_iter().map(show).collect(),
            next: next.and_then(|place| cursor(&place)),
        }
    }
}

fn cursor<K: Serialize>(key: &K) -> Option<String> {
    serde_json::to_vec(key).ok().map(hex)
}
