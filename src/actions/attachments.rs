//! Attachments: added, listed, read, removed and brought back, with the rights of their object.
use std::collections::BTreeMap;

use domain::{
    attachment::{
        Attachment, AttachmentKind, StoredFile, Subject, SubjectKind, check_file, file_name,
        without_metadata,
    },
    identity::{AttachmentId, ContractId, FileId, ProcedureId, RoundId, UserId},
    permission::Right,
};
use serde_json::json;

use super::{
    Actor, App, Error,
    purchasing::{contracts, groupings, procedures, rounds},
};
use crate::store::{
    Begun, Line, Scope, View,
    attachments::{self as rows, Place},
    files, users,
};

/// A file to attach.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    pub subject: Subject,
    pub kind: AttachmentKind,
    /// What readers see; the name of the file when nothing was typed.
    pub label: Option<String>,
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// An attachment with its file and who added it.
#[derive(Clone, Debug)]
pub struct Attached {
    pub attachment: Attachment,
    pub file: StoredFile,
    pub added_by: Option<String>,
}

/// The attachments of an object, and whether the actor may add some.
#[derive(Clone, Debug)]
pub struct Pieces {
    pub list: Vec<Attached>,
    pub may_write: bool,
}

/// The hash of the bytes of a request, so that its key cannot serve for another file.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    files::sha256(bytes)
}

/// The attachments of an object that the actor may read.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(app: &App, actor: &Actor, subject: Subject) -> Result<Pieces, Error> {
    let view = app.store.view().await?;
    let place = readable(&view, actor, subject).await?;
    let list = rows::list(&view, subject).await?;
    Ok(Pieces {
        list: attached(&view, list).await?,
        may_write: may_write(actor, subject.kind, &place),
    })
}

/// A page of them, oldest first, after the last one seen.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    subject: Subject,
    after: Option<AttachmentId>,
    limit: u64,
) -> Result<Vec<Attached>, Error> {
    let view = app.store.view().await?;
    readable(&view, actor, subject).await?;
    let list = rows::page(&view, subject, after, limit).await?;
    attached(&view, list).await
}

/// Refuses who may not put a file on an object, before anything is said of the file.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn require_writer(app: &App, actor: &Actor, subject: Subject) -> Result<(), Error> {
    if actor.token_may_write == Some(false) {
        return Err(Error::Forbidden);
    }
    let view = app.store.view().await?;
    writable(&view, actor, subject).await.map(|_| ())
}

/// Whether the actor may put a file on anything at all.
pub(super) fn writes_some(actor: &Actor) -> bool {
    let mut rights = SubjectKind::ALL.into_iter().flat_map(|kind| {
        let (runs, own) = writing_rights(kind);
        [Some(runs), own].into_iter().flatten()
    });
    rights.any(|right| actor.organisations_with(right).next().is_some())
}

/// Keeps a file on an object.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`]; a file that is empty, too large or of no known
/// kind, as a refusal.
pub async fn add(app: &App, actor: &Actor, new: NewAttachment) -> Result<Attached, Error> {
    require_writer(app, actor, new.subject).await?;
    let media_type = check_file(
        &new.file_name,
        &new.bytes,
        app.settings.limits.upload_bytes_max,
    )?;
    let bytes = without_metadata(new.bytes);
    let tx = match app.begin(actor, "attachment.add").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, AttachmentId(id)).await;
        }
    };
    let place = writable(&tx, actor, new.subject).await?;
    let name = file_name(&new.file_name);
    let file = StoredFile {
        id: FileId(app.clock.new_id()),
        owner: place.owner,
        sha256: files::sha256(&bytes),
        media_type,
        size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        name: name.clone(),
        created_at: tx.now(),
        created_by: actor.user(),
    };
    files::insert(&tx, &file, &bytes).await?;
    let attachment = Attachment {
        id: AttachmentId(app.clock.new_id()),
        owner: place.owner,
        subject: new.subject,
        file: file.id,
        kind: new.kind,
        label: new.label.unwrap_or(name),
        added_at: tx.now(),
        added_by: actor.user(),
        removed_at: None,
        version: 0,
    };
    rows::insert(&tx, &attachment).await?;
    let detail = json!({"sha256": file.sha256, "size_bytes": file.size_bytes});
    tx.commit(line(&place, &attachment, detail)).await?;
    tracing::info!(attachment.id = %attachment.id, "Added an attachment");
    Ok(Attached {
        attachment,
        file,
        added_by: actor.user().map(|_| actor.name.clone()),
    })
}

