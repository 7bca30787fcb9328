//! The book of money (« écriture »): append-only, every balance is a sum of it.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::payer::Payer;
use crate::{
    identity::{AllocationId, BudgetId, GroupingId, InvoiceId, OrganisationId, RecoveryOrderId},
    money::{Cents, MoneyError},
};

/// Why money moves between a member and its coordinator (« nature de l’écriture »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A share is owed (« dû »).
    Due,
    /// A share is taken back because the invoice is split again (« annulation d’un dû »).
    Reversal,
    /// A recovery order asks for it (« demandé »).
    Asked,
    /// A recovery order asks less, or nothing any more (« abandonné »).
    Released,
}

impl EntryKind {
    pub const ALL: [Self; 4] = [Self::Due, Self::Reversal, Self::Asked, Self::Released];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Reversal => "reversal",
            Self::Asked => "asked",
            Self::Released => "released",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One line of the book (« écriture »): never changed, corrected by another line.
///
/// A positive amount is owed by the member; the sum of a member’s lines is what is left to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: Uuid,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    pub kind: EntryKind,
    pub cents: Cents,
    pub source: EntrySource,
    pub at: DateTime<Utc>,
}

impl Entry {
    /// Who owes.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }
}

/// What an entry comes from (« pièce »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntrySource {
    Allocation(AllocationId),
    RecoveryOrder(RecoveryOrderId),
}

impl EntrySource {
    /// The name of its kind in the database.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Allocation(_) => "allocation",
            Self::RecoveryOrder(_) => "recovery_order",
        }
    }

    /// Its identifier.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Allocation(id) => id.0,
            Self::RecoveryOrder(id) => id.0,
        }
    }
}

/// What a payer owes (« solde »), and what of it is not asked again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// The sum of its lines: what is due and not asked.
    pub cents: Cents,
    /// The part released by hand from a titre: asked again only by a new split of its invoice.
    pub held: Cents,
}

impl Balance {
    /// What may be asked now; negative when more was asked than is owed.
    pub fn askable(self) -> Result<Cents, MoneyError> {
        self.cents.checked_sub(self.held)
    }
}

/// The balance of each payer, from the lines of a grouping, oldest first.
///
/// `issued` gives the invoices of an order that has a titre; `invoice` that of a run.
///
/// | the book of a payer                                   | balance | held | asked next |
/// |-------------------------------------------------------|--------:|-----:|-----------:|
/// | due 60, asked 60                                      |       0 |    0 |          0 |
/// | … its titre reduced by 10                             |      10 |   10 |          0 |
/// | … then due 20 of another invoice                      |      30 |   10 |         20 |
/// | due 60, asked 60, titre cancelled                     |      60 |   60 |          0 |
/// | … its invoice split again: reversed 60, due 55        |      55 |    0 |         55 |
/// | due 60, asked 60, split again: reversed 60, due 55    |      −5 |    0 |          0 |
/// | … its titre reduced by 5                              |       0 |    0 |          0 |
pub fn balances(
    entries: &[Entry],
    issued: impl Fn(RecoveryOrderId) -> Option<Vec<InvoiceId>>,
    invoice: impl Fn(AllocationId) -> Option<InvoiceId>,
) -> Result<BTreeMap<Payer, Balance>, MoneyError> {
    let mut balances: BTreeMap<Payer, Balance> = BTreeMap::new();
    let mut holds: Vec<(Payer, Vec<InvoiceId>, Cents)> = Vec::new();
    for entry in entries {
        let balance = balances.entry(entry.payer()).or_default();
        balance.cents = balance.cents.checked_add(entry.cents)?;
        match (entry.kind, entry.source) {
            (EntryKind::Released, EntrySource::RecoveryOrder(order)) => {
                if let Some(invoices) = issued(order) {
                    // What only repairs a demand that was too large is not held: it is gone.
                    let held = balance.askable()?.min(entry.cents).max(Cents::ZERO);
                    balance.held = balance.held.checked_add(held)?;
                    holds.push((entry.payer(), invoices, held));
                }
            }
            (EntryKind::Reversal, EntrySource::Allocation(run)) => {
                let of = invoice(run);
                let mine = |hold: &(Payer, Vec<InvoiceId>, Cents)| {
                    hold.0 == entry.payer() && of.is_some_and(|of| hold.1.contains(&of))
                };
                for hold in holds.iter_mut().filter(|hold| mine(hold)) {
                    balance.held = balance.held.checked_sub(std::mem::take(&mut hold.2))?;
                }
            }
            (EntryKind::Due | EntryKind::Asked, _)
            | (EntryKind::Released, EntrySource::Allocation(_))
            | (EntryKind::Reversal, EntrySource::RecoveryOrder(_)) => {}
        }
    }
    Ok(balances)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: EntryKind, cents: i64, source: EntrySource) -> Entry {
        Entry {
            id: Uuid::nil(),
            owner: OrganisationId(Uuid::nil()),
            grouping: GroupingId(Uuid::nil()),
            member: OrganisationId(Uuid::from_u128(1)),
            budget: None,
            kind,
            cents: Cents(cents),
            source,
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_is_released_from_a_titre_is_asked_again_by_its_own_invoice_alone() {
        use EntryKind::{Asked, Due, Released, Reversal};
        let run = |number| EntrySource::Allocation(AllocationId(Uuid::from_u128(number)));
        let order = EntrySource::RecoveryOrder(RecoveryOrderId(Uuid::from_u128(9)));
        let invoice_of = |run: AllocationId| Some(InvoiceId(run.0));
        let issued = |_| Some(vec![InvoiceId(Uuid::from_u128(1))]);
        let first = [line(Due, 60, run(1)), line(Asked, -60, order)];
        let again = [line(Reversal, -60, run(1)), line(Due, 55, run(1))];
        for (then, balance, held) in [
            (vec![], 0, 0),
            (vec![line(Released, 10, order)], 10, 10),
            (
                vec![line(Released, 10, order), line(Due, 20, run(2))],
                30,
                10,
            ),
            (vec![line(Released, 60, order)], 60, 60),
            (
                [vec![line(Released, 60, order)], again.to_vec()].concat(),
                55,
                0,
            ),
            (again.to_vec(), -5, 0),
            (
                [again.to_vec(), vec![line(Released, 5, order)]].concat(),
                0,
                0,
            ),
        ] {
            let book = [first.to_vec(), then].concat();
            let found = balances(&book, issued, invoice_of).unwrap();
            let expected = Balance {
                cents: Cents(balance),
                held: Cents(held),
            };
            assert_eq!(found.into_values().next(), Some(expected), "{book:?}");
        }
        // An order that never became a titre is made again: nothing is held.
        let book = [first.to_vec(), vec![line(Released, 60, order)]].concat();
        let found = balances(&book, |_| None, invoice_of).unwrap();
        let expected = Some(Cents(60));
        assert_eq!(
            found.into_values().next().map(|b| b.askable().unwrap()),
            expected
        );
    }
}
