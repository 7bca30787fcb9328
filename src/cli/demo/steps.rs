//! The steps that every purchase takes, as its people take them.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::{
    allocation::{AllocationRule, TaxPolicy},
    identity::{GroupingId, ItemId, OrganisationId, ProcedureId, RoundId, RuleId, Siren},
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        agreement::{Clauses, VatPolicy},
        grouping::{Grouping, GroupingKind, LegalBasis, Regime},
        lot::Item,
        membership::{Decision, DecisionKind},
        need::NeedColumn,
        procedure::{Plan, ProcedureForm},
        round::{Columns, Round},
        rule::{RuleChoice, RuleSubject, RuleTerms},
        thresholds::PurchaseNature,
    },
    quantity::Quantity,
};

use crate::actions::{
    Actor, App, Error,
    purchasing::{
        agreements, awards, contracts, declarations, drafts, groupings, invitations, items, lots,
        memberships, procedures, rounds, rules, suppliers::NamedSupplier,
    },
};

/// A grouping to make, with what tells it from the others.
pub(super) struct GroupingSpec<'a> {
    pub owner: OrganisationId,
    pub title: &'a str,
    pub family: &'a str,
    pub kind: GroupingKind,
    pub basis: LegalBasis,
    pub regime: Regime,
    pub rule: &'a str,
    /// The coordinator buys for itself too.
    pub joins: bool,
}

/// An item to ask for.
pub(super) struct ItemSpec {
    pub lot: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    /// Estimated, in millionths of a euro.
    pub price_micro: i64,
    pub category: TaxCategory,
    pub rate_bp: i32,
    /// In thousandths of the unit.
    pub step_milli: i64,
}

/// A round to prepare.
pub(super) struct RoundSpec<'a> {
    pub grouping: GroupingId,
    pub title: &'a str,
    pub note: Option<&'a str>,
    /// Days from now to the deadline, at 17:00.
    pub days: i64,
    pub launch_in_days: i64,
    pub previous: Option<RoundId>,
}

/// The date of the story.
pub(super) fn today(app: &App) -> NaiveDate {
    app.clock.now().date_naive()
}

/// Lets days pass.
pub(super) fn pass(app: &App, days: i64) {
    app.clock.advance(TimeDelta::days(days));
}

/// Lets time pass until an instant.
pub(super) fn until(app: &App, instant: DateTime<Utc>) {
    app.clock.advance(instant - app.clock.now());
}

/// Makes a grouping with a signed agreement; every member decides, sends its act and signs.
pub(super) async fn grouping(
    app: &App,
    actor: &Actor,
    spec: GroupingSpec<'_>,
    members: &[OrganisationId],
) -> Result<Grouping, Error> {
    let terms = groupings::Terms {
        title: spec.title.to_owned(),
        kind: spec.kind,
        family: spec.family.to_owned(),
        legal_basis: spec.basis,
        regime: spec.regime,
    };
    let new = groupings::NewGrouping {
        owner: spec.owner,
        terms,
        joins: spec.joins,
    };
    let made = groupings::create(app, actor, new).await?;
    let clauses = Clauses {
        object: spec.title.to_owned(),
        starts_on: today(app),
        ends_on: None,
        signed_on: Some(today(app)),
        deliberation: Some("2025-118 du 12 décembre 2025".to_owned()),
        rule_text: Some(spec.rule.to_owned()),
        vat_policy: VatPolicy::Gross,
        fee_text: None,
    };
    agreements::draft(app, actor, made.id, clauses).await?;
    let invited: BTreeSet<OrganisationId> = members
        .iter()
        .copied()
        .filter(|m| !spec.joins || *m != spec.owner)
        .collect();
    invitations::send(app, actor, made.id, invited).await?;
    Ok(made)
}

