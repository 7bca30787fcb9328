//! The list of a year’s end: income to come and charges to attach, from dated facts alone.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{AllocationId, GroupingId, InvoiceId, OrganisationId, StatementId},
    money::Cents,
    permission::Right,
    purchasing::{
        entry::{Balance, Entry, EntryKind, EntrySource},
        grouping::Grouping,
        invoice::{Invoice, InvoiceKind},
        payer::Payer,
        year_end::{Pending, YearEnd, YearFacts},
    },
};

use super::{booking, payers};
use crate::{
    actions::{Actor, App, Error, organisations::day_at},
    store::{
        View, entries, organisations,
        purchasing::{corrections, groupings, invoices, recovery as orders, statements, suppliers},
    },
};

/// From where the list is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Who pays suppliers and asks members.
    Coordinator,
    /// Who is asked.
    Member,
}

/// What a list is narrowed to.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub year: YearEnd,
    /// One organisation; all those of the actor when absent.
    pub organisation: Option<OrganisationId>,
    pub grouping: Option<GroupingId>,
}

/// One sum that belongs to the year and did not move yet.
#[derive(Clone, Debug)]
pub struct Line {
    pub side: Side,
    /// Income to come; a charge to attach otherwise.
    pub is_income: bool,
    pub pending: Pending,
    /// Whose books.
    pub organisation: OrganisationId,
    pub grouping: GroupingId,
    pub grouping_title: String,
    /// The other one: a member, a supplier, a coordinator.
    pub party: String,
    pub party_siren: Option<String>,
    pub invoice: InvoiceId,
    pub invoice_number: String,
    pub invoice_title: String,
    /// The statement of the share, when there is one.
    pub statement: Option<(StatementId, String)>,
    pub cents: Cents,
}

/// The list, in the order of groupings, of what it is and of names.
///
/// # Errors
/// Whatever the database says.
pub async fn list(app: &App, actor: &Actor, wanted: Wanted) -> Result<Vec<Line>, Error> {
    let view = app.store.view().await?;
    let mut lines = Vec::new();
    for owner in those_of(actor, Right::FollowPayments, wanted) {
        for grouping in groupings::list_of_owner(&view, owner).await? {
            if wanted.grouping.is_none_or(|id| id == grouping.id) {
                of_coordinator(&view, &grouping, wanted.year, &mut lines).await?;
            }
        }
        unpaid(&view, owner, wanted, &mut lines).await?;
    }
    for member in those_of(actor, Right::ReadStatements, wanted) {
        for grouping in groupings::list_of_member(&view, member).await? {
            let is_wanted = wanted.grouping.is_none_or(|id| id == grouping.id);
            if is_wanted && grouping.owner != member {
                of_member(&view, &grouping, member, wanted.year, &mut lines).await?;
            }
        }
    }
    lines.sort_by_cached_key(|line| {
        let party = domain::text::sort_key(&line.party);
        let kind = (line.side, !line.is_income, line.pending);
        (
            kind,
            line.grouping_title.clone(),
            party,
            line.invoice_number.clone(),
        )
    });
    Ok(lines)
}

/// The organisations whose books the actor may read.
fn those_of(actor: &Actor, right: Right, wanted: Wanted) -> Vec<OrganisationId> {
    match wanted.organisation {
        Some(one) => Some(one)
            .into_iter()
            .filter(|one| actor.may(right, *one))
            .collect(),
        None => actor.organisations_with(right).collect(),
    }
}

/// The sums of a list: income to come, charges to attach.
///
/// # Errors
/// A sum that does not fit.
pub fn totals(lines: &[Line]) -> Result<(Cents, Cents), Error> {
    let sum = |income: bool| {
        let of = lines.iter().filter(move |line| line.is_income == income);
        Cents::checked_sum(of.map(|line| line.cents))
    };
    Ok((sum(true)?, sum(false)?))
}

/// The book of a grouping on the last day of a year.
struct Closed {
    balances: BTreeMap<Payer, Balance>,
    /// The last run of each invoice that made a payer owe something.
    runs: BTreeMap<(Payer, InvoiceId), AllocationId>,
}

async fn closed(view: &View, grouping: &Grouping, year: YearEnd) -> Result<Closed, Error> {
    let (owner, id) = (grouping.owner, grouping.id);
    let coordinator = organisations::find(view, owner).await?;
    let book = entries::list_of_grouping(view, owner, id).await?;
    let families = booking::families(view, &book, None).await?;
    let facts = YearFacts::of(
        year,
        &orders::list_of_grouping(view, owner, id).await?,
        &corrections::list_of_grouping(view, owner, id).await?,
    );
    let family = |entry: &Entry| match entry.source {
        EntrySource::Allocation(run) => families.get(&run).copied(),
        EntrySource::RecoveryOrder(_) | EntrySource::Correction(_) => None,
    };
    let counts = |entry: &Entry| {
        let on = day_at(entry.at, &coordinator);
        year.counts(entry, on, family(entry), &facts)
    };
    let book: Vec<Entry> = book.into_iter().filter(counts).collect();
    let mut runs = BTreeMap::new();
    for entry in book.iter().filter(|entry| entry.kind == EntryKind::Due) {
        if let (EntrySource::Allocation(run), Some(invoice)) = (entry.source, family(entry)) {
            runs.insert((entry.payer(), invoice), run);
        }
    }
    Ok(Closed {
        balances: booking::balances_of(view, grouping, &book).await?,
        runs,
    })
}

/// A sum of one payer on one invoice, before it has names.
struct Found {
    payer: Payer,
    invoice: InvoiceId,
    pending: Pending,
    cents: Cents,
}

