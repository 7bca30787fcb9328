//! Attachments as rows, and where the object that bears them belongs.
use domain::{
    attachment::{Attachment, AttachmentKind, Subject, SubjectKind},
    identity::{AttachmentId, FileId, GroupingId, OrganisationId, UserId},
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
        allocation, attachment as row, award, contract, declaration, grouping,
        grouping_agreement as agreement, invoice, membership, procedure, recovery_order, round,
        share, statement, supplier,
    },
};

/// Where an object belongs (« rattachement »).
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub owner: OrganisationId,
    /// None for what serves several groupings.
    pub grouping: Option<GroupingId>,
    /// The member whose own object it is.
    pub member: Option<OrganisationId>,
    /// The invoice whose payers may see it.
    pub invoice: Option<Uuid>,
    /// The procedure whose readers may see it.
    pub procedure: Option<Uuid>,
}

impl Place {
    fn of(owner: Uuid, grouping: Uuid) -> Self {
        Self {
            owner: OrganisationId(owner),
            grouping: Some(GroupingId(grouping)),
            member: None,
            invoice: None,
            procedure: None,
        }
    }

    fn of_member(owner: Uuid, grouping: Uuid, member: Uuid) -> Self {
        Self {
            member: Some(OrganisationId(member)),
            ..Self::of(owner, grouping)
        }
    }
}

/// Where an object belongs; each noun that bears attachments has its line here.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn place(view: &View, subject: Subject) -> Result<Place, StoreError> {
    let (id, db) = (subject.id, &view.0);
    let found = match subject.kind {
        SubjectKind::Grouping => {
            let found = grouping::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of(r.owner_id, r.id))
        }
        SubjectKind::Membership => {
            let found = membership::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of_member(r.owner_id, r.grouping_id, r.member_id))
        }
        SubjectKind::Agreement => {
            let found = agreement::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of(r.owner_id, r.grouping_id))
        }
        SubjectKind::Declaration => declaration_place(view, id).await?,
        SubjectKind::Award => award_place(view, id).await?,
        SubjectKind::Supplier => {
            let found = supplier::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place {
                grouping: None,
                ..Place::of(r.owner_id, r.id)
            })
        }
        SubjectKind::Statement => {
            let found = statement::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of_member(r.owner_id, r.grouping_id, r.member_id))
        }
        SubjectKind::RecoveryOrder => {
            let found = recovery_order::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of_member(r.owner_id, r.grouping_id, r.member_id))
        }
        SubjectKind::Round => {
            let found = round::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of(r.owner_id, r.grouping_id))
        }
        SubjectKind::Procedure => {
            let found = procedure::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of(r.owner_id, r.grouping_id))
        }
        SubjectKind::Contract => {
            let found = contract::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place::of(r.owner_id, r.grouping_id))
        }
        SubjectKind::Invoice => {
            let found = invoice::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place {
                invoice: Some(r.id),
                ..Place::of(r.owner_id, r.grouping_id)
            })
        }
        SubjectKind::Allocation => {
            let found = allocation::Entity::find_by_id(id).one(db).await?;
            found.map(|r| Place {
                invoice: Some(r.invoice_id),
                ..Place::of(r.owner_id, r.grouping_id)
            })
        }
    };
    found.ok_or(StoreError::NotFound)
}

async fn declaration_place(view: &View, id: Uuid) -> Result<Option<Place>, StoreError> {
    let Some(found) = declaration::Entity::find_by_id(id).one(&view.0).await? else {
        return Ok(None);
    };
    let of = round::Entity::find_by_id(found.round_id)
        .one(&view.0)
        .await?;
    Ok(of.map(|r| Place::of_member(r.owner_id, r.grouping_id, found.member_id)))
}

async fn award_place(view: &View, id: Uuid) -> Result<Option<Place>, StoreError> {
    let Some(found) = award::Entity::find_by_id(id).one(&view.0).await? else {
        return Ok(None);
    };
    let of = procedure::Entity::find_by_id(found.procedure_id);
    Ok(of.one(&view.0).await?.map(|r| Place {
        procedure: Some(r.id),
        ..Place::of(r.owner_id, r.grouping_id)
    }))
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

/// A page of them, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    subject: Subject,
    after: Option<AttachmentId>,
    limit: u64,
) -> Result<Vec<Attachment>, StoreError> {
    let mut query = row::Entity::find()
        .filter(row::Column::SubjectKind.eq(subject.kind.code()))
        .filter(row::Column::SubjectId.eq(subject.id))
        .filter(row::Column::RemovedAt.is_null());
    if let Some(last) = after {
        query = query.filter(row::Column::Id.gt(last.0));
    }
    // Identifiers begin with the instant: their order is that of addition.
    let rows = query.order_by_asc(row::Column::Id).limit(limit);
    let rows = rows.all(&view.0).await?;
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
