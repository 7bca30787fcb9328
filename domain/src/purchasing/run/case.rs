//! The case of an invoice: its rules with the names and the figures of those who share it.
use std::collections::BTreeMap;

use super::{RunData, Seat};
use crate::{
    Refusal,
    allocation::{AllocationError, AllocationRule, Case, Line, Member, Naming, TaxPolicy, Weight},
    organisation::Population,
    purchasing::{
        invoice::{Invoice, InvoiceError, InvoiceLine, ServicePeriod},
        key::AllocationKey,
        rule::{FigureSource, SharingRule, SharingRuleError},
    },
};

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
        let table = Table {
            invoice,
            line,
            data,
            takers: &takers,
        };
        let rule = table.rule(&mut members)?;
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
        tax_policy: tax_policy(invoice, data)?,
        ..Case::default()
    })
}

/// The policy that the rules of an invoice agree upon.
fn tax_policy(invoice: &Invoice, data: &RunData) -> Result<TaxPolicy, SharingRuleError> {
    let mut asked: Option<TaxPolicy> = None;
    for rule in invoice.lines.iter().filter_map(|line| voted(line, data)) {
        let other = rule.terms.tax_policy;
        match asked {
            Some(one) if one != other => {
                return Err(SharingRuleError::TaxPolicies { one, other });
            }
            Some(_) | None => asked = Some(other),
        }
    }
    Ok(asked.unwrap_or_default())
}

fn voted<'a>(line: &InvoiceLine, data: &'a RunData) -> Option<&'a SharingRule> {
    data.rules.get(&line.rule.voted()?)
}

/// The name of a figure in the case of an invoice: for people, and never twice the same.
#[must_use]
pub fn source_name(
    source: &FigureSource,
    line: &InvoiceLine,
    invoice: &Invoice,
    data: &RunData,
) -> String {
    match source {
        FigureSource::Delivered => format!("delivered {}", line.case_id()),
        FigureSource::Population { series, year } => {
            let year = year.unwrap_or_else(|| latest_year(series, invoice, data));
            population_name(series, year)
        }
        FigureSource::Key(id) => match data.keys.get(id) {
            Some(key) => versioned_name(key),
            None => format!("key {id}"),
        },
    }
}

/// The name of a series of populations in the case.
#[must_use]
pub fn population_name(series: &str, year: i32) -> String {
    format!("population {series} {year}")
}

/// The name of a key in the case: with its version, since it may change afterwards.
#[must_use]
pub fn versioned_name(key: &AllocationKey) -> String {
    format!("key {} v{}", key.name, key.version)
}

/// The latest year whose population is known on the day of the invoice; its own if none is.
fn latest_year(series: &str, invoice: &Invoice, data: &RunData) -> i32 {
    let known = data.populations.iter().filter(|p| p.series == series);
    let years = known.map(|population| population.year);
    let past = years.filter(|year| *year <= invoice.issue_year());
    past.max().unwrap_or_else(|| invoice.issue_year())
}

/// One line and those who share it.
struct Table<'a> {
    invoice: &'a Invoice,
    line: &'a InvoiceLine,
    data: &'a RunData,
    takers: &'a [Seat<'a>],
}

impl Table<'_> {
    /// The rule of the line in the names of the case; the figures that it reads go to `members`.
    fn rule(&self, members: &mut BTreeMap<String, Member>) -> Result<AllocationRule, Refusal> {
        if let Some(rule) = voted(self.line, self.data) {
            rule.admit_on(self.invoice.issued_on)?;
        }
        let formula = self.data.formula(self.line);
        let formula = formula.ok_or(InvoiceError::NotOfGrouping)?;
        for source in crate::purchasing::rule::sources(&formula)? {
            let name = source_name(&source, self.line, self.invoice, self.data);
            for (seat, weight) in self.figures(&source)? {
                if let Some(member) = members.get_mut(&seat.case_id()) {
                    member.keys.insert(name.clone(), weight);
                }
            }
        }
        let name = |key: &str| match FigureSource::parse(key) {
            Some(source) => source_name(&source, self.line, self.invoice, self.data),
            None => key.to_owned(),
        };
        let rule = formula.named_by(&Naming {
            key: &name,
            member: &|id| self.taker(id),
        });
        let days = self.period()?.map(|period| self.days(period));
        Ok(match days {
            Some(days) => rule.weighted_by(&days),
            None => rule,
        })
    }

    /// The name of a member in the case, if its main budget shares the line.
    fn taker(&self, organisation: &str) -> Option<String> {
        let mut main = self.takers.iter().filter(|seat| seat.budget.is_none());
        let found = main.find(|seat| seat.payer().member.to_string() == organisation);
        found.map(Seat::case_id)
    }

    fn period(&self) -> Result<Option<ServicePeriod>, SharingRuleError> {
        let Some(rule) = voted(self.line, self.data).filter(|rule| rule.terms.prorata) else {
            return Ok(None);
        };
        let name = rule.terms.name.clone();
        let needed = || SharingRuleError::PeriodNeeded { name };
        self.invoice.service.ok_or_else(needed).map(Some)
    }

    /// The days of each in the period.
    fn days(&self, period: ServicePeriod) -> BTreeMap<String, Weight> {
        let days = self.takers.iter().map(|seat| {
            let days = seat.participant.days_in(period);
            (seat.case_id(), Weight::whole(days))
        });
        days.collect()
    }

    /// The figures of those who take part; who lacks one is left to the kernel to refuse.
    fn figures(&self, source: &FigureSource) -> Result<Vec<(Seat<'_>, Weight)>, Refusal> {
        match source {
            FigureSource::Delivered => Ok(self
                .takers
                .iter()
                .map(|taker| {
                    let received = self.data.delivered.get(&(self.line.id, taker.payer()));
                    (*taker, Weight::from(received.copied().unwrap_or_default()))
                })
                .collect()),
            FigureSource::Key(id) => {
                let values = self.data.keys.get(id).map(|key| &key.values);
                let takers = self.takers.iter();
                let weights = takers.filter_map(|taker| {
                    let weight = values?.get(&taker.participant.organisation.id)?;
                    Some((*taker, *weight))
                });
                Ok(weights.collect())
            }
            FigureSource::Population { series, year } => {
                let year = year.unwrap_or_else(|| latest_year(series, self.invoice, self.data));
                self.populations(series, year)
            }
        }
    }

    fn populations(&self, series: &str, year: i32) -> Result<Vec<(Seat<'_>, Weight)>, Refusal> {
        let of = |taker: &Seat<'_>| {
            let of_series = |population: &&Population| {
                population.organisation == taker.payer().member
                    && population.series == series
                    && population.year == year
            };
            self.data.populations.iter().find(of_series)
        };
        let weights: Vec<_> = self
            .takers
            .iter()
            .filter_map(|taker| Some((*taker, Weight::whole(of(taker)?.inhabitants))))
            .collect();
        let missing = self.takers.len().saturating_sub(weights.len());
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
}
