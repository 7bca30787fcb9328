//! The book of money (« écriture »): append-only, every balance is a sum of it.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::payer::Payer;
use crate::{
    identity::{
        AllocationId, BudgetId, CorrectionId, GroupingId, InvoiceId, OrganisationId,
        RecoveryOrderId,
    },
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
    /// A payment gives it back (« remboursé »); negative when it was recorded by mistake.
    PaidBack,
}

impl EntryKind {
    pub const ALL: [Self; 5] = [
        Self::Due,
        Self::Reversal,
        Self::Asked,
        Self::Released,
        Self::PaidBack,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Reversal => "reversal",
            Self::Asked => "asked",
            Self::Released => "released",
            Self::PaidBack => "paid_back",
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
    Correction(CorrectionId),
}

impl EntrySource {
    /// The name of its kind in the database.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Allocation(_) => "allocation",
            Self::RecoveryOrder(_) => "recovery_order",
            Self::Correction(_) => "correction",
        }
    }

    /// Its identifier.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Allocation(id) => id.0,
            Self::RecoveryOrder(id) => id.0,
            Self::Correction(id) => id.0,
        }
    }
}

/// What a payer owes (« solde »), invoice by invoice: one never pays for another.
///
/// A credit note counts with the invoice that it credits. What is given back on one invoice is
/// not taken off what another asks: receipts and expenditure are not set off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    owed: BTreeMap<InvoiceId, Owed>,
    /// What each order still asks, invoice by invoice.
    asked: BTreeMap<RecoveryOrderId, Parts>,
}

/// Parts of a sum by invoice (« ventilation »).
pub type Parts = Vec<(InvoiceId, Cents)>;

/// What was asked too much by one titre, or by none (« trop demandé »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    pub order: Option<RecoveryOrderId>,
    pub parts: Parts,
}

/// What is left of one invoice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Owed {
    /// Due and not asked; negative when more was asked than is due.
    left: Cents,
    /// The part released by hand from a titre: asked again only by a new split of its invoice.
    held: Cents,
}

impl Owed {
    fn askable(self) -> Result<Cents, MoneyError> {
        Ok(self.left.checked_sub(self.held)?.max(Cents::ZERO))
    }

    fn credit(self) -> Cents {
        Cents(self.left.0.min(0).saturating_neg())
    }
}

impl Balance {
    /// What may be asked now; never negative.
    pub fn askable(&self) -> Result<Cents, MoneyError> {
        let asked = self.owed.values().map(|owed| owed.askable());
        Cents::checked_sum(asked.collect::<Result<Vec<_>, _>>()?)
    }

    /// What is to be given back: a titre is to be reduced, or a payment made (« à rendre »).
    pub fn credit(&self) -> Result<Cents, MoneyError> {
        Cents::checked_sum(self.owed.values().map(|owed| owed.credit()))
    }

    /// What was released by hand and is not asked again (« abandonné »).
    pub fn held(&self) -> Result<Cents, MoneyError> {
        Cents::checked_sum(self.owed.values().map(|owed| owed.held))
    }

    /// The invoices of which something may be asked now.
    pub fn invoices(&self) -> Result<BTreeSet<InvoiceId>, MoneyError> {
        let mut found = BTreeSet::new();
        for (invoice, owed) in &self.owed {
            if !owed.askable()?.is_zero() {
                found.insert(*invoice);
            }
        }
        Ok(found)
    }

    /// What may be asked of each invoice now (« reste à demander »), without those of nothing.
    pub fn askable_parts(&self) -> Result<Parts, MoneyError> {
        let parts = self
            .owed
            .iter()
            .map(|(invoice, owed)| Ok((*invoice, owed.askable()?)));
        let parts: Parts = parts.collect::<Result<_, MoneyError>>()?;
        Ok(parts
            .into_iter()
            .filter(|(_, cents)| !cents.is_zero())
            .collect())
    }

    /// What is to be given back of each invoice, without those of nothing.
    #[must_use]
    pub fn credit_parts(&self) -> Parts {
        let parts = self
            .owed
            .iter()
            .map(|(invoice, owed)| (*invoice, owed.credit()));
        parts.filter(|(_, cents)| !cents.is_zero()).collect()
    }

    /// Lays what is to be given back on the titres that asked for it, the first ones first.
    ///
    /// `titres` come with what each still asks; what none of them asked comes last, alone.
    ///
    /// | to give back  | titres, with what they asked | laid                |
    /// |---------------|------------------------------|---------------------|
    /// | 5 of F-1      | T1: F-1 60                   | T1 5                |
    /// | 70 of F-1     | T2: F-1 20 · T1: F-1 60      | T2 20 · T1 50       |
    /// | 5 of F-1      | T1: F-2 60                   | no titre 5          |
    pub fn excess(&self, titres: &[(RecoveryOrderId, Cents)]) -> Result<Vec<Excess>, MoneyError> {
        let mut credit: BTreeMap<InvoiceId, Cents> = self.credit_parts().into_iter().collect();
        let mut laid = Vec::new();
        for (order, left) in titres {
            let (mut left, mut parts) = (*left, Vec::new());
            for (invoice, asked) in self.asked.get(order).into_iter().flatten() {
                let rest = credit.entry(*invoice).or_default();
                let part = (*rest).min(*asked).min(left);
                if part > Cents::ZERO {
                    *rest = rest.checked_sub(part)?;
                    left = left.checked_sub(part)?;
                    parts.push((*invoice, part));
                }
            }
            if !parts.is_empty() {
                let order = Some(*order);
                laid.push(Excess { order, parts });
            }
        }
        let rest = credit.into_iter().filter(|(_, cents)| !cents.is_zero());
        let parts: Parts = rest.collect();
        if !parts.is_empty() {
            laid.push(Excess { order: None, parts });
        }
        Ok(laid)
    }

