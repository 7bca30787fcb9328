//! Memberships over JSON.
use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    field::Gathering,
    identity::{GroupingId, LotId, MembershipId, OrganisationId},
    organisation::Organisation,
    purchasing::membership::{
        Decision, DecisionKind, JoinedLots, Membership, MembershipState, NUMBER_CHARS_MAX,
    },
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::{
            invitations,
            memberships::{self, Entry, Wanted},
        },
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write, code_of},
        field,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

/// The operations on memberships.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(invite_communes))
        .routes(routes!(show))
        .routes(routes!(decide))
        .routes(routes!(choose_lots))
        .routes(routes!(ask_to_leave))
        .routes(routes!(stay))
        .routes(routes!(end))
}

/// The act by which a member joins.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// `deliberation`, `bureau_decision`, `by_delegation` or `board`.
    pub kind: String,
    #[schema(min_length = 1, max_length = 80)]
    pub number: String,
    pub decided_on: NaiveDate,
    /// The day it was sent to the préfecture.
    pub transmitted_on: Option<NaiveDate>,
}

/// The decision and the signature of a member.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    pub decision: Option<DecisionBody>,
    /// The day the member signed the agreement.
    pub signed_on: Option<NaiveDate>,
}

/// The lots that a member joins; absent: all of them.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotsBody {
    pub lots: Option<Vec<Uuid>>,
}

/// Organisations to ask.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    #[schema(min_items = 1, max_items = 500)]
    pub organisations: BTreeSet<Uuid>,
}

/// One organisation's entry into a grouping.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MembershipView {
    pub id: Uuid,
    pub grouping_id: Uuid,
    pub member_id: Uuid,
    /// `invited`, `joined` or `left`.
    pub state: String,
    pub decision: Option<DecisionBody>,
    pub signed_on: Option<NaiveDate>,
    pub joined_on: Option<NaiveDate>,
    pub leave_asked_on: Option<NaiveDate>,
    pub left_on: Option<NaiveDate>,
    /// Absent: all lots.
    pub lots: Option<BTreeSet<Uuid>>,
    pub version: i32,
}

/// The memberships that an invitation made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitedView {
    pub items: Vec<MembershipView>,
}

impl From<Membership> for MembershipView {
    fn from(m: Membership) -> Self {
        Self {
            id: m.id.0,
            grouping_id: m.grouping.0,
            member_id: m.member.0,
            state: m.state.code().to_owned(),
            decision: m.decision.map(|d| DecisionBody {
                kind: d.kind.code().to_owned(),
                number: d.number,
                decided_on: d.decided_on,
                transmitted_on: d.transmitted_on,
            }),
            signed_on: m.signed_on,
            joined_on: m.joined_on,
            leave_asked_on: m.leave_asked_on,
            left_on: m.left_on,
            lots: match m.lots {
                JoinedLots::All => None,
                JoinedLots::Some(lots) => Some(lots.into_iter().map(|lot| lot.0).collect()),
            },
            version: m.version,
        }
    }
}

impl EntryBody {
    fn parse(self) -> Result<Entry, Error> {
        let mut all = Gathering::default();
        let decision = self.decision.and_then(|d| {
            let kind = DecisionKind::from_code;
            let kind = field::choice(&mut all, "decision.kind", &d.kind, kind);
            let number = field::line(&mut all, "decision.number", &d.number, NUMBER_CHARS_MAX);
            Some(Decision {
                kind: kind?,
                number: number?,
                decided_on: d.decided_on,
                transmitted_on: d.transmitted_on,
            })
        });
        if !all.problems.is_empty() {
            return Err(Error::Invalid(all.problems));
        }
        Ok(Entry {
            decision,
            signed_on: self.signed_on,
        })
    }
}

fn tagged(membership: Membership) -> Tagged<MembershipView> {
    Tagged {
        version: membership.version,
        body: membership.into(),
    }
}

/// Which memberships are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MembershipFilter {
    /// Words of the organisation: its name, its SIREN, its INSEE code.
    q: Option<String>,
    /// `invited`, `joined` or `left`.
    #[param(pattern = "^(invited|joined|left)$")]
    state: Option<String>,
    /// Those that join this lot.
    lot: Option<Uuid>,
}