impl Closed {
    fn found(&self, is_seen: impl Fn(&Payer) -> bool) -> Result<Vec<Found>, Error> {
        let mut found = Vec::new();
        for (payer, balance) in self.balances.iter().filter(|(payer, _)| is_seen(payer)) {
            let asked = balance.askable_parts()?.into_iter();
            let asked = asked.map(|(invoice, cents)| (invoice, Pending::Unasked, cents));
            let back = balance.credit_parts().into_iter();
            let back = back.map(|(invoice, cents)| (invoice, Pending::GiveBack, cents));
            found.extend(asked.chain(back).map(|(invoice, pending, cents)| Found {
                payer: *payer,
                invoice,
                pending,
                cents,
            }));
        }
        Ok(found)
    }
}

async fn of_coordinator(
    view: &View,
    grouping: &Grouping,
    year: YearEnd,
    lines: &mut Vec<Line>,
) -> Result<(), Error> {
    let closed = closed(view, grouping, year).await?;
    let found = closed.found(|payer| payer.member != grouping.owner)?;
    let names = payers::names(view, found.iter().map(|one| one.payer)).await?;
    let names: BTreeMap<Payer, payers::Name> = names.into_iter().collect();
    let of = (grouping.owner, Side::Coordinator);
    for (one, mut line) in named(view, grouping, &closed, found, of).await? {
        let name = names.get(&one.payer).cloned().unwrap_or_default();
        line.party = name.name;
        line.party_siren = name.siret_or_siren;
        lines.push(line);
    }
    Ok(())
}

async fn of_member(
    view: &View,
    grouping: &Grouping,
    member: OrganisationId,
    year: YearEnd,
    lines: &mut Vec<Line>,
) -> Result<(), Error> {
    let closed = closed(view, grouping, year).await?;
    let found = closed.found(|payer| payer.member == member)?;
    let owner = organisations::find(view, grouping.owner).await?;
    for (_, mut line) in named(view, grouping, &closed, found, (member, Side::Member)).await? {
        line.party.clone_from(&owner.name);
        line.party_siren = owner.siren.as_ref().map(ToString::to_string);
        lines.push(line);
    }
    Ok(())
}

/// The lines of some sums, but for the name of the other one.
async fn named(
    view: &View,
    grouping: &Grouping,
    closed: &Closed,
    found: Vec<Found>,
    (organisation, side): (OrganisationId, Side),
) -> Result<Vec<(Found, Line)>, Error> {
    let runs = found
        .iter()
        .filter_map(|one| closed.runs.get(&(one.payer, one.invoice)));
    let mut made = BTreeMap::new();
    for run in runs.copied().collect::<BTreeSet<_>>() {
        for one in statements::of_run(view, run).await? {
            made.insert((one.payer(), run), (one.id, one.number));
        }
    }
    let mut known: BTreeMap<InvoiceId, Invoice> = BTreeMap::new();
    let mut lines = Vec::with_capacity(found.len());
    for one in found {
        let invoice = match known.get(&one.invoice) {
            Some(invoice) => invoice.clone(),
            None => invoices::find(view, one.invoice).await?,
        };
        let run = closed.runs.get(&(one.payer, one.invoice));
        // What one has to ask, the other has to pay.
        let is_income = (one.pending == Pending::Unasked) == (side == Side::Coordinator);
        let line = Line {
            side,
            is_income,
            pending: one.pending,
            organisation,
            grouping: grouping.id,
            grouping_title: grouping.title.clone(),
            party: String::new(),
            party_siren: None,
            invoice: invoice.id,
            invoice_number: invoice.number.clone(),
            invoice_title: invoice.title.clone(),
            statement: run.and_then(|run| made.get(&(one.payer, *run)).cloned()),
            cents: one.cents,
        };
        known.insert(one.invoice, invoice);
        lines.push((one, line));
    }
    Ok(lines)
}

/// The invoices that the coordinator had received and not paid, and the credit notes of these.
async fn unpaid(
    view: &View,
    owner: OrganisationId,
    wanted: Wanted,
    lines: &mut Vec<Line>,
) -> Result<(), Error> {
    let found = invoices::unpaid_on(view, owner, wanted.year.day()).await?;
    let waiting: BTreeSet<InvoiceId> = found
        .iter()
        .filter(|invoice| invoice.kind == InvoiceKind::Invoice)
        .map(|invoice| invoice.id)
        .collect();
    let of_waiting = |credited: InvoiceId| waiting.contains(&credited);
    let found: Vec<Invoice> = found
        .into_iter()
        .filter(|one| match one.kind {
            InvoiceKind::Invoice => true,
            InvoiceKind::CreditNote => one.credited.is_some_and(of_waiting),
        })
        .filter(|one| wanted.grouping.is_none_or(|id| id == one.grouping))
        .collect();
    let known = suppliers::find_all(view, found.iter().map(|one| one.supplier)).await?;
    let titles = groupings::find_all(view, found.iter().map(|one| one.grouping)).await?;
    for one in found {
        let supplier = known.get(&one.supplier);
        let grouping = titles.iter().find(|grouping| grouping.id == one.grouping);
        lines.push(Line {
            side: Side::Coordinator,
            is_income: false,
            pending: Pending::Unpaid,
            organisation: owner,
            grouping: one.grouping,
            grouping_title: grouping.map_or_else(String::new, |g| g.title.clone()),
            party: supplier.map_or_else(String::new, |s| s.name.clone()),
            party_siren: supplier.map(|s| s.siren.to_string()),
            invoice: one.id,
            invoice_number: one.number,
            invoice_title: one.title,
            statement: None,
            cents: one.printed.gross,
        });
    }
    Ok(())
}
