use super::super::invoice::tests::{invoice, line, vat};
use super::*;
use crate::{
    allocation::{allocate, verify},
    budget::BudgetKind,
    identity::{BudgetId, Siren, Siret},
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
        budgets: Vec::new(),
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
