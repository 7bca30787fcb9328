//! Electricity of July 2025: the last month in which standing charges bore 5.5 %.
//!
//! Source of the two rates: loi 2025-127, one rate from 1 August 2025.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    allocation::TaxGroup,
    french,
    identity::{GroupingId, KeyId, OrganisationId},
    money::{self, Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        grouping::{GroupingKind, LegalBasis, Regime},
        invoice::LineRule,
    },
    quantity::Quantity,
    site::SiteKind,
};

use super::{
    bills::{self, Bill, BillLine},
    cast::{Cast, Commune},
    proof::Proof,
    steps::{self, GroupingSpec},
};
use crate::actions::{
    Actor, App, Error,
    purchasing::readings::{self, SummedKey},
    sites,
};

/// Illustrative: the meters of a commune.
fn points(commune: &Commune) -> i64 {
    2 + commune.inhabitants / 1_200
}

/// Illustrative: what they measured in July, in kWh.
fn kwh(commune: &Commune) -> i64 {
    let figures = commune.organisation.siren.as_ref().map(ToString::to_string);
    let spread: i64 = figures.unwrap_or_default().bytes().map(i64::from).sum();
    1_150 + commune.inhabitants * 5 + spread * 7 % 997
}

pub(super) async fn play(app: &App, cast: &Cast) -> Result<Proof, Error> {
    let officer = &cast.officer;
    let ids: Vec<OrganisationId> = cast.communes.iter().map(|c| c.organisation.id).collect();
    let spec = GroupingSpec {
        owner: cast.epci.id,
        title: "Énergie 2025-2027",
        family: "Électricité",
        kind: GroupingKind::Permanent,
        basis: LegalBasis::EpciForItsCommunes {
            statutes_reference: "Statuts, article 5, modifiés le 14 octobre 2022".to_owned(),
        },
        regime: Regime::CoordinatorPays,
        rule: "Abonnements selon les points de livraison, consommations selon les kWh relevés.",
        joins: false,
    };
    let grouping = steps::grouping(app, officer, spec, &ids).await?;
    steps::decide(app, officer, grouping.id, &[].into()).await?;
    let meters = register(app, cast).await?;
    let one = meters.keys().map(|number| (number.clone(), Quantity::ONE));
    let points = summed("Points de livraison", "points", app, one.collect());
    let points = readings::create_key(app, officer, grouping.id, points).await?;
    let count = i64::try_from(meters.len()).unwrap_or(i64::MAX);
    let measured = summed("Consommation de juillet 2025", "kWh", app, meters);
    let measured = readings::create_key(app, officer, grouping.id, measured).await?;
    let bill = july_bill(cast, grouping.id, points.id, measured.id)?;
    let mut proof = bills::split(app, officer, cast.epci.id, bill).await?;
    proof.detail = format!(
        "{} points de livraison, numéros et relevés illustratifs",
        french::integer(count)
    );
    Ok(proof)
}

fn summed(name: &str, unit: &str, app: &App, readings: BTreeMap<String, Quantity>) -> SummedKey {
    SummedKey {
        name: name.to_owned(),
        unit: unit.to_owned(),
        source: "Relevés du distributeur, juillet 2025 (chiffres illustratifs)".to_owned(),
        dated_on: steps::today(app),
        readings,
    }
}

/// Registers the meters of every commune; gives what each measured, by its number.
async fn register(app: &App, cast: &Cast) -> Result<BTreeMap<String, Quantity>, Error> {
    let mut measured = BTreeMap::new();
    for commune in &cast.communes {
        let meters = meters(commune);
        let lines = meters.iter().map(|meter| sites::Listed {
            details: sites::Details {
                kind: SiteKind::ElectricityMeter,
                name: meter.name.clone(),
                reference: Some(meter.number.clone()),
                address: None,
                area: None,
                category: Some("Point de livraison illustratif".to_owned()),
                budget: None,
            },
            says_budget: false,
        });
        let owner = commune.organisation.id;
        sites::import(app, &Actor::operator(), owner, lines.collect(), false).await?;
        measured.extend(meters.into_iter().map(|meter| (meter.number, meter.kwh)));
    }
    Ok(measured)
}