/// Has a rule voted by the agreement of a grouping, and chosen for all of it.
pub(super) async fn rule(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    name: &str,
    formula: AllocationRule,
) -> Result<RuleId, Error> {
    let agreement = agreements::list(app, actor, grouping, None, 1).await?;
    let terms = RuleTerms {
        name: name.to_owned(),
        applies_from: today(app),
        agreement: agreement.first().map(|agreement| agreement.id),
        article: Some("article 7".to_owned()),
        deliberations: None,
        tax_policy: TaxPolicy::Exact,
        prorata: false,
        formula,
    };
    let drafted = rules::create(app, actor, grouping, terms).await?;
    let rule = rules::adopt(app, actor, drafted.id, None).await?;
    let choice = RuleChoice {
        subject: RuleSubject::Grouping,
        series: rule.series,
    };
    rules::choose(app, actor, grouping, vec![choice]).await?;
    Ok(rule.id)
}

/// Records the decisions of all members but some, who are waited for.
pub(super) async fn decide(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    but: &BTreeSet<OrganisationId>,
) -> Result<(), Error> {
    let listed = memberships::list(app, actor, grouping).await?;
    let waiting = listed.into_iter().filter(|(m, _)| !but.contains(&m.member));
    for (number, (membership, _)) in waiting.enumerate() {
        let day = today(app);
        let decision = Decision {
            kind: DecisionKind::Deliberation,
            number: format!("2026-{:03}", number + 1),
            decided_on: day,
            transmitted_on: Some(day),
        };
        let entry = memberships::Entry {
            decision: Some(decision),
            signed_on: Some(day),
        };
        memberships::decide(app, actor, membership.id, Some(membership.version), entry).await?;
    }
    Ok(())
}

/// Prepares and opens a round.
pub(super) async fn open_round(
    app: &App,
    actor: &Actor,
    spec: RoundSpec<'_>,
    wanted: &[ItemSpec],
) -> Result<(Round, Vec<Item>), Error> {
    let deadline = (today(app) + TimeDelta::days(spec.days))
        .and_time(NaiveTime::from_hms_opt(17, 0, 0).unwrap_or_default());
    let input = rounds::RoundInput {
        title: spec.title.to_owned(),
        deadline: rounds::Deadline::Local(deadline),
        note: spec.note.map(str::to_owned),
        columns: Columns::default(),
        shows_others: false,
        launch_planned_on: Some(today(app) + TimeDelta::days(spec.launch_in_days)),
    };
    let new = rounds::NewRound {
        grouping: spec.grouping,
        input,
        previous: spec.previous,
    };
    let round = rounds::create(app, actor, new).await?;
    if spec.previous.is_none() {
        let new = wanted.iter().map(item).collect::<Result<_, Error>>()?;
        items::add(app, actor, round.id, new).await?;
    }
    let opened = rounds::open(app, actor, round.id, None).await?;
    let (_, _, listed) = lots::list(app, actor, round.id).await?;
    let items = listed.into_iter().flat_map(|lot| lot.items).collect();
    Ok((opened, items))
}

fn item(spec: &ItemSpec) -> Result<items::NewItem, Error> {
    Ok(items::NewItem {
        lot: items::LotRef::Title(spec.lot.to_owned()),
        input: items::ItemInput {
            title: spec.title.to_owned(),
            unit: spec.unit.to_owned(),
            tax_category: spec.category,
            tax_rate: TaxRate::from_basis_points(spec.rate_bp)?,
            unit_price: Some(UnitPrice(spec.price_micro)),
            step: Quantity(spec.step_milli),
        },
    })
}

/// A clerk types quantities and transmits them.
pub(super) async fn declare(
    app: &App,
    clerk: &Actor,
    round: RoundId,
    member: OrganisationId,
    quantities: &[(ItemId, i64)],
) -> Result<(), Error> {
    type_in(app, clerk, round, member, quantities).await?;
    declarations::submit(app, clerk, round, member, None).await?;
    Ok(())
}