    /// Takes what an order asks off the invoices that have something to ask.
    fn ask(&mut self, cents: Cents) -> Result<Parts, MoneyError> {
        let (mut left, mut parts) = (cents, Vec::new());
        for (invoice, owed) in &mut self.owed {
            let part = owed.askable()?.min(left);
            owed.left = owed.left.checked_sub(part)?;
            left = left.checked_sub(part)?;
            parts.push((*invoice, part));
        }
        // Beyond what is due, an order asks too much of its first invoice.
        if let Some((invoice, part)) = parts.first_mut()
            && let Some(owed) = self.owed.get_mut(invoice)
        {
            owed.left = owed.left.checked_sub(left)?;
            *part = part.checked_add(left)?;
        }
        Ok(parts)
    }

    /// Gives back what an order asks no more; a titre that was asked right holds it.
    fn release(
        &mut self,
        parts: &mut [(InvoiceId, Cents)],
        cents: Cents,
        holds: bool,
    ) -> Result<(), MoneyError> {
        let mut left = cents;
        // First what was asked beyond what is due: it only repairs the demand.
        for repairs in [true, false] {
            for (invoice, asked) in parts.iter_mut() {
                let owed = self.owed.entry(*invoice).or_default();
                let most = if repairs { owed.credit() } else { *asked };
                let part = most.min(*asked).min(left);
                owed.left = owed.left.checked_add(part)?;
                if holds && !repairs {
                    owed.held = owed.held.checked_add(part)?;
                }
                *asked = asked.checked_sub(part)?;
                left = left.checked_sub(part)?;
            }
        }
        Ok(())
    }
}

/// The balance of each payer, from the lines of a grouping, oldest first.
///
/// `issued` says whether an order became a titre; `invoice` gives that of a run, or the one that
/// it credits.
///
/// | the book of a payer                                   | asked next | held | to give back |
/// |-------------------------------------------------------|-----------:|-----:|-------------:|
/// | due 60, asked 60                                      |          0 |    0 |            0 |
/// | … its titre reduced by 10                             |          0 |   10 |            0 |
/// | … then due 20 of another invoice                      |         20 |   10 |            0 |
/// | due 60, asked 60, titre cancelled                     |          0 |   60 |            0 |
/// | … its invoice split again: reversed 60, due 55        |         55 |    0 |            0 |
/// | due 60, asked 60, split again: reversed 60, due 55    |          0 |    0 |            5 |
/// | … its titre reduced by 5                              |          0 |    0 |            0 |
/// | due 60, asked 60, credited 50, due 20 of another      |         20 |    0 |           50 |
/// | … then 50 paid back                                   |         20 |    0 |            0 |
pub fn balances(
    entries: &[Entry],
    issued: impl Fn(RecoveryOrderId) -> bool,
    invoice: impl Fn(AllocationId) -> Option<InvoiceId>,
    paid_back: impl Fn(CorrectionId) -> Parts,
) -> Result<BTreeMap<Payer, Balance>, MoneyError> {
    let mut balances: BTreeMap<Payer, Balance> = BTreeMap::new();
    for entry in entries {
        let balance = balances.entry(entry.payer()).or_default();
        match entry.source {
            EntrySource::Allocation(run) => {
                // A run that nobody knows stands for itself, so that nothing is lost.
                let of = invoice(run).unwrap_or(InvoiceId(run.0));
                let owed = balance.owed.entry(of).or_default();
                owed.left = owed.left.checked_add(entry.cents)?;
                if entry.kind == EntryKind::Reversal {
                    owed.held = Cents::ZERO;
                }
            }
            EntrySource::RecoveryOrder(order) if entry.kind == EntryKind::Asked => {
                let parts = balance.ask(entry.cents.checked_neg()?)?;
                balance.asked.insert(order, parts);
            }
            EntrySource::RecoveryOrder(order) => {
                let mut parts = balance.asked.remove(&order).unwrap_or_default();
                balance.release(&mut parts, entry.cents, issued(order))?;
                balance.asked.insert(order, parts);
            }
            EntrySource::Correction(correction) => {
                for (of, part) in paid_back(correction) {
                    let taken_back = entry.cents.is_negative();
                    let part = if taken_back {
                        part.checked_neg()?
                    } else {
                        part
                    };
                    let owed = balance.owed.entry(of).or_default();
                    owed.left = owed.left.checked_add(part)?;
                }
            }
        }
    }
    Ok(balances)
}

#[cfg(test)]
mod tests;
