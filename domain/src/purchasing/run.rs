//! One run of a split (« répartition »): what is fed to the kernel, and what is kept of it.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    invoice::{Invoice, InvoiceError, InvoiceLine, LineRule},
    key::AllocationKey,
};
use crate::{
    Refusal,
    allocation::{AllocationError, AllocationRule, Case, Line, Member, Totals, Weight},
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
}

/// What was received, by line and member (« service fait »).
pub type Delivered = BTreeMap<(InvoiceLineId, OrganisationId), Quantity>;

/// Everything that the rules of an invoice may read (« données de la répartition »).
#[derive(Clone, Debug, Default)]
pub struct RunData {
    pub participants: Vec<Participant>,
    pub keys: BTreeMap<KeyId, AllocationKey>,
    pub populations: Vec<Population>,
    pub delivered: Delivered,
}

impl Participant {
    /// The name of the member in the case: its SIREN, or our identifier for who has none.
    #[must_use]
    pub fn case_id(&self) -> String {
        case_id(&self.organisation)
    }

    fn takes_part_in(&self, line: &InvoiceLine) -> bool {
        match (&self.lots, line.lot) {
            (Some(lots), Some(lot)) => lots.contains(&lot),
            (None, _) | (_, None) => true,
        }
    }
}

/// The name of an organisation in a case: its SIREN, or our identifier for who has none.
#[must_use]
pub fn case_id(organisation: &Organisation) -> String {
    match &organisation.siren {
        Some(siren) => siren.as_str().to_owned(),
        None => organisation.id.to_string(),
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
    let mut members: BTreeMap<String, Member> = BTreeMap::new();
    for participant in &data.participants {
        let id = participant.case_id();
        if members.contains_key(&id) {
            return Err(AllocationError::DuplicateMember { member: id }.into());
        }
        members.insert(id.clone(), Member::new(id));
    }
    let mut lines = Vec::with_capacity(invoice.lines.len());
    for line in &invoice.lines {
        let takers: Vec<&Participant> = data
            .participants
            .iter()
            .filter(|participant| participant.takes_part_in(line))
            .collect();
        let rule = match key_name(line, &data.keys) {
            None => AllocationRule::Equal,
            Some(key) => {
                for (participant, weight) in weights(line, &takers, data)? {
                    if let Some(member) = members.get_mut(&participant.case_id()) {
                        member.keys.insert(key.clone(), weight);
                    }
                }
                AllocationRule::Proportional { key }
            }
        };
        let everyone = takers.len() == data.participants.len();
        lines.push(Line {
            id: line.case_id(),
            lot: line.lot.map(|lot| lot.to_string()),
            label: line.label.clone(),
            net: line.net,
            tax: line.tax,
            rule,
            members: (!everyone).then(|| takers.iter().map(|taker| taker.case_id()).collect()),
        });
    }
    Ok(Case {
        members: members.into_values().collect(),
        lines,
        taxes: invoice.taxes.clone(),
    })
}

/// The weights of those who take part in a line; who lacks one is left to the kernel to refuse.
fn weights<'a>(
    line: &InvoiceLine,
    takers: &[&'a Participant],
    data: &RunData,
) -> Result<Vec<(&'a Participant, Weight)>, Refusal> {
    match &line.rule {
        LineRule::Equal => Ok(Vec::new()),
        LineRule::Delivered => Ok(takers
            .iter()
            .map(|taker| {
                let received = data.delivered.get(&(line.id, taker.organisation.id));
                (*taker, Weight::from(received.copied().unwrap_or_default()))
            })
            .collect()),
        LineRule::Key(id) => {
            let values = data.keys.get(id).map(|key| &key.values);
            Ok(takers
                .iter()
                .filter_map(|taker| {
                    let weight = values?.get(&taker.organisation.id)?;
                    Some((*taker, *weight))
                })
                .collect())
        }
        LineRule::Population { series, year } => populations(takers, data, series, *year),
    }
}

fn populations<'a>(
    takers: &[&'a Participant],
    data: &RunData,
    series: &str,
    year: i32,
) -> Result<Vec<(&'a Participant, Weight)>, Refusal> {
    let of = |organisation: OrganisationId| {
        data.populations.iter().find(|population| {
            population.organisation == organisation
                && population.series == series
                && population.year == year
        })
    };
    let mut weights = Vec::with_capacity(takers.len());
    for taker in takers {
        if let Some(population) = of(taker.organisation.id) {
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
mod tests {
    use super::super::invoice::tests::{invoice, line, vat};
    use super::*;
    use crate::{
        allocation::{allocate, verify},
        identity::Siren,
        money::Cents,
        organisation::OrganisationKind,
    };
    use uuid::Uuid;

    fn participant(number: u128, siren: &str) -> Participant {
        let organisation = Organisation {
            id: OrganisationId(Uuid::from_u128(number)),
            kind: OrganisationKind::Commune,
            name: siren.to_owned(),
            siren: Some(Siren::parse(siren).unwrap()),
            insee: None,
            department: None,
            epci_siren: None,
            time_zone: "Europe/Paris".into(),
            email: None,
            phone: None,
            address: None,
            good_friday: false,
            local_law: false,
            active: true,
            created_at: DateTime::UNIX_EPOCH,
            version: 0,
        };
        Participant {
            organisation,
            lots: None,
        }
    }

    fn two() -> RunData {
        RunData {
            participants: vec![participant(1, "215903683"), participant(2, "215903782")],
            ..RunData::default()
        }
    }

    #[test]
    fn delivered_quantities_weigh_and_nothing_received_costs_nothing() {
        let mut goods = line(1, 10_000, vat(2_000));
        goods.rule = LineRule::Delivered;
        let invoice = invoice(vec![goods], &[(vat(2_000), 2_000)], 12_000);
        let mut data = two();
        let id = invoice.lines[0].id;
        data.delivered
            .insert((id, OrganisationId(Uuid::from_u128(1))), Quantity(3_000));
        let case = case_of(&invoice, &data).unwrap();
        let outcome = allocate(&case).unwrap();
        verify(&case, &outcome).unwrap();
        assert_eq!(outcome.share("0001", "215903683"), Cents(10_000));
        assert_eq!(outcome.share("0001", "215903782"), Cents::ZERO);
    }

    #[test]
    fn a_missing_population_is_counted_not_guessed() {
        let mut goods = line(1, 10_000, vat(0));
        let series = "municipale".to_owned();
        goods.rule = LineRule::Population { series, year: 2026 };
        let refused = case_of(&invoice(vec![goods], &[], 10_000), &two()).unwrap_err();
        assert!(matches!(
            refused,
            Refusal::Invoice(InvoiceError::PopulationMissing { missing: 2, .. })
        ));
    }

    #[test]
    fn a_line_of_a_lot_is_for_those_who_joined_it() {
        let lot = LotId(Uuid::from_u128(9));
        let mut goods = line(1, 10_001, vat(0));
        goods.lot = Some(lot);
        let mut data = two();
        data.participants[1].lots = Some(BTreeSet::new());
        let case = case_of(&invoice(vec![goods], &[], 10_001), &data).unwrap();
        let outcome = allocate(&case).unwrap();
        assert_eq!(outcome.share("0001", "215903683"), Cents(10_001));
    }
}