/// Finds an attachment that the actor may read; one that was removed is not found.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: AttachmentId) -> Result<Attached, Error> {
    let view = app.store.view().await?;
    find_in(&view, actor, id).await
}

/// The file of an attachment and its bytes.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Internal`] when a byte changed since it was kept.
pub async fn read(
    app: &App,
    actor: &Actor,
    id: AttachmentId,
) -> Result<(StoredFile, Vec<u8>), Error> {
    let view = app.store.view().await?;
    let found = find_in(&view, actor, id).await?;
    let bytes = files::bytes(&view, &found.file).await?;
    Ok((found.file, bytes))
}

/// Takes an attachment out of sight; its bytes stay, so that it may come back.
///
/// # Errors
/// One that was removed already, as a refusal.
pub async fn remove(app: &App, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
    change(app, actor, id, "attachment.remove", |attachment, now| {
        attachment.remove(now)
    })
    .await
}

/// Brings a removed attachment back.
///
/// # Errors
/// One that was not removed, as a refusal.
pub async fn restore(app: &App, actor: &Actor, id: AttachmentId) -> Result<Attachment, Error> {
    change(app, actor, id, "attachment.restore", |attachment, _| {
        attachment.restore()
    })
    .await
}

async fn change(
    app: &App,
    actor: &Actor,
    id: AttachmentId,
    action: &'static str,
    rule: impl FnOnce(
        &mut Attachment,
        chrono::DateTime<chrono::Utc>,
    ) -> Result<(), domain::attachment::AttachmentError>,
) -> Result<Attachment, Error> {
    let tx = match app.begin(actor, action).await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => {
            let view = app.store.view().await?;
            return Ok(rows::find(&view, id).await?);
        }
    };
    let mut attachment = rows::lock(&tx, id).await?;
    let place = writable(&tx, actor, attachment.subject).await?;
    rule(&mut attachment, tx.now())?;
    rows::save(&tx, &attachment).await?;
    attachment.version += 1;
    tx.commit(line(&place, &attachment, json!({}))).await?;
    Ok(attachment)
}

async fn find_in(view: &View, actor: &Actor, id: AttachmentId) -> Result<Attached, Error> {
    let attachment = rows::find(view, id).await?;
    readable(view, actor, attachment.subject).await?;
    if attachment.removed_at.is_some() {
        return Err(Error::NotFound);
    }
    let mut found = attached(view, vec![attachment]).await?;
    found.pop().ok_or(Error::NotFound)
}

async fn attached(view: &View, list: Vec<Attachment>) -> Result<Vec<Attached>, Error> {
    let files = files::find_all(view, list.iter().map(|a| a.file)).await?;
    let files: BTreeMap<FileId, StoredFile> = files.into_iter().map(|f| (f.id, f)).collect();
    let users = users::find_all(view, list.iter().filter_map(|a| a.added_by)).await?;
    let name = |id: Option<UserId>| id.and_then(|id| users.get(&id)).map(|u| u.name.clone());
    Ok(list
        .into_iter()
        .filter_map(|attachment| {
            Some(Attached {
                file: files.get(&attachment.file)?.clone(),
                added_by: name(attachment.added_by),
                attachment,
            })
        })
        .collect())
}

