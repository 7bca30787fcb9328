//! The work that is left: a round with late communes, one that closes tomorrow, one to award.
use std::collections::BTreeSet;

use domain::{
    identity::GroupingId,
    money::TaxCategory,
    purchasing::{
        grouping::{GroupingKind, LegalBasis, Regime},
        procedure::ProcedureForm,
    },
};

use super::{
    cast::{Cast, Commune},
    steps::{self, GroupingSpec, ItemSpec, RoundSpec},
};
use crate::actions::{App, Error, purchasing::declarations, purchasing::rounds};

/// Communes that have not answered the round on salt.
const LATE: usize = 18;

pub(super) async fn play(app: &App, cast: &Cast) -> Result<(), Error> {
    let ids: Vec<_> = cast.communes.iter().map(|c| c.organisation.id).collect();
    let spec = GroupingSpec {
        owner: cast.epci.id,
        title: "Fournitures des services techniques",
        family: "Fournitures",
        kind: GroupingKind::Permanent,
        basis: LegalBasis::EpciForItsCommunes {
            statutes_reference: "Statuts, article 5, modifiés le 14 octobre 2022".to_owned(),
        },
        regime: Regime::CoordinatorSigns,
        rule: "Chaque commune paie ce qu’elle commande.",
        joins: false,
    };
    let grouping = steps::grouping(app, &cast.officer, spec, &ids).await?;
    let slow: BTreeSet<_> = ids.iter().copied().take(2).collect();
    steps::decide(app, &cast.officer, grouping.id, &slow).await?;
    steps::until(app, cast.end - chrono::TimeDelta::days(9));
    to_award(app, cast, grouping.id).await?;
    steps::pass(app, 2);
    salt(app, cast, grouping.id).await?;
    steps::pass(app, 2);
    closing_tomorrow(app, cast, grouping.id).await?;
    steps::until(app, cast.end);
    Ok(())
}

fn item(lot: &'static str, title: &'static str, unit: &'static str, price_micro: i64) -> ItemSpec {
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

/// Closed and launched; the board has yet to choose.
async fn to_award(app: &App, cast: &Cast, grouping: GroupingId) -> Result<(), Error> {
    let wanted = [item(
        "Défibrillateurs",
        "Défibrillateur avec armoire",
        "appareil",
        1_290_000_000,
    )];
    let spec = RoundSpec {
        grouping,
        title: "Défibrillateurs 2026",
        note: None,
        days: 5,
        launch_in_days: 6,
        previous: None,
    };
    let (round, items) = steps::open_round(app, &cast.officer, spec, &wanted).await?;
    for commune in cast.communes.iter().skip(2).step_by(3) {
        let typed: Vec<_> = items
            .iter()
            .map(|i| (i.id, 1 + commune.inhabitants / 9_000))
            .collect();
        let clerk = cast.clerk(commune)?;
        steps::declare(app, clerk, round.id, commune.organisation.id, &typed).await?;
    }
    steps::pass(app, 1);
    rounds::close(app, &cast.officer, round.id, None).await?;
    let form = ProcedureForm::Adapted;
    steps::launch(app, &cast.officer, round.id, "Défibrillateurs", form).await?;
    Ok(())
}

/// Most have answered, some have nothing to declare, eighteen are late: seven of them have begun.
async fn salt(app: &App, cast: &Cast, grouping: GroupingId) -> Result<(), Error> {
    let wanted = [
        item(
            "Sel de déneigement",
            "Sel en vrac, livré par benne",
            "tonne",
            92_400_000,
        ),
        item(
            "Sel de déneigement",
            "Sel en sacs de 25 kg",
            "sac",
            6_350_000,
        ),
    ];
    let spec = RoundSpec {
        grouping,
        title: "Sel de déneigement 2026-2027",
        note: Some("Pensez aux stocks qui restent de l’hiver dernier."),
        days: 12,
        launch_in_days: 20,
        previous: None,
    };
    let (round, items) = steps::open_round(app, &cast.officer, spec, &wanted).await?;
    let late = LATE.min(cast.communes.len());
    for (rank, commune) in cast.communes.iter().rev().enumerate() {
        let (clerk, member) = (cast.clerk(commune)?, commune.organisation.id);
        let typed = salt_of(commune, &items);
        match rank {
            _ if rank < late && rank % 5 < 2 => {
                steps::type_in(app, clerk, round.id, member, &typed).await?;
            }
            _ if rank < late => {}
            _ if rank % 9 == 0 => {
                declarations::say_nothing(app, clerk, round.id, member, None).await?;
            }
            _ => steps::declare(app, clerk, round.id, member, &typed).await?,
        }
        if rank % 30 == 29 {
            steps::pass(app, 1);
        }
    }
    Ok(())
}

fn salt_of(
    commune: &Commune,
    items: &[domain::purchasing::lot::Item],
) -> Vec<(domain::identity::ItemId, i64)> {
    let quantities = [
        4 + commune.inhabitants / 700,
        20 + commune.inhabitants / 250,
    ];
    items.iter().map(|item| item.id).zip(quantities).collect()
}

/// Opened last week, closes tomorrow at 17:00; a few have answered.
async fn closing_tomorrow(app: &App, cast: &Cast, grouping: GroupingId) -> Result<(), Error> {
    let wanted = [
        item(
            "Papier",
            "Papier blanc A4, 80 g, recyclé",
            "ramette",
            3_180_000,
        ),
        item(
            "Papier",
            "Papier blanc A3, 80 g, recyclé",
            "ramette",
            6_740_000,
        ),
        item(
            "Fournitures",
            "Boîte d’archives, dos de 10 cm",
            "boîte",
            1_120_000,
        ),
    ];
    let left = (cast.end - app.clock.now()).num_days();
    let spec = RoundSpec {
        grouping,
        title: "Papier et fournitures 2027",
        note: None,
        days: left + 1,
        launch_in_days: left + 15,
        previous: None,
    };
    let (round, items) = steps::open_round(app, &cast.officer, spec, &wanted).await?;
    for commune in cast.communes.iter().skip(10).take(12) {
        let typed: Vec<_> = items
            .iter()
            .map(|i| (i.id, 30 + commune.inhabitants / 100))
            .collect();
        let clerk = cast.clerk(commune)?;
        steps::declare(app, clerk, round.id, commune.organisation.id, &typed).await?;
    }
    Ok(())
}