/// A meter of the story: its number has the right shape and belongs to nobody.
struct Meter {
    name: String,
    number: String,
    kwh: Quantity,
}

/// What stands behind the meters of a commune.
const PLACES: [&str; 8] = [
    "Mairie",
    "École",
    "Éclairage public",
    "Salle des fêtes",
    "Gymnase",
    "Éclairage public",
    "Ateliers municipaux",
    "Feux de circulation",
];

/// The meters of a commune; together they measured exactly what the commune did.
fn meters(commune: &Commune) -> Vec<Meter> {
    let siren = commune.organisation.siren.as_ref().map(ToString::to_string);
    let siren = siren.unwrap_or_default();
    let (count, total) = (points(commune), kwh(commune));
    // A larger meter every third: 1, 2 and 3 parts.
    let part = |rank: i64| 1 + rank % 3;
    let parts: i64 = (0..count).map(part).sum();
    let mut left = total;
    let meter = |(rank, place): (i64, &&str)| {
        let last = rank + 1 == count;
        let kwh = if last {
            left
        } else {
            total * part(rank) / parts
        };
        left -= kwh;
        Meter {
            name: format!("{place}, point {}", rank + 1),
            number: format!("{siren:0>9}{rank:05}"),
            kwh: Quantity(kwh * 1_000),
        }
    };
    let places = PLACES.iter().cycle();
    (0..count).zip(places).map(meter).collect()
}

fn july_bill(
    cast: &Cast,
    grouping: GroupingId,
    meters: KeyId,
    measured: KeyId,
) -> Result<Bill, Error> {
    let vat = |rate| -> Result<TaxGroup, Error> {
        Ok(TaxGroup {
            category: TaxCategory::Vat,
            rate: TaxRate::from_basis_points(rate)?,
        })
    };
    let (reduced, full) = (vat(550)?, vat(2_000)?);
    let count =
        |of: fn(&Commune) -> i64| Quantity(cast.communes.iter().map(of).sum::<i64>() * 1_000);
    let (points, kwh) = (count(points), count(kwh));
    let mut lines = Vec::new();
    for (label, quantity, price_micro, tax, key) in [
        ("Abonnements", points, 41_837_000, reduced, meters),
        (
            "Contribution tarifaire d’acheminement (CTA)",
            points,
            6_214_500,
            reduced,
            meters,
        ),
        ("Énergie consommée", kwh, 98_460, full, measured),
        ("Acheminement, part variable", kwh, 31_270, full, measured),
        ("Accise sur l’électricité", kwh, 25_790, full, measured),
    ] {
        let unit_price = UnitPrice(price_micro);
        lines.push(BillLine {
            label: label.to_owned(),
            item: None,
            quantity: Some(quantity),
            unit_price: Some(unit_price),
            net: money::amount(quantity, unit_price)?,
            tax,
            rule: LineRule::Key(key),
        });
    }
    let base = |group| Cents::checked_sum(lines.iter().filter(|l| l.tax == group).map(|l| l.net));
    let taxes = [reduced, full]
        .map(|group| Ok::<_, Error>((group, group.rate.tax_on(base(group)?)?)))
        .into_iter()
        .collect::<Result<_, _>>()?;
    let day = |month, day| NaiveDate::from_ymd_opt(2025, month, day).ok_or(Error::NotFound);
    Ok(Bill {
        grouping,
        contract: None,
        supplier: steps::supplier("542107651", "Énergie Exemple SA")?,
        number: "ELEC-2025-07".to_owned(),
        title: "Électricité, juillet 2025".to_owned(),
        issued_on: day(8, 5)?,
        received_on: day(8, 8)?,
        lines,
        taxes,
    })
}
