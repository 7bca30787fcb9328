//! Forty communes have their extinguishers checked; the intercommunalité pays and asks for shares.
use domain::{
    allocation::TaxGroup,
    identity::ItemId,
    money::{self, Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        grouping::{GroupingKind, LegalBasis, Regime},
        invoice::LineRule,
        procedure::ProcedureForm,
    },
    quantity::Quantity,
};

use super::{
    bills::{self, Bill, BillLine},
    cast::{Cast, Commune},
    proof::Proof,
    steps::{self, GroupingSpec, ItemSpec, RoundSpec},
};
use crate::actions::{
    App, Error,
    purchasing::{contracts, rounds},
};

const CHECKS: &str = "Vérification annuelle";
const SUPPLY: &str = "Fourniture d’extincteurs";

/// The items, in the order in which [`quantities`] gives figures.
const ITEMS: [ItemSpec; 5] = [
    item(
        CHECKS,
        "Vérification d’un extincteur portatif",
        "appareil",
        4_950_000,
    ),
    item(
        CHECKS,
        "Vérification d’un robinet d’incendie armé (RIA)",
        "appareil",
        21_500_000,
    ),
    item(CHECKS, "Déplacement, par site", "site", 28_000_000),
    item(
        SUPPLY,
        "Extincteur à eau avec additif, 6 L",
        "appareil",
        54_600_000,
    ),
    item(SUPPLY, "Extincteur au CO₂, 2 kg", "appareil", 66_400_000),
];

const fn item(
    lot: &'static str,
    title: &'static str,
    unit: &'static str,
    price_micro: i64,
) -> ItemSpec {
    let category = TaxCategory::Vat;
    ItemSpec {
        lot,
        title,
        unit,
        price_micro,
        category,
        rate_bp: 2_000,
        step_milli: 1_000,
    }
}

/// Illustrative: larger towns have more of everything, in the order of [`ITEMS`].
fn quantities(commune: &Commune) -> [i64; 5] {
    let people = commune.inhabitants;
    [
        8 + people / 55,
        people / 900,
        2 + people / 600,
        1 + people / 1_500,
        people / 2_500,
    ]
}

pub(super) async fn play(app: &App, cast: &Cast) -> Result<Proof, Error> {
    let skipped = cast.communes.len().saturating_sub(40) / 2;
    let members: Vec<&Commune> = cast.communes.iter().skip(skipped).take(40).collect();
    let ids: Vec<_> = members.iter().map(|c| c.organisation.id).collect();
    let officer = &cast.officer;
    let spec = GroupingSpec {
        owner: cast.epci.id,
        title: "Sécurité incendie des bâtiments communaux",
        family: "Sécurité incendie",
        kind: GroupingKind::Permanent,
        basis: LegalBasis::EpciForItsCommunes {
            statutes_reference: "Statuts, article 5, modifiés le 14 octobre 2022".to_owned(),
        },
        regime: Regime::CoordinatorPays,
        rule: "Chaque commune rembourse ce qui a été vérifié ou livré chez elle.",
        joins: false,
    };
    let grouping = steps::grouping(app, officer, spec, &ids).await?;
    steps::decide(app, officer, grouping.id, &[].into()).await?;
    let round = RoundSpec {
        grouping: grouping.id,
        title: "Extincteurs 2026",
        note: Some("Comptez les appareils de tous vos bâtiments, écoles comprises."),
        days: 16,
        launch_in_days: 25,
        previous: None,
    };
    let (round, items) = steps::open_round(app, officer, round, &ITEMS).await?;
    let ids: Vec<ItemId> = items.iter().map(|item| item.id).collect();
    for (rank, commune) in members.iter().enumerate() {
        if rank % 8 == 0 {
            steps::pass(app, 1);
        }
        let typed: Vec<_> = ids.iter().copied().zip(quantities(commune)).collect();
        let member = commune.organisation.id;
        steps::declare(app, cast.clerk(commune)?, round.id, member, &typed).await?;
    }
    steps::pass(app, 8);
    rounds::close(app, officer, round.id, None).await?;
    let title = "Vérification et fourniture d’extincteurs";
    let procedure = steps::launch(app, officer, round.id, title, ProcedureForm::Adapted).await?;
    steps::pass(app, 12);
    let winner = steps::supplier("423748573", "Protection Exemple SARL")?;
    let signed = steps::award_all(app, officer, procedure, &winner, 62, "2026-INC").await?;
    steps::pass(app, 20);
    let contract = signed.first().ok_or(Error::NotFound)?;
    let bill = checks(app, cast, grouping.id, contract.id, &members).await?;
    bills::split(app, officer, cast.epci.id, bill).await
}

/// The price of an item in the contract; the other lot has a contract of its own.
fn price_of(overview: &contracts::Overview, item: ItemId) -> Option<UnitPrice> {
    let award = overview.award.as_ref()?;
    let priced = award
        .decision
        .prices()
        .iter()
        .find(|price| price.item == item);
    priced.map(|price| price.unit_price)
}

/// The supplier's invoice for the checks: what was done, at the prices of the contract.
async fn checks(
    app: &App,
    cast: &Cast,
    grouping: domain::identity::GroupingId,
    contract: domain::identity::ContractId,
    members: &[&Commune],
) -> Result<Bill, Error> {
    let vat = TaxGroup {
        category: TaxCategory::Vat,
        rate: TaxRate::from_basis_points(2_000)?,
    };
    let overview = contracts::overview(app, &cast.officer, contract).await?;
    let (mut lines, mut net) = (Vec::new(), Cents::ZERO);
    for (rank, item) in overview.items.iter().enumerate() {
        let each = members
            .iter()
            .filter_map(|c| quantities(c).get(rank).copied());
        let quantity = Quantity(each.sum::<i64>() * 1_000);
        let Some(price) = price_of(&overview, item.id) else {
            continue;
        };
        let amount = money::amount(quantity, price)?;
        net = net.checked_add(amount)?;
        lines.push(BillLine {
            label: item.title.clone(),
            item: Some(item.id),
            quantity: Some(quantity),
            unit_price: Some(price),
            net: amount,
            tax: vat,
            rule: LineRule::Delivered,
        });
    }
    Ok(Bill {
        grouping,
        contract: Some(contract),
        supplier: steps::supplier("423748573", "Protection Exemple SARL")?,
        number: "F-26-0412".to_owned(),
        title: "Extincteurs\u{a0}: vérification annuelle 2026".to_owned(),
        issued_on: steps::today(app),
        received_on: steps::today(app),
        lines,
        taxes: vec![(vat, vat.rate.tax_on(net)?)],
    })
}
