//! What is owed from one invoice of a grouping to the next: it decides who comes first.

use std::collections::BTreeMap;

use super::{AllocationError, Case, Fraction, Outcome, exact_gaps};

/// The dues of a grouping's members after its invoices (« report des centimes »), in cents.
///
/// Each is the exact gross less the gross allocated, over all invoices: positive for who has
/// paid too little so far, by a part of a cent. They act on priority only: inside an invoice
/// every promise holds whatever they are, and exact shares never change.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CarryLedger {
    /// Exactly; who is owed nothing is left out.
    dues: BTreeMap<String, Fraction>,
}

impl CarryLedger {
    /// What each member is owed, exactly.
    pub fn dues(&self) -> &BTreeMap<String, Fraction> {
        &self.dues
    }

    /// Gives the members of a case what they are owed; members of other invoices wait.
    ///
    /// In millionths of a cent, cut: exact dues of many keys would slow the next invoice down,
    /// and a priority needs no more.
    pub fn give_to(&self, case: &mut Case) {
        let owed = case.members.iter().filter_map(|member| {
            let due = self.dues.get(&member.id)?.cut_to_millionths();
            (!due.is_zero()).then(|| (member.id.clone(), due))
        });
        case.carry = owed.collect();
    }

    /// Enters an invoice once it is allocated.
    ///
    /// An invoice and its credit note leave the ledger as it was. What the case was given does
    /// not count: it is in the ledger already. `None` when no algorithm has the outcome's name.
    pub fn enter(&mut self, case: &Case, outcome: &Outcome) -> Option<Result<(), AllocationError>> {
        let gaps = match exact_gaps(case, outcome)? {
            Ok(gaps) => gaps,
            Err(error) => return Some(Err(error)),
        };
        for (member, gap) in gaps {
            let due = self.dues.remove(&member).unwrap_or_else(Fraction::zero);
            let due = due.plus(&gap);
            if !due.is_zero() {
                self.dues.insert(member, due);
            }
        }
        Some(Ok(()))
    }

    /// What one invoice adds to a ledger that is kept for years (« écriture du report »).
    ///
    /// In millionths of a cent, cut: the exact sums of invoices split by ever other keys would
    /// grow without end. The entry of a credit note is still the opposite of its invoice's.
    pub fn entry(case: &Case, outcome: &Outcome) -> Option<Result<Self, AllocationError>> {
        let mut entry = Self::default();
        if let Err(error) = entry.enter(case, outcome)? {
            return Some(Err(error));
        }
        for due in entry.dues.values_mut() {
            *due = due.cut_to_millionths();
        }
        entry.dues.retain(|_, due| !due.is_zero());
        Some(Ok(entry))
    }

    /// Enters what an invoice adds.
    pub fn add(&mut self, entry: &Self) {
        self.move_by(entry, Fraction::clone);
    }

    /// Takes out what an invoice had added: it is corrected, and enters again otherwise.
    pub fn take_out(&mut self, entry: &Self) {
        self.move_by(entry, Fraction::negated);
    }

    fn move_by(&mut self, entry: &Self, by: impl Fn(&Fraction) -> Fraction) {
        for (member, due) in &entry.dues {
            let old = self.dues.remove(member).unwrap_or_else(Fraction::zero);
            let new = old.plus(&by(due));
            if !new.is_zero() {
                self.dues.insert(member.clone(), new);
            }
        }
    }
}
