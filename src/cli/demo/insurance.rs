//! Damage insurance by insured surface: insurance tax instead of VAT.
use std::collections::BTreeMap;

use domain::{
    allocation::{AllocationRule, MixPart, TaxGroup, Weight},
    money::{Cents, TaxCategory, TaxRate},
    purchasing::{
        grouping::{GroupingKind, LegalBasis, Regime},
        invoice::LineRule,
        rule::FigureSource,
    },
};

use super::{
    bills::{self, Bill, BillLine},
    cast::{Cast, Commune},
    proof::Proof,
    steps::{self, GroupingSpec},
};
use crate::actions::{App, Error};

/// Illustrative: the insured surface of a commune, in m².
fn surface(commune: &Commune) -> i64 {
    640 + commune.inhabitants * 13 / 10
}

pub(super) async fn play(app: &App, cast: &Cast) -> Result<Proof, Error> {
    let officer = &cast.officer;
    let members: Vec<&Commune> = cast.communes.iter().rev().take(24).collect();
    let ids: Vec<_> = members.iter().map(|c| c.organisation.id).collect();
    let spec = GroupingSpec {
        owner: cast.epci.id,
        title: "Assurances 2026-2029",
        family: "Assurances",
        kind: GroupingKind::OneOff,
        basis: LegalBasis::Grouping,
        regime: Regime::CoordinatorPays,
        rule: "Prime du lot dommages aux biens\u{a0}: 30\u{202f}% à parts égales, 70\u{202f}% selon les surfaces assurées.",
        joins: false,
    };
    let grouping = steps::grouping(app, officer, spec, &ids).await?;
    steps::decide(app, officer, grouping.id, &[].into()).await?;
    let surfaces: BTreeMap<_, _> = members
        .iter()
        .map(|c| (c.organisation.id, surface(c)))
        .collect();
    let named = (
        "Surfaces assurées",
        "m²",
        "Déclarations des communes (chiffres illustratifs)",
    );
    let key = bills::key(app, officer, grouping.id, named, surfaces).await?;
    let surfaces = FigureSource::Key(key).to_string();
    let parts = [
        (30, AllocationRule::Equal),
        (70, AllocationRule::proportional(surfaces)),
    ];
    let parts = parts.map(|(percent, rule)| MixPart {
        percent: Weight::whole(percent),
        rule,
    });
    let parts = Vec::from(parts);
    let formula = AllocationRule::Mix { parts };
    let rule = steps::rule(app, officer, grouping.id, "Prime des bâtiments", formula).await?;
    let tsca = TaxGroup {
        category: TaxCategory::InsuranceTax,
        rate: TaxRate::from_basis_points(900)?,
    };
    let exempt = TaxGroup {
        category: TaxCategory::Exempt,
        rate: TaxRate::default(),
    };
    let line = |label: &str, net, tax, rule| BillLine {
        label: label.to_owned(),
        item: None,
        quantity: None,
        unit_price: None,
        net: Cents(net),
        tax,
        rule,
    };
    let bill = Bill {
        grouping: grouping.id,
        contract: None,
        supplier: steps::supplier("775684764", "Mutuelle Exemple")?,
        number: "P-2026-3391".to_owned(),
        title: "Assurance des bâtiments, lot 1".to_owned(),
        issued_on: steps::today(app),
        received_on: steps::today(app),
        lines: vec![
            line(
                "Prime dommages aux biens",
                4_821_357,
                tsca,
                LineRule::Rule(rule),
            ),
            line(
                "Contribution au fonds de garantie",
                590,
                exempt,
                LineRule::Equal,
            ),
        ],
        taxes: vec![(tsca, Cents(433_922))],
    };
    bills::split(app, officer, cast.epci.id, bill).await
}
