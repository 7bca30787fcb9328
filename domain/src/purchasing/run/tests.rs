use super::super::invoice::tests::{invoice, line, vat};
use super::*;
use crate::{
    Refusal,
    allocation::{TaxPolicy, Weight, allocate, verify},
    budget::BudgetKind,
    identity::{BudgetId, Siren, Siret},
    money::Cents,
    organisation::OrganisationKind,
    purchasing::{
        invoice::InvoiceError,
        rule::{RuleState, RuleTerms, SharingRuleError},
    },
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
        budgets: Vec::new(),
        joined_on: None,
        left_on: None,
    }
}

fn member(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(number))
}

fn annexe(number: u128, siret: Option<&str>) -> Budget {
    Budget {
        id: BudgetId(Uuid::from_u128(100 + number)),
        owner: member(number),
        kind: BudgetKind::Annexe,
        name: "Eau".into(),
        siret: siret.map(|siret| Siret::parse(siret).unwrap()),
        vat_liable: false,
        chorus_service: None,
        chorus_engagement: None,
        active: true,
        version: 0,
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
        .insert((id, Payer::main(member(1))), Quantity(3_000));
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

#[test]
fn another_budget_pays_for_what_it_received_under_its_siret() {
    let mut goods = line(1, 10_000, vat(0));
    goods.rule = LineRule::Delivered;
    let fee = line(2, 301, vat(0));
    let invoice = invoice(vec![goods, fee], &[], 10_301);
    let id = invoice.lines[0].id;
    let mut data = two();
    data.delivered
        .insert((id, Payer::main(member(1))), Quantity(3_000));
    let plain = case_of(&invoice, &data).unwrap();
    let water = annexe(1, Some("21590368300104"));
    let payer = Payer {
        member: member(1),
        budget: Some(water.id),
    };
    data.participants[0].budgets = vec![water];
    assert_eq!(
        case_of(&invoice, &data).unwrap(),
        plain,
        "a budget that received nothing changes no byte"
    );
    data.delivered.insert((id, payer), Quantity(1_000));
    let case = case_of(&invoice, &data).unwrap();
    let outcome = allocate(&case).unwrap();
    verify(&case, &outcome).unwrap();
    assert_eq!(outcome.share("0001", "215903683"), Cents(7_500));
    assert_eq!(outcome.share("0001", "21590368300104"), Cents(2_500));
    // The fee is equal between members, not between budgets.
    assert_eq!(outcome.share("0002", "215903683"), Cents(151));
    assert_eq!(outcome.share("0002", "215903782"), Cents(150));
    assert_eq!(outcome.share("0002", "21590368300104"), Cents::ZERO);
}

#[test]
fn who_left_pays_for_what_it_received_before_and_for_nothing_issued_since() {
    let mut goods = line(1, 10_000, vat(0));
    goods.rule = LineRule::Delivered;
    let fee = line(2, 301, vat(0));
    let invoice = invoice(vec![goods, fee], &[], 10_301);
    let id = invoice.lines[0].id;
    let mut data = two();
    data.delivered
        .insert((id, Payer::main(member(1))), Quantity(1_000));
    data.participants[1].left_on = invoice.issued_on.pred_opt();
    let case = case_of(&invoice, &data).unwrap();
    assert_eq!(case.members.len(), 1, "it received nothing");
    data.delivered
        .insert((id, Payer::main(member(2))), Quantity(3_000));
    let case = case_of(&invoice, &data).unwrap();
    let outcome = allocate(&case).unwrap();
    assert_eq!(outcome.share("0001", "215903782"), Cents(7_500));
    assert_eq!(outcome.share("0002", "215903782"), Cents::ZERO);
    assert_eq!(outcome.share("0002", "215903683"), Cents(301));
    data.participants[1].left_on = invoice.issued_on.succ_opt();
    let outcome = allocate(&case_of(&invoice, &data).unwrap()).unwrap();
    assert_eq!(outcome.share("0002", "215903782"), Cents(150));
}

fn voted(formula: AllocationRule, prorata: bool) -> SharingRule {
    SharingRule {
        id: RuleId(Uuid::from_u128(50)),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        series: RuleId(Uuid::from_u128(50)),
        number: 1,
        state: RuleState::Adopted,
        terms: RuleTerms {
            name: "Clé générale".into(),
            applies_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
            agreement: None,
            article: None,
            deliberations: Some("Délibération n° 12".into()),
            tax_policy: TaxPolicy::Exact,
            prorata,
            formula,
        },
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

/// One line split by a voted rule, and the data with that rule.
fn by_rule(rule: SharingRule, net: i64) -> (Invoice, RunData) {
    let mut goods = line(1, net, vat(0));
    goods.rule = LineRule::Rule(rule.id);
    let mut data = two();
    data.rules.insert(rule.id, rule);
    (invoice(vec![goods], &[], net), data)
}

fn nets(invoice: &Invoice, data: &RunData) -> [Cents; 2] {
    let case = case_of(invoice, data).unwrap();
    let outcome = crate::allocation::allocate_completely(&case).unwrap();
    verify(&case, &outcome).unwrap();
    ["215903683", "215903782"].map(|id| outcome.share("0001", id))
}

#[test]
fn a_voted_rule_names_organisations_and_splits_by_their_sirens() {
    let percents = [(1, 40), (2, 60)];
    let percents = percents.map(|(who, part)| (member(who).to_string(), Weight::whole(part)));
    let formula = AllocationRule::Percent {
        percents: percents.into(),
        normalise: false,
    };
    let (invoice, data) = by_rule(voted(formula, false), 10_000);
    assert_eq!(nets(&invoice, &data), [Cents(4_000), Cents(6_000)]);
}

#[test]
fn a_rule_reads_the_latest_population_known_on_the_day_of_the_invoice() {
    let formula = AllocationRule::proportional("population:municipale:latest");
    let (invoice, mut data) = by_rule(voted(formula, false), 10_000);
    for (who, year, inhabitants) in [(1, 2025, 1), (2, 2025, 1), (1, 2026, 1), (2, 2026, 3)] {
        data.populations.push(Population {
            organisation: member(who),
            series: "municipale".into(),
            year,
            inhabitants,
            source: "INSEE".into(),
        });
    }
    data.populations.push(Population {
        organisation: member(1),
        series: "municipale".into(),
        year: 2027,
        inhabitants: 9,
        source: "INSEE".into(),
    });
    assert_eq!(nets(&invoice, &data), [Cents(2_500), Cents(7_500)]);
}

#[test]
fn who_joined_or_left_during_the_period_bears_its_days() {
    let (mut invoice, mut data) = by_rule(voted(AllocationRule::Equal, true), 9_000);
    let needed = case_of(&invoice, &data).unwrap_err();
    assert!(matches!(
        needed,
        Refusal::SharingRule(SharingRuleError::PeriodNeeded { .. })
    ));
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    invoice.service = Some(ServicePeriod {
        from: day(3, 1),
        to: day(3, 30),
    });
    assert_eq!(nets(&invoice, &data), [Cents(4_500), Cents(4_500)]);
    data.participants[1].left_on = Some(day(3, 16));
    assert_eq!(nets(&invoice, &data), [Cents(6_000), Cents(3_000)]);
    data.participants[1].left_on = None;
    data.participants[1].joined_on = Some(day(3, 31));
    assert_eq!(nets(&invoice, &data), [Cents(9_000), Cents::ZERO]);
}

#[test]
fn a_draft_and_a_rule_that_does_not_apply_yet_split_nothing() {
    let mut draft = voted(AllocationRule::Equal, false);
    draft.state = RuleState::Draft;
    let (invoice, data) = by_rule(draft, 9_000);
    assert!(case_of(&invoice, &data).is_err());
    let mut later = voted(AllocationRule::Equal, false);
    later.terms.applies_from = invoice.issued_on.succ_opt().unwrap();
    let (invoice, data) = by_rule(later, 9_000);
    assert!(case_of(&invoice, &data).is_err());
}
