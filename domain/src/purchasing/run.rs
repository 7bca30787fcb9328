//! One run of a split (« répartition »): what is fed to the kernel, and what is kept of it.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    invoice::{Invoice, InvoiceError, InvoiceLine, LineRule},
    key::AllocationKey,
    payer::{self, Payer},
};
use crate::{
    Refusal,
    allocation::{AllocationError, AllocationRule, Case, Line, Member, Totals, Weight},
    budget::Budget,
    identity::{
        AllocationId, GroupingId, InvoiceId, InvoiceLineId, KeyId, LotId, OrganisationId, UserId,
    },
    organisation::{Organisation, Population},
    quantity::Quantity,
};

/// One immutable run (« répartition »), with the inputs it can be replayed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationRun {
    pub id: AllocationId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub invoice: InvoiceId,
    /// From 1; a correction is the next one.
    pub run: i32,
    pub algorithm: String,
    /// The canonical form of the case.
    pub inputs: String,
    pub input_sha256: String,
    pub output_sha256: String,
    pub total: Totals,
    pub made_at: DateTime<Utc>,
    pub made_by: Option<UserId>,
    /// Why the invoice was split again.
    pub motive: Option<String>,
}

/// A member as the split sees it (« participant »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    pub organisation: Organisation,
    /// The lots joined; all of them when absent.
    pub lots: Option<BTreeSet<LotId>>,
    /// The budgets that may pay besides the main one.
    pub budgets: Vec<Budget>,
    /// The day the member left the grouping; it still pays for what it received before.
    pub left_on: Option<NaiveDate>,
}

/// What was received, by line and payer (« service fait »).
pub type Delivered = BTreeMap<(InvoiceLineId, Payer), Quantity>;

/// Everything that the rules of an invoice may read (« données de la répartition »).
#[derive(Clone, Debug, Default)]
pub struct RunData {
    pub participants: Vec<Participant>,
    pub keys: BTreeMap<KeyId, AllocationKey>,
    pub populations: Vec<Population>,
    pub delivered: Delivered,
}

/// One place at the table (« place dans la répartition »): a member, or one of its budgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat<'a> {
    pub participant: &'a Participant,
    /// None for the main one.
    pub budget: Option<&'a Budget>,
}

impl Participant {
    /// Whether the member was one on the day an invoice was issued.
    ///
    /// | left on  | issued on | takes part in everything |
    /// |----------|-----------|--------------------------|
    /// | —        | any       | yes                      |
    /// | 1 March  | 5 March   | no: what it received alone |
    /// | 5 March  | 1 March   | yes                      |
    #[must_use]
    pub fn was_member_on(&self, day: NaiveDate) -> bool {
        self.left_on.is_none_or(|left| left > day)
    }

    /// Every payer of the member, the main budget first.
    pub fn seats(&self) -> impl Iterator<Item = Seat<'_>> {
        let main = Seat {
            participant: self,
            budget: None,
        };
        let others = self.budgets.iter().map(|budget| Seat {
            participant: self,
            budget: Some(budget),
        });
        std::iter::once(main).chain(others)
    }

    fn takes_part_in(&self, line: &InvoiceLine) -> bool {
        match (&self.lots, line.lot) {
            (Some(lots), Some(lot)) => lots.contains(&lot),
            (None, _) | (_, None) => true,
        }
    }
}

impl Seat<'_> {
    /// Who pays.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.participant.organisation.id,
            budget: self.budget.map(|budget| budget.id),
        }
    }

    /// Its name in the case.
    #[must_use]
    pub fn case_id(&self) -> String {
        payer::case_id(&self.participant.organisation, self.budget)
    }

    /// Its name for people.
    #[must_use]
    pub fn name(&self) -> String {
        payer::payer_name(&self.participant.organisation, self.budget)
    }

    /// Whether it shares every line: the main budget of who was a member.
    fn is_regular(&self, invoice: &Invoice) -> bool {
        self.budget.is_none() && self.participant.was_member_on(invoice.issued_on)
    }

    /// Whether something of this line was received for it.
    fn received(&self, line: &InvoiceLine, data: &RunData) -> bool {
        let quantity = data.delivered.get(&(line.id, self.payer()));
        line.rule == LineRule::Delivered && quantity.is_some_and(|quantity| !quantity.is_zero())
    }

    /// A key made after a member left does not name it: it then takes no part in the line.
    fn is_weighed(&self, line: &InvoiceLine, data: &RunData) -> bool {
        match (&line.rule, self.participant.left_on) {
            (LineRule::Key(id), Some(_)) => data
                .keys
                .get(id)
                .is_some_and(|key| key.values.contains_key(&self.payer().member)),
            (
                LineRule::Key(_)
                | LineRule::Equal
                | LineRule::Delivered
                | LineRule::Population { .. },
                _,
            ) => true,
        }
    }

    fn takes_part_in(&self, line: &InvoiceLine, invoice: &Invoice, data: &RunData) -> bool {
        let regular = self.is_regular(invoice) && self.is_weighed(line, data);
        self.participant.takes_part_in(line) && (regular || self.received(line, data))
    }
}