/// A clerk types quantities and leaves them there.
pub(super) async fn type_in(
    app: &App,
    clerk: &Actor,
    round: RoundId,
    member: OrganisationId,
    quantities: &[(ItemId, i64)],
) -> Result<(), Error> {
    let edits = quantities.iter().map(|(item, quantity)| drafts::Edit {
        item: *item,
        line: String::new(),
        column: NeedColumn::Quantity,
        typed: quantity.to_string(),
        basis: drafts::Basis::Any,
    });
    drafts::save(app, clerk, round, member, edits.collect()).await?;
    Ok(())
}

/// Prepares the consultation of closed rounds and launches it.
pub(super) async fn launch(
    app: &App,
    actor: &Actor,
    round: RoundId,
    title: &str,
    form: ProcedureForm,
) -> Result<ProcedureId, Error> {
    let plan = Plan {
        title: title.to_owned(),
        form,
        nature: PurchaseNature::SuppliesServices,
        published_on: Some(today(app)),
        offers_due_at: None,
        cao_on: None,
    };
    let new = procedures::NewProcedure {
        rounds: BTreeSet::from([round]),
        plan,
    };
    let procedure = procedures::create(app, actor, new).await?;
    procedures::launch(app, actor, procedure.id, None, today(app)).await?;
    Ok(procedure.id)
}

/// A supplier of the story: its number is well formed, its name is invented.
pub(super) fn supplier(siren: &str, name: &str) -> Result<NamedSupplier, Error> {
    let siren = Siren::parse(siren)
        .map_err(|e| Error::Internal(anyhow::Error::new(e).context(siren.to_owned())))?;
    Ok(NamedSupplier {
        siren,
        siret: None,
        name: name.to_owned(),
    })
}

/// Awards every lot at the estimated prices less some thousandths, and signs each contract.
pub(super) async fn award_all(
    app: &App,
    actor: &Actor,
    procedure: ProcedureId,
    winner: &NamedSupplier,
    less_thousandths: i64,
    number: &str,
) -> Result<Vec<domain::purchasing::contract::Contract>, Error> {
    let overview = procedures::overview(app, actor, procedure).await?;
    for lot in &overview.lots {
        let prices = lot.items.iter().map(|line| awards::Price {
            item: line.item.id,
            unit_price: reduced(line.item.unit_price.unwrap_or_default(), less_thousandths),
            individual_price: line.item.unit_price,
        });
        let outcome = awards::NewOutcome::Awarded {
            supplier: winner.clone(),
            amount: None,
            prices: prices.collect(),
        };
        let new = awards::NewAward {
            decided_on: today(app),
            outcome,
        };
        awards::decide(app, actor, procedure, lot.lot.id, new).await?;
    }
    sign_all(app, actor, procedure, number).await
}

fn reduced(price: UnitPrice, less_thousandths: i64) -> UnitPrice {
    UnitPrice(price.0 - price.0 / 1_000 * less_thousandths)
}

async fn sign_all(
    app: &App,
    actor: &Actor,
    procedure: ProcedureId,
    number: &str,
) -> Result<Vec<domain::purchasing::contract::Contract>, Error> {
    let overview = procedures::overview(app, actor, procedure).await?;
    let mut signed = Vec::new();
    for (rank, lot) in overview.lots.iter().enumerate() {
        let Some(award) = &lot.award else { continue };
        let terms = domain::purchasing::contract::Terms {
            number: format!("{number}-{:02}", rank + 1),
            title: lot.lot.title.clone(),
            notified_on: today(app),
            starts_on: Some(today(app)),
            ends_on: None,
            duration_months: Some(12),
            renewals: 3,
            minimum: None,
            maximum: Some(Cents(20_000_000)),
            revision_clause: None,
        };
        let new = contracts::NewContract {
            origin: contracts::Origin::Award(award.id),
            terms,
        };
        signed.push(contracts::create(app, actor, new).await?);
    }
    Ok(signed)
}
