//! Attachments over JSON, and their files.
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State},
    http::StatusCode,
    response::Response,
};
use chrono::{DateTime, Utc};
use domain::{
    attachment::{AttachmentError, AttachmentKind, LABEL_CHARS_MAX, Subject, SubjectKind},
    field::Gathering,
    identity::AttachmentId,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Nothing, Query, Write, keyed},
    field,
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::{
    actions::{
        Actor, App, Error,
        attachments::{self, Attached, NewAttachment},
    },
    exchange::download,
    wording,
};

/// What a multipart body adds around its file: names, boundaries, headers.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What is said of the file.
const FORM_NAMES: [&str; 4] = ["subject_kind", "subject_id", "kind", "label"];

/// The operations on attachments.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show))
        .routes(routes!(content))
        .routes(routes!(remove))
        .routes(routes!(restore))
}

/// A file on an object.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    pub id: Uuid,
    /// `grouping`, `agreement`, `membership`, `round`, `declaration`, `procedure`, `award`,
    /// `contract`, `supplier`, `invoice`, `allocation`, `statement` or `recovery_order`.
    pub subject_kind: String,
    pub subject_id: Uuid,
    /// `deliberation`, `signed_agreement`, `invoice`, `annex`, `statement`, `mail` or `other`.
    pub kind: String,
    pub label: String,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub added_at: DateTime<Utc>,
    pub added_by: Option<Uuid>,
}

/// A file to attach, as `multipart/form-data`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachmentForm {
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub kind: String,
    #[schema(value_type = String, max_length = 200, required = false)]
    pub label: Option<String>,
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    pub file: Vec<u8>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct About {
    subject_kind: String,
    subject_id: Uuid,
}

impl From<Attached> for AttachmentView {
    fn from(attached: Attached) -> Self {
        let (attachment, file) = (attached.attachment, attached.file);
        Self {
            id: attachment.id.0,
            subject_kind: attachment.subject.kind.code().to_owned(),
            subject_id: attachment.subject.id,
            kind: attachment.kind.code().to_owned(),
            label: attachment.label,
            file_name: file.name,
            media_type: file.media_type.code().to_owned(),
            size_bytes: file.size_bytes,
            sha256: file.sha256,
            added_at: attachment.added_at,
            added_by: attachment.added_by.map(|id| id.0),
        }
    }
}

/// The attachments of an object, oldest first.
#[utoipa::path(
    get,
    path = "/attachments",
    operation_id = "list_attachments",
    tag = "attachments",
    params(About, Paging),
    responses((status = 200, body = Page<AttachmentView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(about): Query<About>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AttachmentView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let kind = SubjectKind::from_code(&about.subject_kind).ok_or(Error::NotFound)?;
    let subject = Subject {
        kind,
        id: about.subject_id,
    };
    let after = paging.after::<Uuid>()?.map(AttachmentId);
    let found = attachments::page(&app, &actor, subject, after, limit + 1).await?;
    let key = |a: &Attached| a.attachment.id.0;
    Ok(Json(Page::of(found, limit, key, AttachmentView::from)))
}

/// Keeps a file on an object.
#[utoipa::path(
    post,
    path = "/attachments",
    operation_id = "add_attachment",
    tag = "attachments",
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentView), WriteProblems)
)]
async fn add(
    State(app): State<App>,
    sent: Sent,
) -> Result<(StatusCode, Json<AttachmentView>), Problem> {
    let max = app.settings.limits.upload_bytes_max;
    if sent.new.bytes.len() > max {
        return Err(too_large(sent.new.bytes.len(), max));
    }
    let attached = attachments::add(&app, &sent.actor, sent.new).await?;
    Ok((StatusCode::CREATED, Json(attached.into())))
}

/// One attachment.
#[utoipa::path(
    get,
    path = "/attachments/{id}",
    operation_id = "show_attachment",
    tag = "attachments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AttachmentView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<AttachmentView>, Problem> {
    let found = attachments::find(&app, &actor, AttachmentId(id)).await?;
    Ok(Json(found.into()))
}

