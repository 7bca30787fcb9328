//! « Pièces » : the files of any object, uploaded, downloaded, removed and brought back.
use askama::Template;
use axum::{
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Refusal,
    attachment::{
        AttachmentError, AttachmentKind, LABEL_CHARS_MAX, StoredFile, Subject, SubjectKind,
    },
    field::{Field, Gathering},
    identity::AttachmentId,
    text,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    components::{Choice, Typed},
    form::Fields,
    format,
    layout::{FlashKind, Shell},
    page::{Answer, WebError, local, page, page_with},
    routes::Routes,
    session::{self, Person},
};
use crate::{
    actions::{
        App, Error,
        attachments::{self, Attached, NewAttachment},
        sessions,
    },
    api::problem,
    store::OperationKey,
    wording,
};

/// What a form adds around its file: names, boundaries, headers.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// The addresses of attachments.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/pieces/nouvelle", show_new)
        .post("/pieces", add)
        .get("/pieces/{id}", download)
        .post("/pieces/{id}/retrait", remove)
        .post("/pieces/{id}/retablissement", restore)
}

/// The attachments of one object, for `templates/attachments/panel.html` on any page.
#[derive(Clone, Debug)]
pub struct Panel {
    pub rows: Vec<Row>,
    pub may_write: bool,
    /// The form that adds one, when the viewer may.
    pub upload: Upload,
}

/// The form that adds an attachment.
#[derive(Clone, Debug)]
pub struct Upload {
    pub subject_kind: &'static str,
    pub subject_id: String,
    /// The page to come back to.
    pub back: String,
    pub kinds: Vec<Choice>,
    pub typed: Typed,
    pub hint: String,
    pub operation: String,
}

/// One attachment of a panel.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: String,
    pub label: String,
    pub kind: &'static str,
    pub about: String,
    pub who: String,
    pub at: String,
    pub operation: String,
}

impl Panel {
    /// The attachments of an object that the viewer may read; `back` is the page it is on.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn of(
        app: &App,
        person: &Person,
        subject: Subject,
        back: String,
    ) -> Result<Self, Error> {
        let pieces = attachments::list(app, &person.actor, subject).await?;
        Ok(Self {
            rows: pieces
                .list
                .into_iter()
                .map(|attached| row(app, attached))
                .collect(),
            may_write: pieces.may_write,
            upload: Upload::of(app, subject, back, Typed::default()),
        })
    }
}

impl Upload {
    fn of(app: &App, subject: Subject, back: String, typed: Typed) -> Self {
        let limit = wording::attachment::size(app.settings.limits.upload_bytes_max);
        Self {
            subject_kind: subject.kind.code(),
            subject_id: subject.id.to_string(),
            back,
            kinds: AttachmentKind::ALL
                .into_iter()
                .map(|kind| Choice::new(kind.code(), wording::attachment::kind(kind)))
                .collect(),
            typed,
            hint: format!(
                "PDF, image, document bureautique, texte ou archive ZIP, {limit} au plus."
            ),
            operation: app.clock.new_id().to_string(),
        }
    }
}

fn row(app: &App, attached: Attached) -> Row {
    let size = usize::try_from(attached.file.size_bytes).unwrap_or(usize::MAX);
    Row {
        id: attached.attachment.id.to_string(),
        label: attached.attachment.label,
        kind: wording::attachment::kind(attached.attachment.kind),
        about: format!(
            "{}, {}",
            attached.file.name,
            wording::attachment::size(size)
        ),
        who: attached.added_by.unwrap_or_default(),
        at: format::day_time_year(attached.attachment.added_at),
        operation: app.clock.new_id().to_string(),
    }
}

#[derive(Template)]
#[template(path = "attachments/new.html")]
struct NewPage {
    shell: Shell,
    upload: Upload,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    sur: String,
    objet: String,
    retour: String,
}

async fn show_new(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let subject = subject(&asked.sur, &asked.objet)?;
    if !attachments::list(&app, &person.actor, subject)
        .await?
        .may_write
    {
        return Err(Error::Forbidden.into());
    }
    let back = local(&asked.retour).to_owned();
    page(&NewPage {
        shell: person.shell("Ajouter une pièce"),
        upload: Upload::of(&app, subject, back, Typed::default()),
    })
}

