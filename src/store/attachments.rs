//! Attachments as rows, and where the object that bears them belongs.
use domain::{
    attachment::{Attachment, AttachmentKind, Subject, SubjectKind},
    identity::{AttachmentId, FileId, GroupingId, OrganisationId, UserId},
    purchasing::round::RoundState,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Query,
};
use uuid::Uuid;

use super::{
    StoreError, Tx, View,
    organisations::read,
    rows::{
        allocation, attachment as row, contract, grouping, invoice, membership, procedure, round,
        share,
    },
};

/// Where an object belongs, and what that means for who may see it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub seen_by: Audience,
}

/// Who sees an object besides its owner (« visibilité »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Every member of the grouping; this one may change it for itself.
    MembersAnd(OrganisationId),
    Members,
    /// The members who have a share of this invoice.
    Sharers {
        invoice: Uuid,
    },
    OwnerOnly,
}

/// Where an object belongs; each noun that bears attachments has its line here.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn place(view: &View, subject: Subject) -> Result<Place, StoreError> {
    let id = subject.id;
    let found = match subject.kind {
        SubjectKind::Grouping => grouping::Entity::find_by_id(id)
            .one(&view.0)
            .await?
            .map(|r| (r.owner_id, r.id, Audience::Members)),
        SubjectKind::Membership => {
            membership::Entity::find_by_id(id)
                .one(&view.0)
                .await?
                .map(|r| {
                    let seen_by = Audience::MembersAnd(OrganisationId(r.member_id));
                    (r.owner_id, r.grouping_id, seen_by)
                })
        }
        SubjectKind::Round => round::Entity::find_by_id(id).one(&view.0).await?.map(|r| {
            let draft = r.state == RoundState::Draft.code();
            let seen_by = if draft {
                Audience::OwnerOnly
            } else {
                Audience::Members
            };
            (r.owner_id, r.grouping_id, seen_by)
        }),
        SubjectKind::Procedure => procedure::Entity::find_by_id(id)
            .one(&view.0)
            .await?
            .map(|r| (r.owner_id, r.grouping_id, Audience::OwnerOnly)),
        SubjectKind::Contract => contract::Entity::find_by_id(id)
            .one(&view.0)
            .await?
            .map(|r| (r.owner_id, r.grouping_id, Audience::Members)),
        SubjectKind::Invoice => invoice::Entity::find_by_id(id)
            .one(&view.0)
            .await?
            .map(|r| {
                (
                    r.owner_id,
                    r.grouping_id,
                    Audience::Sharers { invoice: r.id },
                )
            }),
        SubjectKind::Allocation => {
            allocation::Entity::find_by_id(id)
                .one(&view.0)
                .await?
                .map(|r| {
                    let invoice = r.invoice_id;
                    (r.owner_id, r.grouping_id, Audience::Sharers { invoice })
                })
        }
    };
    let (owner, grouping, seen_by) = found.ok_or(StoreError::NotFound)?;
    Ok(Place {
        owner: OrganisationId(owner),
        grouping: GroupingId(grouping),
        seen_by,
    })
}

/// Whether one of these organisations has a share in any run over an invoice.
///
/// # Errors
/// Whatever the database says.
pub async fn has_share(
    view: &View,
    invoice: Uuid,
    members: impl IntoIterator<Item = OrganisationId>,
) -> Result<bool, StoreError> {
    let members: Vec<Uuid> = members.into_iter().map(|id| id.0).collect();
    let runs = Query::select()
        .column(allocation::Column::Id)
        .from(allocation::Entity)
        .and_where(allocation::Column::InvoiceId.eq(invoice))
        .take();
    let count = share::Entity::find()
        .filter(share::Column::AllocationId.in_subquery(runs))
        .filter(share::Column::MemberId.is_in(members))
        .count(&view.0)
        .await?;
    Ok(count > 0)
}

/// Finds an attachment.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: AttachmentId) -> Result<Attachment, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// The attachments of an object that were not removed, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, subject: Subject) -> Result<Vec<Attachment>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::SubjectKind.eq(subject.kind.code()))
        .filter(row::Column::SubjectId.eq(subject.id))
        .filter(row::Column::RemovedAt.is_null())
        .order_by_asc(row::Column::AddedAt)
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Reads an attachment and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: AttachmentId) -> Result<Attachment, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds an attachment.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, attachment: &Attachment) -> Result<(), StoreError> {
    tx.insert(to_row(attachment)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, attachment: &Attachment) -> Result<(), StoreError> {
    let mut row = to_row(attachment);
    row.version += 1;
    tx.update(row).await
}

fn to_row(a: &Attachment) -> row::Model {
    row::Model {
        id: a.id.0,
        owner_id: a.owner.0,
        subject_kind: a.subject.kind.code().to_owned(),
        subject_id: a.subject.id,
        file_id: a.file.0,
        kind: a.kind.code().to_owned(),
        label: a.label.clone(),
        added_at: a.added_at,
        added_by: a.added_by.map(|id| id.0),
        removed_at: a.removed_at,
        version: a.version,
    }
}

fn from_row(row: row::Model) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: AttachmentId(row.id),
        owner: OrganisationId(row.owner_id),
        subject: Subject {
            kind: read(
                "attachment.subject_kind",
                &row.subject_kind,
                SubjectKind::from_code,
            )?,
            id: row.subject_id,
        },
        file: FileId(row.file_id),
        kind: read("attachment.kind", &row.kind, AttachmentKind::from_code)?,
        label: row.label,
        added_at: row.added_at,
        added_by: row.added_by.map(UserId),
        removed_at: row.removed_at,
        version: row.version,
    })
}