/// The file of an attachment.
#[utoipa::path(
    get,
    path = "/attachments/{id}/content",
    operation_id = "read_attachment",
    tag = "attachments",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "*/*", description = "The file, of its own media type and under its own name."),
        ReadProblems
    )
)]
async fn content(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Response, Problem> {
    let (file, bytes) = attachments::read(&app, &actor, AttachmentId(id)).await?;
    Ok(download::stored(&file, bytes))
}

/// Takes an attachment out of sight; it may be restored.
#[utoipa::path(
    post,
    path = "/attachments/{id}/remove",
    operation_id = "remove_attachment",
    tag = "attachments",
    params(("id" = Uuid, Path)),
    responses((status = 204), WriteProblems)
)]
async fn remove(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<StatusCode, Problem> {
    attachments::remove(&app, &write.actor, AttachmentId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a removed attachment back.
#[utoipa::path(
    post,
    path = "/attachments/{id}/restore",
    operation_id = "restore_attachment",
    tag = "attachments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AttachmentView), WriteProblems)
)]
async fn restore(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Json<AttachmentView>, Problem> {
    let restored = attachments::restore(&app, &write.actor, AttachmentId(id)).await?;
    let found = attachments::find(&app, &write.actor, restored.id).await?;
    Ok(Json(found.into()))
}

/// A multipart body with its caller, within the limit.
struct Sent {
    actor: Actor,
    new: NewAttachment,
}

impl FromRequest<App> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        use axum::extract::FromRequestParts;
        let (mut parts, body) = request.into_parts();
        let Bearer(actor) = Bearer::from_request_parts(&mut parts, app).await?;
        let max = app.settings.limits.upload_bytes_max;
        let Ok(bytes) = to_bytes(body, max + FORM_BYTES_MAX).await else {
            return Err(too_large(max + FORM_BYTES_MAX, max));
        };
        let print = attachments::fingerprint(&bytes);
        let operation = keyed(&parts.headers, &parts.method, &parts.uri, &print)?;
        let mut request = Request::from_parts(parts, Body::from(bytes));
        // The limit is ours, above; axum's own is smaller and answers in English.
        DefaultBodyLimit::disable().apply(&mut request);
        let Ok(form) = Multipart::from_request(request, app).await else {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Format non pris en charge",
                "Envoyez le fichier en multipart/form-data.",
            ));
        };
        let new = read(form, app, &actor).await?;
        Ok(Self {
            actor: actor.with_operation(operation),
            new,
        })
    }
}

async fn read(mut form: Multipart, app: &App, actor: &Actor) -> Result<NewAttachment, Problem> {
    let broken = |_| Problem::malformed("Le corps de la demande n’est pas lisible.");
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut file_name, mut bytes) = (String::new(), Vec::new());
    while let Some(part) = form.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            file_name = part.file_name().unwrap_or_default().to_owned();
            bytes = part.bytes().await.map_err(broken)?.to_vec();
        } else if FORM_NAMES.contains(&name.as_str()) {
            parts.push((name, part.text().await.map_err(broken)?));
        } else {
            let text = format!("La partie «\u{a0}{name}\u{a0}» n’est pas attendue.");
            return Err(Problem::malformed(text));
        }
    }
    let typed = |name: &str| {
        let found = parts.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, v)| v.as_str())
    };
    let mut all = Gathering::default();
    let subject_kind = typed("subject_kind");
    let kind_of = SubjectKind::from_code;
    let subject_kind = field::choice(&mut all, "subject_kind", subject_kind, kind_of);
    let id = |text: &str| text.parse::<Uuid>().ok();
    let subject_id = field::choice(&mut all, "subject_id", typed("subject_id"), id);
    if let (Some(kind), Some(id)) = (subject_kind, subject_id) {
        // What is not theirs stays unknown, whatever is wrong with the rest.
        attachments::require_writer(app, actor, Subject { kind, id }).await?;
    }
    let kind = field::choice(&mut all, "kind", typed("kind"), AttachmentKind::from_code);
    let label = all.read_optional("label", typed("label"), |typed| {
        text::clean(typed, LABEL_CHARS_MAX)
    });
    match (subject_kind, subject_id, kind, label) {
        (Some(subject_kind), Some(id), Some(kind), Some(label)) => Ok(NewAttachment {
            subject: Subject {
                kind: subject_kind,
                id,
            },
            kind,
            label,
            file_name,
            bytes,
        }),
        (_, _, _, _) => Err(Error::Invalid(all.problems).into()),
    }
}

fn too_large(size_bytes: usize, size_bytes_max: usize) -> Problem {
    let refused = AttachmentError::TooLarge {
        size_bytes,
        size_bytes_max,
    };
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        refused.code(),
        "Fichier trop volumineux",
        wording::attachment::too_large(size_bytes, size_bytes_max),
    )
}
