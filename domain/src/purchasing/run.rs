//! One run of a split (« répartition »): what is fed to the kernel, and what is kept of it.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    invoice::{Invoice, InvoiceLine, LineRule, ServicePeriod},
    key::AllocationKey,
    payer::{self, Payer},
    rule::{FigureSource, SharingRule},
};
use crate::{
    allocation::{AllocationRule, Sources, Totals},
    budget::Budget,
    identity::{
        AllocationId, GroupingId, InvoiceId, InvoiceLineId, KeyId, LotId, OrganisationId, RuleId,
        UserId,
    },
    organisation::{Organisation, Population},
    quantity::Quantity,
};

mod case;
mod trial;

pub use case::{case_of, population_name, source_name, versioned_name};
pub use trial::trial;

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
    /// The trace that explanations are replayed from, as JSON; runs of before kept none.
    pub record: Option<String>,
    /// Where the figures of each key came from that day; runs of before kept none.
    pub sources: Option<Sources>,
}

/// A member as the split sees it (« participant »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    pub organisation: Organisation,
    /// The lots joined; all of them when absent.
    pub lots: Option<BTreeSet<LotId>>,
    /// The budgets that may pay besides the main one.
    pub budgets: Vec<Budget>,
    /// The day the member joined the grouping, where it is known.
    pub joined_on: Option<NaiveDate>,
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
    pub rules: BTreeMap<RuleId, SharingRule>,
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

    /// How many days of a period it was a member (« jours de présence »).
    ///
    /// | period       | joined on | left on | days |
    /// |--------------|-----------|---------|-----:|
    /// | 1 to 30 June | —         | —       |   30 |
    /// | 1 to 30 June | 16 June   | —       |   15 |
    /// | 1 to 30 June | 1 March   | 11 June |   10 |
    /// | 1 to 30 June | 1 July    | —       |    0 |
    #[must_use]
    pub fn days_in(&self, period: ServicePeriod) -> i64 {
        let first = self
            .joined_on
            .map_or(period.from, |day| day.max(period.from));
        let end = period.end();
        let end = self.left_on.map_or(end, |day| day.min(end));
        (end - first).num_days().max(0)
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
        data.reads_deliveries(line) && quantity.is_some_and(|quantity| !quantity.is_zero())
    }

    /// A key made after a member left does not name it: it then takes no part in the line.
    fn is_weighed(&self, line: &InvoiceLine, data: &RunData) -> bool {
        let member = self.payer().member;
        let names = |id: &KeyId| {
            let key = data.keys.get(id);
            key.is_some_and(|key| key.values.contains_key(&member))
        };
        self.participant.left_on.is_none() || data.keys_of(line).iter().all(names)
    }

    /// Whether it was a member on some day that a rule by days counts.
    fn was_present(&self, line: &InvoiceLine, invoice: &Invoice, data: &RunData) -> bool {
        let Some(period) = invoice.service.filter(|_| data.counts_days(line)) else {
            return self.is_regular(invoice);
        };
        self.budget.is_none() && self.participant.days_in(period) > 0
    }

    fn takes_part_in(&self, line: &InvoiceLine, invoice: &Invoice, data: &RunData) -> bool {
        let present = self.was_present(line, invoice, data) && self.is_weighed(line, data);
        self.participant.takes_part_in(line) && (present || self.received(line, data))
    }
}

impl RunData {
    /// Who shares an invoice: members, what they receive for other budgets, who left since.
    #[must_use]
    pub fn seats(&self, invoice: &Invoice) -> Vec<Seat<'_>> {
        let all = self.participants.iter().flat_map(Participant::seats);
        all.filter(|seat| {
            let mut lines = invoice.lines.iter();
            seat.is_regular(invoice)
                || lines
                    .any(|line| seat.received(line, self) || seat.was_present(line, invoice, self))
        })
        .collect()
    }

    /// The rule of a line, its keys being texts of [`FigureSource`]; none for an unknown rule.
    #[must_use]
    pub fn formula(&self, line: &InvoiceLine) -> Option<AllocationRule> {
        let by = |source: FigureSource| AllocationRule::proportional(source.to_string());
        Some(match &line.rule {
            LineRule::Equal => AllocationRule::Equal,
            LineRule::Delivered => by(FigureSource::Delivered),
            LineRule::Population { series, year } => by(FigureSource::Population {
                series: series.clone(),
                year: Some(*year),
            }),
            LineRule::Key(id) => by(FigureSource::Key(*id)),
            LineRule::Rule(id) => self.rules.get(id)?.terms.formula.clone(),
        })
    }

    fn sources(&self, line: &InvoiceLine) -> Vec<FigureSource> {
        let formula = self.formula(line);
        let keys = formula.iter().flat_map(AllocationRule::keys);
        keys.filter_map(FigureSource::parse).collect()
    }

    fn reads_deliveries(&self, line: &InvoiceLine) -> bool {
        self.sources(line).contains(&FigureSource::Delivered)
    }

    fn keys_of(&self, line: &InvoiceLine) -> Vec<KeyId> {
        let keys = self
            .sources(line)
            .into_iter()
            .filter_map(|source| match source {
                FigureSource::Key(id) => Some(id),
                FigureSource::Delivered | FigureSource::Population { .. } => None,
            });
        keys.collect()
    }

    fn counts_days(&self, line: &InvoiceLine) -> bool {
        let rule = line.rule.voted().and_then(|id| self.rules.get(&id));
        rule.is_some_and(|rule| rule.terms.prorata)
    }
}

#[cfg(test)]
mod tests;