impl RunData {
    /// Who shares an invoice: members, what they receive for other budgets, who left since.
    #[must_use]
    pub fn seats(&self, invoice: &Invoice) -> Vec<Seat<'_>> {
        let all = self.participants.iter().flat_map(Participant::seats);
        all.filter(|seat| {
            let mut lines = invoice.lines.iter();
            seat.is_regular(invoice) || lines.any(|line| seat.received(line, self))
        })
        .collect()
    }
}

/// The name of a line's key in the case.
#[must_use]
pub fn key_name(line: &InvoiceLine, keys: &BTreeMap<KeyId, AllocationKey>) -> Option<String> {
    match &line.rule {
        LineRule::Equal => None,
        LineRule::Delivered => Some(format!("delivered {}", line.case_id())),
        LineRule::Population { series, year } => Some(format!("population {series} {year}")),
        LineRule::Key(id) => Some(match keys.get(id) {
            Some(key) => format!("key {} v{}", key.name, key.version),
            None => format!("key {id}"),
        }),
    }
}

/// Builds the case of an invoice: complete, so that nothing is read elsewhere when it replays.
pub fn case_of(invoice: &Invoice, data: &RunData) -> Result<Case, Refusal> {
    let seats = data.seats(invoice);
    let mut members: BTreeMap<String, Member> = BTreeMap::new();
    for seat in &seats {
        let id = seat.case_id();
        if members.contains_key(&id) {
            return Err(AllocationError::DuplicateMember { member: id }.into());
        }
        members.insert(id.clone(), Member::new(id));
    }
    let mut lines = Vec::with_capacity(invoice.lines.len());
    for line in &invoice.lines {
        let takers: Vec<Seat<'_>> = seats
            .iter()
            .filter(|seat| seat.takes_part_in(line, invoice, data))
            .copied()
            .collect();
        let rule = match key_name(line, &data.keys) {
            None => AllocationRule::Equal,
            Some(key) => {
                for (seat, weight) in weights(line, &takers, data)? {
                    if let Some(member) = members.get_mut(&seat.case_id()) {
                        member.keys.insert(key.clone(), weight);
                    }
                }
                AllocationRule::Proportional { key }
            }
        };
        let everyone = takers.len() == seats.len();
        lines.push(Line {
            id: line.case_id(),
            lot: line.lot.map(|lot| lot.to_string()),
            label: line.label.clone(),
            net: line.net,
            tax: line.tax,
            rule,
            members: (!everyone).then(|| takers.iter().map(Seat::case_id).collect()),
        });
    }
    Ok(Case {
        members: members.into_values().collect(),
        lines,
        taxes: invoice.taxes.clone(),
        ..Case::default()
    })
}

/// The weights of those who take part in a line; who lacks one is left to the kernel to refuse.
fn weights<'a>(
    line: &InvoiceLine,
    takers: &[Seat<'a>],
    data: &RunData,
) -> Result<Vec<(Seat<'a>, Weight)>, Refusal> {
    match &line.rule {
        LineRule::Equal => Ok(Vec::new()),
        LineRule::Delivered => Ok(takers
            .iter()
            .map(|taker| {
                let received = data.delivered.get(&(line.id, taker.payer()));
                (*taker, Weight::from(received.copied().unwrap_or_default()))
            })
            .collect()),
        LineRule::Key(id) => {
            let values = data.keys.get(id).map(|key| &key.values);
            Ok(takers
                .iter()
                .filter_map(|taker| {
                    let weight = values?.get(&taker.participant.organisation.id)?;
                    Some((*taker, *weight))
                })
                .collect())
        }
        LineRule::Population { series, year } => populations(takers, data, series, *year),
    }
}

fn populations<'a>(
    takers: &[Seat<'a>],
    data: &RunData,
    series: &str,
    year: i32,
) -> Result<Vec<(Seat<'a>, Weight)>, Refusal> {
    let of = |organisation: OrganisationId| {
        data.populations.iter().find(|population| {
            population.organisation == organisation
                && population.series == series
                && population.year == year
        })
    };
    let mut weights = Vec::with_capacity(takers.len());
    for taker in takers {
        if let Some(population) = of(taker.participant.organisation.id) {
            weights.push((*taker, Weight::whole(population.inhabitants)));
        }
    }
    let missing = takers.len().saturating_sub(weights.len());
    if missing > 0 {
        let series = series.to_owned();
        return Err(InvoiceError::PopulationMissing {
            series,
            year,
            missing,
        }
        .into());
    }
    Ok(weights)
}

#[cfg(test)]
mod tests;
