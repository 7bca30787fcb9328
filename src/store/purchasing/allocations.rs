//! Runs of a split as rows: added, never changed.
use std::collections::BTreeMap;

use domain::{
    allocation::Totals,
    budget::Budget,
    identity::{
        AllocationId, BudgetId, GroupingId, InvoiceId, InvoiceLineId, OrganisationId, UserId,
    },
    money::Cents,
    purchasing::{
        membership::{JoinedLots, Membership, MembershipState},
        run::{AllocationRun, Participant},
        share::{Share, Shares, TaxShare},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{invoice_lines::tax_group, memberships};
use crate::store::{
    StoreError, Tx, View, budgets,
    organisations::{self, read_optional},
    rows::{allocation as row, share, share_tax},
};

/// Finds one run.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: AllocationId) -> Result<AllocationRun, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// The runs of an invoice, the latest first.
///
/// # Errors
/// Whatever the database says.
pub async fn runs_of(view: &View, invoice: InvoiceId) -> Result<Vec<AllocationRun>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::InvoiceId.eq(invoice.0))
        .order_by_desc(row::Column::Run)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Finds several runs at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = AllocationId>,
) -> Result<BTreeMap<AllocationId, AllocationRun>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.insert(AllocationId(row.id), from_row(row)?);
        }
    }
    Ok(found)
}

/// The number of the latest run of each of these invoices.
///
/// # Errors
/// Whatever the database says.
pub async fn latest_runs(
    view: &View,
    invoices: impl IntoIterator<Item = InvoiceId>,
) -> Result<BTreeMap<InvoiceId, i32>, StoreError> {
    let ids: Vec<Uuid> = invoices.into_iter().map(|id| id.0).collect();
    let mut latest = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find()
            .filter(row::Column::InvoiceId.is_in(some.iter().copied()))
            .all(&view.0)
            .await?;
        for row in rows {
            let last = latest.entry(InvoiceId(row.invoice_id)).or_insert(row.run);
            *last = row.run.max(*last);
        }
    }
    Ok(latest)
}

/// Adds a run with its shares.
///
/// # Errors
/// [`StoreError::Taken`] when a rival made the same run meanwhile.
pub async fn insert(tx: &Tx, run: &AllocationRun, shares: &Shares) -> Result<(), StoreError> {
    tx.insert(to_row(run)?).await?;
    let lines = shares.lines.iter().map(|part| share::Model {
        id: part.id,
        owner_id: run.owner.0,
        allocation_id: run.id.0,
        line_id: part.line.0,
        member_id: part.member.0,
        budget_id: part.budget.map(|id| id.0),
        case_id: part.case_id.clone(),
        net_cents: part.net.0,
        section: None,
        account: None,
    });
    tx.insert_all(lines.collect()).await?;
    let taxes = shares.taxes.iter().map(|part| share_tax::Model {
        id: part.id,
        owner_id: run.owner.0,
        allocation_id: run.id.0,
        member_id: part.member.0,
        budget_id: part.budget.map(|id| id.0),
        case_id: part.case_id.clone(),
        tax_category: part.group.category.code().to_owned(),
        tax_rate_bp: part.group.rate.basis_points(),
        tax_cents: part.tax.0,
    });
    tx.insert_all(taxes.collect()).await
}

/// The shares of a run.
///
/// # Errors
/// Whatever the database says.
pub async fn shares(view: &View, id: AllocationId) -> Result<Shares, StoreError> {
    let lines = share::Entity::find()
        .filter(share::Column::AllocationId.eq(id.0))
        .order_by_asc(share::Column::Id)
        .all(&view.0)
        .await?;
    let taxes = share_tax::Entity::find()
        .filter(share_tax::Column::AllocationId.eq(id.0))
        .order_by_asc(share_tax::Column::Id)
        .all(&view.0)
        .await?;
    let taxes = taxes.into_iter().map(|row| {
        Ok(TaxShare {
            id: row.id,
            member: OrganisationId(row.member_id),
            budget: row.budget_id.map(BudgetId),
            case_id: row.case_id,
            group: tax_group(&row.tax_category, row.tax_rate_bp)?,
            tax: Cents(row.tax_cents),
        })
    });
    Ok(Shares {
        lines: lines
            .into_iter()
            .map(|row| Share {
                id: row.id,
                line: InvoiceLineId(row.line_id),
                member: OrganisationId(row.member_id),
                budget: row.budget_id.map(BudgetId),
                case_id: row.case_id,
                net: Cents(row.net_cents),
            })
            .collect(),
        taxes: taxes.collect::<Result<_, StoreError>>()?,
    })
}

