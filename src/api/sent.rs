//! A file sent as a form: its bytes within the limit, and the boxes beside it.
use std::collections::BTreeSet;

use axum::{
    extract::{Multipart, multipart::MultipartRejection},
    http::{HeaderMap, Method, StatusCode, Uri},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{extract::keyed, problem::Problem};
use crate::{
    actions::{App, attachments},
    exchange::spreadsheet::FileError,
    store::OperationKey,
};

/// A table to bring in, as `multipart/form-data`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the parts of the form")]
pub(super) struct TableForm {
    /// CSV, XLSX or ODS.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true`: says what would change and writes nothing.
    #[schema(value_type = bool, required = false)]
    dry_run: Option<bool>,
}

/// The parts of a form with a file.
#[derive(Debug)]
pub(super) struct Sent {
    /// As the client calls the file.
    pub name: Option<String>,
    pub file: Vec<u8>,
    said: BTreeSet<&'static str>,
}

impl Sent {
    /// Whether this box holds `true`.
    pub(super) fn says(&self, flag: &str) -> bool {
        self.said.contains(flag)
    }

    /// The key of the request, which stands for this file and these boxes and for no other.
    ///
    /// # Errors
    /// 400 for a key that cannot be one.
    pub(super) fn key(
        &self,
        headers: &HeaderMap,
        method: &Method,
        uri: &Uri,
    ) -> Result<Option<OperationKey>, Problem> {
        let mut print = attachments::fingerprint(&self.file);
        for flag in &self.said {
            print.push('&');
            print.push_str(flag);
        }
        keyed(headers, method, uri, &print)
    }

    /// Reads the part `file` and these boxes; any other part is refused.
    ///
    /// # Errors
    /// 400.
    pub(super) async fn receive(
        app: &App,
        parts: Result<Multipart, MultipartRejection>,
        flags: &[&'static str],
    ) -> Result<Self, Problem> {
        let unreadable =
            || Problem::malformed("Le corps n’est pas un formulaire en plusieurs parties.");
        let mut parts = parts.ok().ok_or_else(unreadable)?;
        let max = app.settings.limits.upload_bytes_max;
        let (mut file, mut file_name, mut said) = (None, None, BTreeSet::new());
        while let Some(mut part) = parts.next_field().await.ok().ok_or_else(unreadable)? {
            let name = part.name().unwrap_or("").to_owned();
            let mut bytes = Vec::new();
            while let Some(chunk) = part.chunk().await.ok().ok_or_else(unreadable)? {
                // One byte too many is kept, so that the reader refuses it with its sentence.
                if bytes.len() <= max {
                    bytes.extend_from_slice(&chunk);
                }
            }
            if name == "file" {
                file_name = part.file_name().map(str::to_owned);
                file = Some(bytes);
            } else if let Some(flag) = flags.iter().find(|flag| **flag == name) {
                if is_true(&bytes, flag)? {
                    said.insert(*flag);
                }
            } else {
                let text = format!("La partie «\u{a0}{name}\u{a0}» n’est pas attendue.");
                return Err(Problem::malformed(text));
            }
        }
        let missing = || Problem::malformed("La partie «\u{a0}file\u{a0}» manque.");
        Ok(Self {
            name: file_name,
            file: file.ok_or_else(missing)?,
            said,
        })
    }
}

fn is_true(bytes: &[u8], flag: &str) -> Result<bool, Problem> {
    match bytes {
        b"true" => Ok(true),
        b"false" | b"" => Ok(false),
        _ => Err(Problem::malformed(format!("{flag} vaut true ou false."))),
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Action(error) => error.into(),
            FileError::Unreadable {
                code,
                sentence,
                too_large,
            } => {
                let status = if too_large {
                    StatusCode::PAYLOAD_TOO_LARGE
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                Self::new(status, code, "Fichier refusé", sentence)
            }
        }
    }
}
