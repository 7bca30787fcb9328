//! Closed rounds with needs, procedures and contracts.
use chrono::NaiveDate;
use domain::{
    identity::{
        DeclarationId, GroupingId, ItemId, LotId, MembershipId, NeedId, OrganisationId,
        ProcedureId, RoundId,
    },
    money::{TaxCategory, TaxRate, UnitPrice},
    permission::Role,
    purchasing::{
        declaration::{Declaration, DeclarationState},
        grouping::{Grouping, GroupingKind, GroupingState, LegalBasis, Regime},
        lot::{Item, Lot},
        membership::{Decision, DecisionKind, JoinedLots, Membership, MembershipState},
        need::{Commitment, Need},
        procedure::{Plan, Procedure, ProcedureForm},
        round::{ClosedBy, Closing, Columns, Round, RoundState},
        thresholds::PurchaseNature,
    },
    quantity::Quantity,
    token::TokenScope,
};
use encommun::{
    actions::{
        Actor,
        purchasing::procedures::{self, NewProcedure},
        tokens,
    },
    store::{
        Begun, Line, Scope, Tx,
        purchasing::{declarations, groupings, items, lots, memberships, needs, rounds},
    },
};

use super::{Client, TestApp};

/// A coordinator, three communes and a closed round: two lots of one item each.
///
/// Anstaing is ready and wants 40 and 4; La Madeleine has not signed and wants 60 and 6; Lompret
/// has not decided and wants 100 of the first only. The items are estimated at 10 and 250 euros.
pub struct Purchase {
    pub epci: OrganisationId,
    pub anstaing: OrganisationId,
    pub madeleine: OrganisationId,
    pub lompret: OrganisationId,
    pub grouping: GroupingId,
    pub round: RoundId,
    pub lots: [LotId; 2],
    pub items: [ItemId; 2],
    /// The coordinator's purchasing officer, `achats@mel.example`.
    pub officer: Actor,
    /// Anstaing's clerk, `mairie@anstaing.example`.
    pub clerk: Actor,
}

/// A date.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A program with a token of this person.
pub async fn program(test: &TestApp, actor: &Actor) -> Client {
    let new = tokens::NewToken {
        name: "essai".to_owned(),
        scope: TokenScope::Write,
        expires_at: None,
    };
    let created = tokens::create(&test.app, actor, new).await.unwrap();
    test.browser().with_token(&created.secret)
}

/// An ordinary adapted procedure.
pub fn plan(title: &str) -> Plan {
    Plan {
        title: title.to_owned(),
        form: ProcedureForm::Adapted,
        nature: PurchaseNature::SuppliesServices,
        published_on: None,
        offers_due_at: None,
        cao_on: None,
    }
}

impl TestApp {
    /// A closed round with needs, ready to be bought.
    pub async fn purchase(&self) -> Purchase {
        let epci = self
            .epci("Métropole Européenne de Lille", "200093201")
            .await;
        let anstaing = self.commune("Anstaing", "59013", "215900135").await;
        let madeleine = self.commune("La Madeleine", "59368", "215903683").await;
        let lompret = self.commune("Lompret", "59356", "215903568").await;
        let id = || self.app.clock.new_id();
        let grouping = GroupingId(id());
        let round = RoundId(id());
        let lots = [LotId(id()), LotId(id())];
        let items = [ItemId(id()), ItemId(id())];
        let begun = self.app.begin(&Actor::operator(), "round.create").await;
        let Begun::Fresh(tx) = begun.unwrap() else {
            panic!("no operation key was given")
        };
        insert_grouping(&tx, grouping, epci).await;
        insert_round(&tx, (round, grouping, epci), &lots, &items).await;
        for (member, decided, signed, quantities) in [
            (anstaing, true, true, [40, 4]),
            (madeleine, true, false, [60, 6]),
            (lompret, false, false, [100, 0]),
        ] {
            let membership = membership_of(self, grouping, epci, member, decided, signed);
            memberships::insert(&tx, &[membership]).await.unwrap();
            declare(self, &tx, (round, epci, member), &items, quantities).await;
        }
        let line = Line::about(Scope::Grouping(grouping), "round", round.0);
        tx.commit(line).await.unwrap();
        let officer = self
            .user("achats@mel.example", &[(epci, Role::PurchasingOfficer)])
            .await;
        let clerk = self
            .user(
                "mairie@anstaing.example",
                &[(anstaing, Role::DeclaringAgent)],
            )
            .await;
        Purchase {
            epci,
            anstaing,
            madeleine,
            lompret,
            grouping,
            round,
            lots,
            items,
            officer,
            clerk,
        }
    }

    /// A procedure being prepared over the round of a purchase.
    pub async fn procedure(&self, purchase: &Purchase) -> Procedure {
        let new = NewProcedure {
            rounds: [purchase.round].into(),
            plan: plan("Extincteurs 2027"),
        };
        procedures::create(&self.app, &purchase.officer, new)
            .await
            .unwrap()
    }

