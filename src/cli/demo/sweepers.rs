//! Two neighbours buy a street sweeper each at one price; each pays its own, they share the
//! publicity.
use domain::{
    allocation::TaxGroup,
    money::{Cents, TaxCategory, TaxRate},
    purchasing::{
        grouping::{GroupingKind, LegalBasis, Regime},
        invoice::LineRule,
        procedure::ProcedureForm,
    },
};

use super::{
    bills::{self, Bill, BillLine},
    cast::{Cast, SWEEPER_BUYER},
    proof::Proof,
    steps::{self, GroupingSpec, ItemSpec, RoundSpec},
};
use crate::actions::{App, Error, purchasing::rounds};

pub(super) async fn play(app: &App, cast: &Cast) -> Result<Proof, Error> {
    let buyer = cast.named(SWEEPER_BUYER, 0)?;
    let neighbour = cast.named("La Madeleine", 1)?;
    let officer = cast.clerk(buyer)?;
    let (owner, other) = (buyer.organisation.id, neighbour.organisation.id);
    let spec = GroupingSpec {
        owner,
        title: "Balayeuses de voirie 2026",
        family: "Matériel de propreté",
        kind: GroupingKind::OneOff,
        basis: LegalBasis::Grouping,
        regime: Regime::CoordinatorSigns,
        rule: "Chaque commune paie sa balayeuse. Les frais de publicité sont partagés à parts égales.",
        joins: true,
    };
    let grouping = steps::grouping(app, officer, spec, &[owner, other]).await?;
    steps::decide(app, officer, grouping.id, &[].into()).await?;
    let wanted = [ItemSpec {
        lot: "Balayeuses compactes",
        title: "Balayeuse compacte de 2 m³, avec formation des agents",
        unit: "machine",
        price_micro: 164_000_000_000,
        category: TaxCategory::Vat,
        rate_bp: 2_000,
        step_milli: 1_000,
    }];
    let round = RoundSpec {
        grouping: grouping.id,
        title: "Balayeuses 2026",
        note: None,
        days: 14,
        launch_in_days: 20,
        previous: None,
    };
    let (round, items) = steps::open_round(app, officer, round, &wanted).await?;
    let one_each: Vec<_> = items.iter().map(|item| (item.id, 1)).collect();
    steps::pass(app, 3);
    steps::declare(app, officer, round.id, owner, &one_each).await?;
    steps::declare(app, cast.clerk(neighbour)?, round.id, other, &one_each).await?;
    steps::pass(app, 4);
    rounds::close(app, officer, round.id, None).await?;
    let title = "Acquisition de deux balayeuses";
    let form = ProcedureForm::OpenTender;
    let procedure = steps::launch(app, officer, round.id, title, form).await?;
    steps::pass(app, 10);
    let winner = steps::supplier("732829320", "Voirie Exemple SAS")?;
    steps::award_all(app, officer, procedure, &winner, 48, "2026-BAL").await?;
    bills::split(app, officer, owner, publicity(app, grouping.id)?).await
}

/// The notices of the consultation: a common cost, outside any contract.
fn publicity(app: &App, grouping: domain::identity::GroupingId) -> Result<Bill, Error> {
    let vat = TaxGroup {
        category: TaxCategory::Vat,
        rate: TaxRate::from_basis_points(2_000)?,
    };
    Ok(Bill {
        grouping,
        contract: None,
        supplier: steps::supplier("552100554", "Annonces Exemple SA")?,
        number: "AN-2026-0731".to_owned(),
        title: "Avis de marché des balayeuses".to_owned(),
        issued_on: steps::today(app),
        received_on: steps::today(app),
        lines: vec![BillLine {
            label: "Avis d’appel public à la concurrence et avis d’attribution".to_owned(),
            item: None,
            quantity: None,
            unit_price: None,
            net: Cents(115_535),
            tax: vat,
            rule: LineRule::Equal,
        }],
        taxes: vec![(vat, Cents(23_107))],
    })
}