/// The memberships of a grouping, by name of organisation, past ones last.
#[utoipa::path(
    get,
    path = "/groupings/{id}/memberships",
    operation_id = "list_memberships",
    tag = "memberships",
    params(("id" = Uuid, Path), MembershipFilter, Paging),
    responses((status = 200, body = Page<MembershipView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(filter): Query<MembershipFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MembershipView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let wanted = Wanted {
        grouping: GroupingId(id),
        state: code_of("state", filter.state.as_deref(), MembershipState::from_code)?,
        lot: filter.lot.map(LotId),
        words: text::search_text(&filter.q.unwrap_or_default()),
    };
    let after = paging.after()?;
    let found = memberships::page(&app, &actor, &wanted, after, limit + 1).await?;
    let key = |(m, o): &(Membership, Organisation)| (!m.takes_part(), o.sort_key(), o.id.0);
    Ok(Json(Page::of(found, limit, key, |(m, _)| m.into())))
}

/// Asks organisations to join.
#[utoipa::path(
    post,
    path = "/groupings/{id}/memberships",
    operation_id = "invite_members",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    request_body = InvitationBody,
    responses((status = 201, body = InvitedView), WriteProblems)
)]
async fn invite(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<InvitationBody>,
) -> Result<(StatusCode, Json<InvitedView>), Problem> {
    let asked = write.body.organisations.into_iter().map(OrganisationId);
    let asked = asked.collect();
    let invited = invitations::send(&app, &write.actor, GroupingId(id), asked).await?;
    let items = invited.into_iter().map(MembershipView::from).collect();
    Ok((StatusCode::CREATED, Json(InvitedView { items })))
}

/// Asks every commune of the coordinator's EPCI that does not take part yet.
#[utoipa::path(
    post,
    path = "/groupings/{id}/memberships/communes",
    operation_id = "invite_communes",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    responses((status = 201, body = InvitedView), WriteProblems)
)]
async fn invite_communes(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<(StatusCode, Json<InvitedView>), Problem> {
    let invited = invitations::send_to_communes(&app, &write.actor, GroupingId(id)).await?;
    let items = invited.into_iter().map(MembershipView::from).collect();
    Ok((StatusCode::CREATED, Json(InvitedView { items })))
}

/// One membership.
#[utoipa::path(
    get,
    path = "/memberships/{id}",
    operation_id = "show_membership",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = MembershipView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<MembershipView>, Problem> {
    let found = memberships::find(&app, &actor, MembershipId(id)).await?;
    Ok(tagged(found))
}

/// Records the decision and the signature of a member.
#[utoipa::path(
    put,
    path = "/memberships/{id}/decision",
    operation_id = "decide_membership",
    tag = "memberships",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = EntryBody,
    responses((status = 200, body = MembershipView), WriteProblems)
)]
async fn decide(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<EntryBody>,
) -> Result<Tagged<MembershipView>, Problem> {
    let version = write.if_match.require()?;
    let entry = write.body.parse()?;
    let id = MembershipId(id);
    let done = memberships::decide(&app, &write.actor, id, version, entry).await?;
    Ok(tagged(done))
}

/// Says which lots a member joins.
#[utoipa::path(
    put,
    path = "/memberships/{id}/lots",
    operation_id = "choose_lots",
    tag = "memberships",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = LotsBody,
    responses((status = 200, body = MembershipView), WriteProblems)
)]
async fn choose_lots(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<LotsBody>,
) -> Result<Tagged<MembershipView>, Problem> {
    let version = write.if_match.require()?;
    let lots = match write.body.lots {
        None => JoinedLots::All,
        Some(lots) => JoinedLots::Some(lots.into_iter().map(LotId).collect()),
    };
    let id = MembershipId(id);
    let done = memberships::choose_lots(&app, &write.actor, id, version, lots).await?;
    Ok(tagged(done))
}

/// The member asks to leave.
#[utoipa::path(
    post,
    path = "/memberships/{id}/ask-to-leave",
    operation_id = "ask_to_leave",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = MembershipView), WriteProblems)
)]
async fn ask_to_leave(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<MembershipView>, Problem> {
    let version = write.if_match.version();
    let done = memberships::ask_to_leave(&app, &write.actor, MembershipId(id), version).await?;
    Ok(tagged(done))
}

/// The member stays after all.
#[utoipa::path(
    post,
    path = "/memberships/{id}/stay",
    operation_id = "stay_in_grouping",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = MembershipView), WriteProblems)
)]
async fn stay(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<MembershipView>, Problem> {
    let version = write.if_match.version();
    let done = memberships::stay(&app, &write.actor, MembershipId(id), version).await?;
    Ok(tagged(done))
}

/// Ends a membership.
#[utoipa::path(
    post,
    path = "/memberships/{id}/end",
    operation_id = "end_membership",
    tag = "memberships",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = MembershipView), WriteProblems)
)]
async fn end(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<MembershipView>, Problem> {
    let version = write.if_match.version();
    let done = memberships::end(&app, &write.actor, MembershipId(id), version).await?;
    Ok(tagged(done))
}