fn subject(kind: &str, id: &str) -> Result<Subject, Error> {
    Ok(Subject {
        kind: SubjectKind::from_code(kind).ok_or(Error::NotFound)?,
        id: id.parse().ok().ok_or(Error::NotFound)?,
    })
}

/// A form with a file, within the limit.
#[derive(Debug, Default)]
struct Sent {
    fields: Vec<(String, String)>,
    file_name: String,
    bytes: Vec<u8>,
    /// The whole body passed the limit, so that nothing of it was read.
    too_large: Option<usize>,
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
    fn typed(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    fn operation(&self) -> Option<OperationKey> {
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

    fn parse(&self, subject: Subject) -> Result<NewAttachment, Error> {
        let mut gathering = Gathering::default();
        let typed = self.typed("nature");
        let kind =
            AttachmentKind::from_code(typed).ok_or_else(|| domain::field::FieldProblem::NotOneOf {
                typed: typed.to_owned(),
            });
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

async fn add(State(app): State<App>, person: Person, session: Session, sent: Sent) -> Answer {
    if let Some(size_bytes) = sent.too_large {
        let size_bytes_max = app.settings.limits.upload_bytes_max;
        let error = AttachmentError::TooLarge {
            size_bytes,
            size_bytes_max,
        };
        return Ok(too_large(error));
    }
    let subject = subject(sent.typed("sur"), sent.typed("objet"))?;
    let back = local(sent.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(sent.operation());
    let done = match sent.parse(subject) {
        Ok(new) => attachments::add(&app, &actor, new).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(attached) => {
            let said = format!(
                "«\u{a0}{}\u{a0}» est ajoutée aux pièces.",
                attached.attachment.label
            );
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&back).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let page = NewPage {
                shell: person.shell("Ajouter une pièce"),
                upload: Upload::of(&app, subject, back, refill(&sent, &error)),
            };
            page_with(status(&error), &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Nothing of the form could be read, so nothing of it can be shown again.
fn too_large(refused: AttachmentError) -> Response {
    let mut response = WebError(Error::Refused(refused.into())).into_response();
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

/// A file over the limit is 413 wherever it is met; other refusals are those of the field.
fn status(error: &Error) -> StatusCode {
    if let Error::Refused(Refusal::Attachment(AttachmentError::TooLarge { .. })) = error {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    problem::status(error)
}

fn refill(sent: &Sent, error: &Error) -> Typed {
    let mut typed = Typed::of(sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    if let Error::Invalid(problems) = error {
        for Field { name, problem, .. } in problems {
            let label = if name == "nature" {
                "Nature"
            } else {
                "Libellé"
            };
            let sentence = wording::field::problem(problem);
            typed.refuse(name, format!("{label}\u{a0}: {sentence}"));
        }
    } else {
        typed.refuse("fichier", wording::error(error).1);
    }
    typed
}

async fn download(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let (file, bytes) = attachments::read(&app, &person.actor, parse(&id)?).await?;
    Ok(sent_as_file(&file, bytes))
}

/// The bytes as an attachment of their own type: no browser opens them in our pages.
#[must_use]
pub fn sent_as_file(file: &StoredFile, bytes: Vec<u8>) -> Response {
    let kind = file.media_type.code();
    let name = disposition(&file.name);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// The name in plain ASCII for old clients, and in full (RFC 6266).
fn disposition(name: &str) -> String {
    use std::fmt::Write;
    let plain: String = name
        .chars()
        .map(|c| {
            let kept = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
            if kept { c } else { '_' }
        })
        .collect();
    let full = name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

async fn remove(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let back = local(fields.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(fields.operation());
    let removed = attachments::remove(&app, &actor, id).await?;
    let said = format!("«\u{a0}{}\u{a0}» est retirée.", removed.label);
    let undo = format!("/pieces/{id}/retablissement");
    let fields = vec![("retour".to_owned(), back.clone())];
    session::tell_undo(&session, said, undo, fields).await?;
    Ok(Redirect::to(&back).into_response())
}

async fn restore(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let back = local(fields.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(fields.operation());
    let restored = attachments::restore(&app, &actor, parse(&id)?).await?;
    let said = format!("«\u{a0}{}\u{a0}» est rétablie.", restored.label);
    session::tell(&session, FlashKind::Done, said).await?;
    Ok(Redirect::to(&back).into_response())
}

fn parse(id: &str) -> Result<AttachmentId, Error> {
    id.parse().ok().ok_or(Error::NotFound)
}
