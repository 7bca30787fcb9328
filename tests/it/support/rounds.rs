//! Rounds with their lots, items and answers.
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    identity::{DeclarationId, GroupingId, ItemId, MembershipId, NeedId, OrganisationId, RoundId},
    money::{TaxCategory, TaxRate, UnitPrice},
    permission::Role,
    purchasing::{
        declaration::{Declaration, DeclarationState},
        grouping::{Grouping, GroupingKind, GroupingState, LegalBasis, Regime},
        lot::Item,
        membership::{JoinedLots, Membership, MembershipState},
        need::{Commitment, Need},
        round::{Columns, Round},
    },
    quantity::Quantity,
};
use encommun::{
    actions::{
        Actor,
        purchasing::{
            items::{self, ItemInput, LotRef, NewItem},
            rounds::{self, Deadline, NewRound, RoundInput},
        },
    },
    store::{
        Begun, Line, Scope,
        purchasing::{declarations, groupings, memberships, needs},
    },
};

use super::TestApp;

/// A coordinator, two members and their people, around one grouping.
pub struct Trio {
    pub epci: OrganisationId,
    pub anstaing: OrganisationId,
    pub madeleine: OrganisationId,
    pub grouping: GroupingId,
    /// The coordinator's purchasing officer, `achats@mel.example`.
    pub officer: Actor,
    /// Anstaing's clerk, `mairie@anstaing.example`.
    pub clerk: Actor,
}

/// What an ordinary officer decides.
pub fn input(title: &str, deadline: DateTime<Utc>) -> RoundInput {
    RoundInput {
        title: title.to_owned(),
        deadline: Deadline::Instant(deadline),
        note: None,
        columns: Columns::default(),
        shows_others: false,
        launch_planned_on: NaiveDate::from_ymd_opt(2026, 10, 15),
    }
}

/// An item in units, at a price in millionths of a euro.
pub fn item(title: &str, price_micro: i64) -> ItemInput {
    ItemInput {
        title: title.to_owned(),
        unit: "unité".to_owned(),
        tax_category: TaxCategory::Vat,
        tax_rate: TaxRate::from_basis_points(2_000).unwrap(),
        unit_price: Some(UnitPrice(price_micro)),
        step: Quantity::ONE,
    }
}

impl TestApp {
    /// Lille and two of its communes, in a grouping with everybody invited.
    pub async fn trio(&self) -> Trio {
        let epci = self
            .epci("Métropole Européenne de Lille", "200093201")
            .await;
        let anstaing = self.commune("Anstaing", "59013", "215900135").await;
        let madeleine = self.commune("La Madeleine", "59368", "215903683").await;
        let grouping = self.buyers(epci, &[anstaing, madeleine]).await;
        let officer = self
            .user("achats@mel.example", &[(epci, Role::PurchasingOfficer)])
            .await;
        let clerk = self
            .user(
                "mairie@anstaing.example",
                &[(anstaing, Role::DeclaringAgent)],
            )
            .await;
        Trio {
            epci,
            anstaing,
            madeleine,
            grouping,
            officer,
            clerk,
        }
    }

    async fn buyers(&self, owner: OrganisationId, members: &[OrganisationId]) -> GroupingId {
        let id = GroupingId(self.app.clock.new_id());
        let grouping = Grouping {
            id,
            owner,
            title: "Sécurité incendie".to_owned(),
            kind: GroupingKind::Permanent,
            family: "Extincteurs".to_owned(),
            legal_basis: LegalBasis::Grouping,
            regime: Regime::CoordinatorPays,
            state: GroupingState::Active,
            created_at: self.app.clock.now(),
            version: 0,
        };
        let joined: Vec<Membership> = members
            .iter()
            .map(|member| Membership {
                id: MembershipId(self.app.clock.new_id()),
                owner,
                grouping: id,
                member: *member,
                state: MembershipState::Invited,
                decision: None,
                signed_on: None,
                joined_on: None,
                leave_asked_on: None,
                left_on: None,
                lots: JoinedLots::All,
                version: 0,
            })
            .collect();
        let begun = self.app.begin(&Actor::operator(), "grouping.create").await;
        let Begun::Fresh(tx) = begun.unwrap() else {
            panic!("no operation key was given")
        };
        groupings::insert(&tx, &grouping).await.unwrap();
        memberships::insert(&tx, &joined).await.unwrap();
        let line = Line::about(Scope::Grouping(id), "grouping", id.0);
        tx.commit(line).await.unwrap();
        id
    }

    /// A round in preparation, due in ten days, with one lot of two items.
    pub async fn drafted_round(&self, trio: &Trio) -> (Round, Vec<Item>) {
        let due = self.app.clock.now() + TimeDelta::days(10);
        self.drafted_after(trio, "Extincteurs 2027", due, None)
            .await
    }

    /// The same, following another round.
    pub async fn drafted_after(
        &self,
        trio: &Trio,
        title: &str,
        due: DateTime<Utc>,
        previous: Option<RoundId>,
    ) -> (Round, Vec<Item>) {
        let new = NewRound {
            grouping: trio.grouping,
            input: input(title, due),
            previous,
        };
        let round = rounds::create(&self.app, &trio.officer, new).await.unwrap();
        let lot = LotRef::Title("Fourniture".to_owned());
        let new = |title, price| NewItem {
            lot: lot.clone(),
            input: item(title, price),
        };
        let items = if previous.is_none() {
            let two = vec![
                new("Extincteur à eau", 54_600_000),
                new("Support mural", 4_150_000),
            ];
            items::add(&self.app, &trio.officer, round.id, two)
                .await
                .unwrap()
        } else {
            Vec::new()
        };
        (round, items)
    }

    /// An open round, due in ten days, with one lot of two items.
    pub async fn open_round(&self, trio: &Trio) -> (Round, Vec<Item>) {
        let (round, items) = self.drafted_round(trio).await;
        let round = rounds::open(&self.app, &trio.officer, round.id, None)
            .await
            .unwrap();
        (round, items)
    }

    /// A transmitted answer, written under the actions that communes use.
    pub async fn answered(&self, round: &Round, member: OrganisationId, asked: &[(ItemId, i64)]) {
        let mut declaration =
            Declaration::unwritten(DeclarationId(self.app.clock.new_id()), round, member);
        declaration.state = DeclarationState::Submitted;
        declaration.revision = 1;
        declaration.submitted_at = Some(self.app.clock.now());
        let rows: Vec<Need> = asked
            .iter()
            .map(|(item, quantity)| Need {
                id: NeedId(self.app.clock.new_id()),
                owner: round.owner,
                round: round.id,
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
        let begun = self
            .app
            .begin(&Actor::operator(), "declaration.submit")
            .await;
        let Begun::Fresh(tx) = begun.unwrap() else {
            panic!("no operation key was given")
        };
        declarations::insert(&tx, &declaration).await.unwrap();
        needs::replace_of_member(&tx, round.id, member, &rows)
            .await
            .unwrap();
        let scope = Scope::Grouping(round.grouping);
        let line = Line::about(scope, "declaration", declaration.id.0);
        tx.commit(line).await.unwrap();
    }
}
