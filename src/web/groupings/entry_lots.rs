//! The lots that a member joined: all of them, or those that are ticked.
use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    french::NBSP,
    identity::{GroupingId, LotId, MembershipId},
    purchasing::membership::{JoinedLots, Membership},
};
use tower_sessions::Session;

use super::{entry, parse, version};
use crate::{
    actions::{App, Error, purchasing::memberships},
    web::{form::Fields, page::WebError, session::Person},
};

/// The part of a membership's page about its lots.
#[derive(Clone, Debug)]
pub(super) struct Lots {
    pub all: bool,
    /// Those joined, « Extincteurs 2027, lot 1 · Fourniture ».
    pub joined: Vec<String>,
    /// Those to choose among, under the title of their round.
    pub rounds: Vec<RoundLots>,
}

/// The lots of one round.
#[derive(Clone, Debug)]
pub(super) struct RoundLots {
    pub title: String,
    pub lots: Vec<LotBox>,
}

/// A lot to tick.
#[derive(Clone, Debug)]
pub(super) struct LotBox {
    pub id: LotId,
    pub name: String,
    pub ticked: bool,
}

impl Lots {
    /// What the viewer may know of the lots of a membership.
    pub(super) async fn of(
        app: &App,
        person: &Person,
        membership: &Membership,
    ) -> Result<Self, Error> {
        let offered = memberships::lots_offered(app, &person.actor, membership.grouping).await?;
        let chosen = |id: &LotId| match &membership.lots {
            JoinedLots::All => true,
            JoinedLots::Some(chosen) => chosen.contains(id),
        };
        let mut joined = Vec::new();
        let rounds = offered.into_iter().map(|(round, lots)| {
            let lots = lots.into_iter().map(|lot| {
                let name = format!("Lot{NBSP}{} · {}", lot.number, lot.title);
                if chosen(&lot.id) {
                    joined.push(format!("{}, {name}", round.title));
                }
                LotBox {
                    ticked: chosen(&lot.id),
                    id: lot.id,
                    name,
                }
            });
            RoundLots {
                lots: lots.collect(),
                title: round.title.clone(),
            }
        });
        let rounds = rounds.collect();
        Ok(Self {
            all: membership.lots == JoinedLots::All,
            joined,
            rounds,
        })
    }
}

/// Keeps the lots that are ticked.
pub(super) async fn choose(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, WebError> {
    let (grouping, id): (GroupingId, MembershipId) = (parse(&grouping)?, parse(&id)?);
    let actor = person.actor.clone().with_operation(fields.operation());
    let membership = memberships::find(&app, &actor, id).await?;
    let lots = if fields.typed("participation") == "certains" {
        let offered = memberships::lots_offered(&app, &actor, membership.grouping).await?;
        let offered: BTreeSet<LotId> = offered
            .iter()
            .flat_map(|(_, lots)| lots.iter().map(|lot| lot.id))
            .collect();
        let ticked = fields.all("lot").filter_map(|typed| typed.parse().ok());
        let mut wanted: BTreeSet<LotId> = ticked.collect();
        // A lot that this page cannot show, of a round being prepared, stays as it was.
        if let JoinedLots::Some(before) = &membership.lots {
            wanted.extend(before.difference(&offered));
        }
        JoinedLots::Some(wanted)
    } else {
        JoinedLots::All
    };
    let done = memberships::choose_lots(&app, &actor, id, version(&fields), lots).await;
    let said = done.map(|membership| match membership.lots {
        JoinedLots::All => "Ce membre participe à tous les lots.",
        JoinedLots::Some(_) => "Les lots de ce membre sont enregistrés.",
    });
    entry::after(&app, &person, &session, (grouping, id), said).await
}