    /// A procedure launched without the two communes that are not ready.
    pub async fn launched(&self, purchase: &Purchase) -> ProcedureId {
        let id = self.procedure(purchase).await.id;
        let (app, officer) = (&self.app, &purchase.officer);
        let aside = [purchase.madeleine, purchase.lompret].into();
        procedures::set_aside(app, officer, id, &aside, "délibération en attente")
            .await
            .unwrap();
        procedures::launch(app, officer, id, None, day("2026-09-01"))
            .await
            .unwrap();
        id
    }
}

async fn insert_grouping(tx: &Tx, id: GroupingId, owner: OrganisationId) {
    let grouping = Grouping {
        id,
        owner,
        title: "Sécurité incendie".to_owned(),
        kind: GroupingKind::OneOff,
        family: "Extincteurs".to_owned(),
        legal_basis: LegalBasis::Grouping,
        regime: Regime::CoordinatorPays,
        state: GroupingState::Active,
        created_at: tx.now(),
        version: 0,
    };
    groupings::insert(tx, &grouping).await.unwrap();
}

async fn insert_round(
    tx: &Tx,
    (id, grouping, owner): (RoundId, GroupingId, OrganisationId),
    lot_ids: &[LotId; 2],
    item_ids: &[ItemId; 2],
) {
    let round = Round {
        id,
        owner,
        grouping,
        title: "Extincteurs 2026".to_owned(),
        state: RoundState::Closed,
        deadline: tx.now(),
        note: None,
        columns: Columns::default(),
        shows_others: false,
        launch_planned_on: None,
        previous: None,
        opening: 1,
        opened_at: Some(tx.now()),
        closed: Some(Closing {
            by: ClosedBy::Clock,
            name: String::new(),
            at: tx.now(),
        }),
        reopen_motive: None,
        conditions_version: 0,
        created_at: tx.now(),
        version: 0,
    };
    rounds::insert(tx, &round).await.unwrap();
    let described = [("Vérification", 10_000_000), ("Formation", 250_000_000)];
    for (place, (title, price)) in described.into_iter().enumerate() {
        let lot = Lot {
            id: lot_ids[place],
            owner,
            round: id,
            number: i32::try_from(place).unwrap() + 1,
            title: title.to_owned(),
            version: 0,
        };
        lots::insert(tx, &[lot]).await.unwrap();
        let item = Item {
            id: item_ids[place],
            owner,
            round: id,
            lot: lot_ids[place],
            number: 1,
            title: format!("{title}, à l’unité"),
            unit: "unité".to_owned(),
            tax_category: TaxCategory::Vat,
            tax_rate: TaxRate::from_basis_points(2_000).unwrap(),
            unit_price: Some(UnitPrice(price)),
            step: Quantity::ONE,
            conditions_version: 0,
            removed: false,
            version: 0,
        };
        items::insert(tx, &[item]).await.unwrap();
    }
}

fn membership_of(
    test: &TestApp,
    grouping: GroupingId,
    owner: OrganisationId,
    member: OrganisationId,
    decided: bool,
    signed: bool,
) -> Membership {
    Membership {
        id: MembershipId(test.app.clock.new_id()),
        owner,
        grouping,
        member,
        state: MembershipState::Invited,
        decision: decided.then(|| Decision {
            kind: DecisionKind::Deliberation,
            number: "2026-31".to_owned(),
            decided_on: day("2026-06-01"),
            transmitted_on: Some(day("2026-06-03")),
        }),
        signed_on: signed.then(|| day("2026-06-10")),
        joined_on: None,
        leave_asked_on: None,
        left_on: None,
        lots: JoinedLots::All,
        version: 0,
    }
}

async fn declare(
    test: &TestApp,
    tx: &Tx,
    (round, owner, member): (RoundId, OrganisationId, OrganisationId),
    items: &[ItemId; 2],
    quantities: [i64; 2],
) {
    let declaration = Declaration {
        id: DeclarationId(test.app.clock.new_id()),
        owner,
        round,
        member,
        state: DeclarationState::Submitted,
        revision: 1,
        conditions_version: 0,
        to_reconfirm: false,
        open_until: None,
        submitted_at: Some(tx.now()),
        submitted_by: None,
        entered_for: false,
        entered_note: None,
        started_at: Some(tx.now()),
        version: 0,
    };
    declarations::insert(tx, &declaration).await.unwrap();
    let wanted: Vec<Need> = items
        .iter()
        .zip(quantities)
        .map(|(item, quantity)| Need {
            id: NeedId(test.app.clock.new_id()),
            owner,
            round,
            member,
            item: *item,
            line: String::new(),
            site: None,
            budget: None,
            quantity: Quantity(quantity * 1_000),
            commitment: Commitment::Firm,
            comment: None,
            revision: 1,
            version: 0,
        })
        .collect();
    needs::replace_of_member(tx, round, member, &wanted)
        .await
        .unwrap();
}
