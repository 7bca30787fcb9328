//! The form that sends a file, read within its limit.
use axum::{
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    attachment::{AttachmentKind, LABEL_CHARS_MAX, Subject},
    field::{FieldProblem, Gathering},
    text,
};

use super::super::page::WebError;
use crate::{
    actions::{
        App, Error,
        attachments::{self, NewAttachment},
        sessions,
    },
    store::OperationKey,
};

/// What a form adds around its file: names, boundaries, headers.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// A form with a file, within the limit.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) fields: Vec<(String, String)>,
    file_name: String,
    bytes: Vec<u8>,
    /// The whole body passed the limit, so that nothing of it was read.
    pub(super) too_large: Option<usize>,
}

impl FromRequest<App> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let max = app.settings.limits.upload_bytes_max + FORM_BYTES_MAX;
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        let (parts, body) = request.into_parts();
        let Ok(bytes) = to_bytes(body, max).await else {
            return Ok(Self {
                too_large: Some(announced.unwrap_or(max)),
                ..Self::default()
            });
        };
        let mut request = Request::from_parts(parts, Body::from(bytes));
        // The limit is ours, above; axum's own is smaller and says nothing in French.
        DefaultBodyLimit::disable().apply(&mut request);
        read(request)
            .await
            .ok_or_else(|| WebError(Error::Invalid(Vec::new())).into_response())
    }
}

async fn read(request: Request) -> Option<Sent> {
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            Some(file_name) => {
                sent.file_name = file_name;
                sent.bytes = field.bytes().await.ok()?.to_vec();
            }
            None => sent.fields.push((name, field.text().await.ok()?)),
        }
    }
    Some(sent)
}

impl Sent {
    pub(super) fn typed(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    pub(super) fn operation(&self) -> Option<OperationKey> {
        let key = self.typed("operation");
        if key.is_empty() || key.len() > 100 {
            return None;
        }
        let fields: String = self
            .fields
            .iter()
            .map(|(n, v)| format!("{n}={v}\n"))
            .collect();
        let file = attachments::fingerprint(&self.bytes);
        Some(OperationKey {
            key: key.to_owned(),
            request_hash: sessions::digest(&format!("POST /pieces {fields}{file}")),
        })
    }

    pub(super) fn parse(&self, subject: Subject) -> Result<NewAttachment, Error> {
        let mut gathering = Gathering::default();
        let typed = self.typed("nature");
        let kind = AttachmentKind::from_code(typed).ok_or_else(|| FieldProblem::not_one_of(typed));
        let kind = gathering.read("nature", typed, kind);
        let label = gathering.read_optional("libelle", self.typed("libelle"), |typed| {
            text::clean(typed, LABEL_CHARS_MAX)
        });
        match (kind, label) {
            (Some(kind), Some(label)) => Ok(NewAttachment {
                subject,
                kind,
                label,
                file_name: self.file_name.clone(),
                bytes: self.bytes.clone(),
            }),
            (None, _) | (_, None) => Err(Error::Invalid(gathering.problems)),
        }
    }
}