/// The members among whom an invoice of this grouping is split, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn participants(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<Participant>, StoreError> {
    let mut all = participants_ever(view, owner, grouping).await?;
    all.retain(|participant| participant.left_on.is_none());
    Ok(all)
}

/// The same with those who left since: they still pay for what they received before.
///
/// # Errors
/// Whatever the database says.
pub async fn participants_ever(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<Participant>, StoreError> {
    let mut known: BTreeMap<OrganisationId, Membership> = memberships::list(view, grouping)
        .await?
        .into_iter()
        .filter(|m| m.owner == owner && takes_part(m))
        .map(|m| (m.member, m))
        .collect();
    let members = organisations::find_all(view, known.keys().copied()).await?;
    let mut annexes: BTreeMap<OrganisationId, Vec<Budget>> = BTreeMap::new();
    for budget in budgets::annexes_of(view, known.keys().copied()).await? {
        annexes.entry(budget.owner).or_default().push(budget);
    }
    let participants = members.into_iter().filter_map(|organisation| {
        let membership = known.remove(&organisation.id)?;
        Some(Participant {
            lots: match membership.lots {
                JoinedLots::All => None,
                JoinedLots::Some(lots) => Some(lots),
            },
            joined_on: membership.joined_on,
            left_on: membership.left_on,
            budgets: annexes.remove(&organisation.id).unwrap_or_default(),
            organisation,
        })
    });
    Ok(participants.collect())
}

/// Whether the organisation is, or was, a member for good; who was only invited never was.
fn takes_part(membership: &Membership) -> bool {
    match membership.state {
        MembershipState::Joined => true,
        MembershipState::Left => membership.joined_on.is_some() && membership.left_on.is_some(),
        MembershipState::Invited => false,
    }
}

fn to_row(run: &AllocationRun) -> Result<row::Model, StoreError> {
    let unwritable = |_| StoreError::Corrupt {
        column: "allocation.sources",
        value: run.id.to_string(),
    };
    let sources = run.sources.as_ref().map(serde_json::to_string).transpose();
    Ok(row::Model {
        id: run.id.0,
        owner_id: run.owner.0,
        grouping_id: run.grouping.0,
        invoice_id: run.invoice.0,
        run: run.run,
        algorithm: run.algorithm.clone(),
        inputs: run.inputs.clone(),
        input_sha256: run.input_sha256.clone(),
        output_sha256: run.output_sha256.clone(),
        net_cents: run.total.net.0,
        tax_cents: run.total.tax.0,
        gross_cents: run.total.gross.0,
        made_at: run.made_at,
        made_by: run.made_by.map(|id| id.0),
        motive: run.motive.clone(),
        record: run.record.clone(),
        sources: sources.map_err(unwritable)?,
    })
}

fn from_row(row: row::Model) -> Result<AllocationRun, StoreError> {
    Ok(AllocationRun {
        id: AllocationId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        invoice: InvoiceId(row.invoice_id),
        run: row.run,
        algorithm: row.algorithm,
        inputs: row.inputs,
        input_sha256: row.input_sha256,
        output_sha256: row.output_sha256,
        total: Totals {
            net: Cents(row.net_cents),
            tax: Cents(row.tax_cents),
            gross: Cents(row.gross_cents),
        },
        made_at: row.made_at,
        made_by: row.made_by.map(UserId),
        motive: row.motive,
        record: row.record,
        sources: read_optional("allocation.sources", row.sources, |text| {
            serde_json::from_str(text).ok()
        })?,
    })
}
