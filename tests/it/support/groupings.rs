//! Groupings with their members, made through the same actions as in life.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    identity::{Email, GroupingId, OrganisationId},
    purchasing::{
        grouping::{Grouping, GroupingKind, LegalBasis, Regime},
        membership::{Decision, DecisionKind, Membership},
    },
    token::TokenScope,
};
use encommun::{
    actions::{
        Actor,
        purchasing::{
            groupings::{self, NewGrouping, Terms},
            invitations,
            memberships::{self, Entry},
        },
        tokens,
    },
    store,
};

use super::TestApp;

/// The terms of an ordinary permanent grouping.
pub fn terms(title: &str, regime: Regime) -> Terms {
    Terms {
        title: title.to_owned(),
        kind: GroupingKind::Permanent,
        family: "Sécurité incendie".to_owned(),
        legal_basis: LegalBasis::Grouping,
        regime,
    }
}

impl TestApp {
    /// A grouping that `owner` coordinates, with these members, invited.
    pub async fn grouping(&self, owner: OrganisationId, members: &[OrganisationId]) -> Grouping {
        self.grouping_under(owner, Regime::CoordinatorPays, members)
            .await
    }

    /// The same under another regime.
    pub async fn grouping_under(
        &self,
        owner: OrganisationId,
        regime: Regime,
        members: &[OrganisationId],
    ) -> Grouping {
        let new = NewGrouping {
            owner,
            terms: terms("Extincteurs", regime),
            joins: false,
        };
        let actor = Actor::operator();
        let grouping = groupings::create(&self.app, &actor, new).await.unwrap();
        let asked: BTreeSet<OrganisationId> = members.iter().copied().collect();
        invitations::send(&self.app, &actor, grouping.id, asked)
            .await
            .unwrap();
        grouping
    }

    /// A token that writes, of someone invited before.
    pub async fn token(&self, email: &str) -> String {
        let email = Email::parse(email).unwrap();
        let view = self.app.store.view().await.unwrap();
        let user = store::users::find_by_email(&view, &email).await.unwrap();
        drop(view);
        let user = user.unwrap().id;
        let new = tokens::NewToken {
            name: "Logiciel de finances".to_owned(),
            scope: TokenScope::Write,
            expires_at: None,
        };
        let made = tokens::create_for(&self.app, &Actor::operator(), user, new).await;
        made.unwrap().secret
    }

    /// The membership of an organisation.
    pub async fn membership(&self, grouping: GroupingId, member: OrganisationId) -> Membership {
        let view = self.app.store.view().await.unwrap();
        store::purchasing::memberships::find_of(&view, grouping, member)
            .await
            .unwrap()
            .unwrap()
    }

    /// Records an enforceable decision and a signature: the member has joined.
    pub async fn joined(&self, grouping: GroupingId, member: OrganisationId) -> Membership {
        let id = self.membership(grouping, member).await.id;
        let entry = entry();
        memberships::decide(&self.app, &Actor::operator(), id, None, entry)
            .await
            .unwrap()
    }
}

/// A deliberation of March 2026, sent and followed by a signature.
pub fn entry() -> Entry {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    Entry {
        decision: Some(Decision {
            kind: DecisionKind::Deliberation,
            number: "2026-17".to_owned(),
            decided_on: day(3, 3),
            transmitted_on: Some(day(3, 5)),
        }),
        signed_on: Some(day(3, 9)),
    }
}
