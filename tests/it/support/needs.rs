//! An open round with two lots of items, its members and their people, straight in the store.
use chrono::TimeDelta;
use domain::{
    identity::{GroupingId, ItemId, LotId, MembershipId, OrganisationId, RoundId},
    money::{TaxCategory, TaxRate, UnitPrice},
    permission::Role,
    purchasing::{
        grouping::{Grouping, GroupingKind, GroupingState, LegalBasis, Regime},
        lot::{Item, Lot},
        membership::Membership,
        round::{Columns, Round, RoundState},
    },
    quantity::Quantity,
    token::TokenScope,
};
use encommun::{
    actions::{
        Actor,
        tokens::{self, NewToken},
    },
    store::{
        Begun, Line, Scope, Tx,
        purchasing::{groupings, items, lots, memberships, rounds},
    },
};

use super::TestApp;

/// Who declares what, to whom.
pub struct Collection {
    pub epci: OrganisationId,
    pub anstaing: OrganisationId,
    pub madeleine: OrganisationId,
    pub grouping: GroupingId,
    pub round: Round,
    /// 1.1 « Vérification », 2.1 « Extincteur à eau », 2.2 « Support mural » (by packs of 6).
    pub items: Vec<Item>,
    /// `mairie@anstaing.example`.
    pub clerk: Actor,
    /// `achats@mel.example`.
    pub officer: Actor,
}

impl TestApp {
    /// The transaction of an action of the operator.
    pub async fn operator_tx(&self, action: &'static str) -> Tx {
        match self.app.begin(&Actor::operator(), action).await.unwrap() {
            Begun::Fresh(tx) => tx,
            Begun::Again(_) => panic!("no operation key was given"),
        }
    }

    /// An open round, due in ten days, with two members.
    pub async fn collection(&self) -> Collection {
        let epci = self
            .epci("Métropole Européenne de Lille", "200093201")
            .await;
        let anstaing = self.commune("Anstaing", "59013", "215900135").await;
        let madeleine = self.commune("La Madeleine", "59368", "215903683").await;
        let clerk = [(anstaing, Role::DeclaringAgent)];
        let clerk = self.user("mairie@anstaing.example", &clerk).await;
        let officer = [(epci, Role::PurchasingOfficer)];
        let officer = self.user("achats@mel.example", &officer).await;
        let id = GroupingId(self.app.clock.new_id());
        let grouping = Grouping {
            id,
            owner: epci,
            title: "Sécurité incendie".to_owned(),
            kind: GroupingKind::Permanent,
            family: "Extincteurs".to_owned(),
            legal_basis: LegalBasis::Grouping,
            regime: Regime::CoordinatorPays,
            state: GroupingState::Active,
            created_at: self.app.clock.now(),
            version: 0,
        };
        let membership =
            |member| Membership::invited(MembershipId(self.app.clock.new_id()), &grouping, member);
        let tx = self.operator_tx("grouping.create").await;
        groupings::insert(&tx, &grouping).await.unwrap();
        memberships::insert(&tx, &[membership(anstaing), membership(madeleine)])
            .await
            .unwrap();
        tx.commit(Line::about(Scope::Grouping(id), "grouping", id.0))
            .await
            .unwrap();
        let (round, items) = self
            .opened_collection((epci, id), "Extincteurs 2027", None)
            .await;
        Collection {
            epci,
            anstaing,
            madeleine,
            grouping: id,
            round,
            items,
            clerk,
            officer,
        }
    }

    /// An open round of a grouping, after another one or not.
    pub async fn opened_collection(
        &self,
        (owner, grouping): (OrganisationId, GroupingId),
        title: &str,
        previous: Option<RoundId>,
    ) -> (Round, Vec<Item>) {
        let now = self.app.clock.now();
        let round = Round {
            id: RoundId(self.app.clock.new_id()),
            owner,
            grouping,
            title: title.to_owned(),
            state: RoundState::Open,
            deadline: now + TimeDelta::days(10),
            note: None,
            columns: Columns {
                most: true,
                ..Columns::default()
            },
            shows_others: false,
            launch_planned_on: None,
            previous,
            opening: 1,
            opened_at: Some(now),
            closed: None,
            reopen_motive: None,
            conditions_version: 1,
            created_at: now,
            version: 0,
        };
        let lot = |number, title: &str| Lot {
            id: LotId(self.app.clock.new_id()),
            owner,
            round: round.id,
            number,
            title: title.to_owned(),
            version: 0,
        };
        let both = vec![lot(1, "Vérification annuelle"), lot(2, "Fourniture")];
        let item = |lot: &Lot, number, title: &str, step, price| Item {
            id: ItemId(self.app.clock.new_id()),
            owner,
            round: round.id,
            lot: lot.id,
            number,
            title: title.to_owned(),
            unit: "appareil".to_owned(),
            tax_category: TaxCategory::Vat,
            tax_rate: TaxRate::from_basis_points(2_000).unwrap(),
            unit_price: Some(UnitPrice(price)),
            step: Quantity(step),
            conditions_version: 1,
            removed: false,
            version: 0,
        };
        let items = vec![
            item(
                &both[0],
                1,
                "Vérification d’un extincteur",
                1_000,
                4_950_000,
            ),
            item(&both[1], 1, "Extincteur à eau, 6 L", 1_000, 54_600_000),
            item(&both[1], 2, "Support mural", 6_000, 4_150_000),
        ];
        let tx = self.operator_tx("round.open").await;
        rounds::insert(&tx, &round).await.unwrap();
        lots::insert(&tx, &both).await.unwrap();
        items::insert(&tx, &items).await.unwrap();
        tx.commit(Line::about(Scope::Grouping(grouping), "round", round.id.0))
            .await
            .unwrap();
        (round, items)
    }

    /// Closes a round as its coordinator would.
    pub async fn close_round(&self, id: RoundId) {
        let tx = self.operator_tx("round.close").await;
        let mut round = rounds::lock(&tx, id).await.unwrap();
        round
            .close(tx.now(), domain::purchasing::round::ClosedBy::Operator)
            .unwrap();
        rounds::save(&tx, &round).await.unwrap();
        tx.commit(Line::about(Scope::Grouping(round.grouping), "round", id.0))
            .await
            .unwrap();
    }

    /// The secret of a writing token of someone.
    pub async fn token_of(&self, actor: &Actor) -> String {
        let new = NewToken {
            name: "Logiciel".to_owned(),
            scope: TokenScope::Write,
            expires_at: None,
        };
        tokens::create(&self.app, actor, new).await.unwrap().secret
    }
}