/// Where the object belongs, to an actor that may read it: each object says so itself.
async fn readable(view: &View, actor: &Actor, subject: Subject) -> Result<Place, Error> {
    let place = rows::place(view, subject).await?;
    if actor.belongs_to(place.owner) {
        return Ok(place);
    }
    match subject.kind {
        SubjectKind::Grouping | SubjectKind::Agreement | SubjectKind::Membership => {
            let grouping = place.grouping.ok_or(Error::NotFound)?;
            groupings::readable(view, actor, grouping).await?;
        }
        SubjectKind::Declaration => require_member(actor, Right::See, &place)?,
        SubjectKind::Statement | SubjectKind::RecoveryOrder => {
            require_member(actor, Right::ReadStatements, &place)?;
        }
        SubjectKind::Award => {
            let procedure = place.procedure.ok_or(Error::NotFound)?;
            procedures::seen(view, actor, ProcedureId(procedure)).await?;
        }
        SubjectKind::Supplier => return Err(Error::NotFound),
        SubjectKind::Round => {
            rounds::concerned(view, actor, RoundId(subject.id)).await?;
        }
        SubjectKind::Procedure => {
            procedures::seen(view, actor, ProcedureId(subject.id)).await?;
        }
        SubjectKind::Contract => {
            contracts::seen(view, actor, ContractId(subject.id)).await?;
        }
        SubjectKind::Invoice | SubjectKind::Allocation => {
            let invoice = place.invoice.ok_or(Error::NotFound)?;
            let own = actor.organisations_with(Right::ReadStatements);
            if !rows::has_share(view, invoice, own).await? {
                return Err(Error::NotFound);
            }
        }
    }
    Ok(place)
}

/// What is one member's own is hidden from the others.
fn require_member(actor: &Actor, right: Right, place: &Place) -> Result<(), Error> {
    let member = place.member.ok_or(Error::NotFound)?;
    actor.require(right, member)
}

/// The same, to an actor that may change it.
async fn writable(view: &View, actor: &Actor, subject: Subject) -> Result<Place, Error> {
    let place = readable(view, actor, subject).await?;
    if may_write(actor, subject.kind, &place) {
        Ok(place)
    } else {
        Err(Error::Forbidden)
    }
}

/// Refuses who may not take away an attachment, nor bring it back.
pub(super) async fn check_writer(
    view: &View,
    actor: &Actor,
    id: AttachmentId,
) -> Result<(), Error> {
    let attachment = rows::find(view, id).await?;
    writable(view, actor, attachment.subject).await.map(|_| ())
}

/// Who puts files on such objects: by this right the coordinator, by that one the member whose
/// own they are.
fn writing_rights(kind: SubjectKind) -> (Right, Option<Right>) {
    match kind {
        SubjectKind::Grouping | SubjectKind::Agreement => (Right::RunGroupings, None),
        SubjectKind::Membership => (Right::RunGroupings, Some(Right::DecideMembership)),
        SubjectKind::Round => (Right::RunRounds, None),
        SubjectKind::Declaration => (Right::RunRounds, Some(Right::DeclareNeeds)),
        SubjectKind::Procedure
        | SubjectKind::Award
        | SubjectKind::Contract
        | SubjectKind::Supplier => (Right::RunProcedures, None),
        SubjectKind::Invoice
        | SubjectKind::Allocation
        | SubjectKind::Statement
        | SubjectKind::RecoveryOrder => (Right::RunAllocations, None),
    }
}

fn may_write(actor: &Actor, kind: SubjectKind, place: &Place) -> bool {
    let (runs, own) = writing_rights(kind);
    let of_member = own.zip(place.member);
    actor.may(runs, place.owner) || of_member.is_some_and(|(own, member)| actor.may(own, member))
}

fn line(place: &Place, attachment: &Attachment, mut detail: serde_json::Value) -> Line {
    if let Some(facts) = detail.as_object_mut() {
        facts.insert("kind".into(), json!(attachment.kind.code()));
        facts.insert("on".into(), json!(attachment.subject.kind.code()));
        facts.insert("on_id".into(), json!(attachment.subject.id));
    }
    let scope = match place.grouping {
        Some(grouping) => Scope::Grouping(grouping),
        None => Scope::Organisation(place.owner),
    };
    Line::about(scope, "attachment", attachment.id.0).saying(detail)
}
