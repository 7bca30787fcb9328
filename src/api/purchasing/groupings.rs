//! Groupings over JSON.
use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use domain::{
    field::{Field, FieldProblem, Gathering},
    identity::{GroupingId, OrganisationId},
    purchasing::grouping::{
        Grouping, GroupingCoordinator, GroupingKind, GroupingState, LegalBasis, Phase, Regime,
        TITLE_CHARS_MAX,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::groupings::{self, Listing, NewGrouping, Start, Terms},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        field,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

/// The operations on groupings.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
        .routes(routes!(archive))
        .routes(routes!(restore))
        .routes(routes!(coordinators, set_coordinators))
}

/// A buying group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupingView {
    pub id: Uuid,
    /// The organisation that coordinates it.
    pub owner_id: Uuid,
    pub title: String,
    /// `permanent` or `one_off`.
    pub kind: String,
    pub family: String,
    /// `l2113_6`, `l5211_4_4` or `l2113_2`.
    pub legal_basis: String,
    pub statutes_reference: Option<String>,
    /// `each_signs`, `coordinator_signs`, `coordinator_pays` or `intermediary`.
    pub regime: String,
    /// `active` or `archived`.
    pub state: String,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What is decided about a grouping.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupingTermsBody {
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// `permanent` or `one_off`.
    pub kind: String,
    #[schema(min_length = 1, max_length = 200)]
    pub family: String,
    /// `l2113_6`, `l5211_4_4` (wants `statutes_reference`) or `l2113_2`.
    pub legal_basis: String,
    #[schema(max_length = 300)]
    pub statutes_reference: Option<String>,
    /// `each_signs`, `coordinator_signs`, `coordinator_pays`, or `intermediary` with `l2113_2`.
    /// A central purchasing body that buys and resells (« grossiste ») is not served.
    pub regime: String,
}

/// A grouping to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGroupingBody {
    pub owner_id: Uuid,
    pub terms: GroupingTermsBody,
    /// The coordinator buys for itself too, and so is a member.
    #[serde(default)]
    pub joins: bool,
}

/// Who runs a phase.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoordinatorBody {
    /// `preparation`, `procedure` or `execution`.
    pub phase: String,
    pub organisation_id: Uuid,
}

/// Who runs each phase.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoordinatorsBody {
    pub coordinators: Vec<CoordinatorBody>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Words of the title or the family.
    q: Option<String>,
    /// `active` or `archived`.
    #[param(pattern = "^(active|archived)$")]
    state: Option<String>,
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
}

impl From<Grouping> for GroupingView {
    fn from(g: Grouping) -> Self {
        Self {
            id: g.id.0,
            owner_id: g.owner.0,
            title: g.title,
            kind: g.kind.code().to_owned(),
            family: g.family,
            legal_basis: g.legal_basis.code().to_owned(),
            statutes_reference: g.legal_basis.statutes_reference().map(str::to_owned),
            regime: g.regime.code().to_owned(),
            state: g.state.code().to_owned(),
            created_at: g.created_at,
            version: g.version,
        }
    }
}

impl GroupingTermsBody {
    fn parse(self) -> Result<Terms, Error> {
        let mut all = Gathering::default();
        let title = field::line(&mut all, "title", &self.title, TITLE_CHARS_MAX);
        let family = field::line(&mut all, "family", &self.family, TITLE_CHARS_MAX);
        let kind = field::choice(&mut all, "kind", &self.kind, GroupingKind::from_code);
        let reference = self.statutes_reference.as_deref();
        let reference = field::lines_optional(&mut all, "statutes_reference", reference, 300);
        if self.legal_basis == "l5211_4_4" && reference == Some(None) {
            let missing = Field::new("statutes_reference", "", FieldProblem::Missing);
            all.problems.push(missing);
        }
        let stand_in = reference.flatten().unwrap_or_default();
        let legal_basis = field::choice(&mut all, "legal_basis", &self.legal_basis, |code| {
            LegalBasis::from_code(code, Some(stand_in))
        });
        let regime = field::choice(&mut all, "regime", &self.regime, Regime::from_code);
        match (title, family, kind, legal_basis, regime) {
            (Some(title), Some(family), Some(kind), Some(legal_basis), Some(regime))
                if all.problems.is_empty() =>
            {
                Ok(Terms {
                    title,
                    kind,
                    family,
                    legal_basis,
                    regime,
                })
            }
            (_, _, _, _, _) => Err(Error::Invalid(all.problems)),
        }
    }
}

fn tagged(grouping: Grouping) -> Tagged<GroupingView> {
    Tagged {
        version: grouping.version,
        body: grouping.into(),
    }
}

/// The groupings that concern the caller, by title.
#[utoipa::path(
    get,
    path = "/groupings",
    operation_id = "list_groupings",
    tag = "groupings",
    params(Filter),
    responses((status = 200, body = Page<GroupingView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<GroupingView>>, Problem> {
    let paging = Paging {
        cursor: filter.cursor,
        limit: filter.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let state = match filter.state.as_deref() {
        None => None,
        Some(code) => Some(
            GroupingState::from_code(code)
                .ok_or_else(|| Problem::malformed("Le paramètre state vaut active ou archived."))?,
        ),
    };
    let listing = Listing {
        organisation: None,
        state,
        words: filter.q.unwrap_or_default(),
    };
    let start = Start::After(paging.after()?);
    let (rows, _) = groupings::list(&app, &actor, &listing, start, limit + 1).await?;
    let key = |row: &groupings::Listed| (row.grouping.sort_key(), row.grouping.id);
    Ok(Json(Page::of(rows, limit, key, |row| row.grouping.into())))
}

/// Creates a grouping.
#[utoipa::path(
    post,
    path = "/groupings",
    operation_id = "create_grouping",
    tag = "groupings",
    request_body = NewGroupingBody,
    responses((status = 201, body = GroupingView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    write: Write<NewGroupingBody>,
) -> Result<(StatusCode, Tagged<GroupingView>), Problem> {
    let new = NewGrouping {
        owner: OrganisationId(write.body.owner_id),
        terms: write.body.terms.parse()?,
        joins: write.body.joins,
    };
    let grouping = groupings::create(&app, &write.actor, new).await?;
    Ok((StatusCode::CREATED, tagged(grouping)))
}

/// One grouping.
#[utoipa::path(
    get,
    path = "/groupings/{id}",
    operation_id = "show_grouping",
    tag = "groupings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = GroupingView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<GroupingView>, Problem> {
    let grouping = groupings::find(&app, &actor, GroupingId(id)).await?;
    Ok(tagged(grouping))
}

/// Changes what was decided about a grouping.
#[utoipa::path(
    put,
    path = "/groupings/{id}",
    operation_id = "update_grouping",
    tag = "groupings",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = GroupingTermsBody,
    responses((status = 200, body = GroupingView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<GroupingTermsBody>,
) -> Result<Tagged<GroupingView>, Problem> {
    let version = write.if_match.require()?;
    let terms = write.body.parse()?;
    let grouping = groupings::update(&app, &write.actor, GroupingId(id), version, terms).await?;
    Ok(tagged(grouping))
}

/// Takes a grouping out of use.
#[utoipa::path(
    post,
    path = "/groupings/{id}/archive",
    operation_id = "archive_grouping",
    tag = "groupings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = GroupingView), WriteProblems)
)]
async fn archive(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<GroupingView>, Problem> {
    let version = write.if_match.version();
    let done = groupings::archive(&app, &write.actor, GroupingId(id), version).await?;
    Ok(tagged(done))
}

/// Takes a grouping back into use.
#[utoipa::path(
    post,
    path = "/groupings/{id}/restore",
    operation_id = "restore_grouping",
    tag = "groupings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = GroupingView), WriteProblems)
)]
async fn restore(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<GroupingView>, Problem> {
    let version = write.if_match.version();
    let done = groupings::restore(&app, &write.actor, GroupingId(id), version).await?;
    Ok(tagged(done))
}

/// Who runs each phase; the tag is that of the grouping.
#[utoipa::path(
    get,
    path = "/groupings/{id}/coordinators",
    operation_id = "list_coordinators",
    tag = "groupings",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CoordinatorsBody), ReadProblems)
)]
async fn coordinators(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<CoordinatorsBody>, Problem> {
    let seen = groupings::overview(&app, &actor, GroupingId(id)).await?;
    let list = seen.coordinators.iter().map(|(c, _)| CoordinatorBody {
        phase: c.phase.code().to_owned(),
        organisation_id: c.organisation.0,
    });
    Ok(Tagged {
        version: seen.grouping.version,
        body: CoordinatorsBody {
            coordinators: list.collect(),
        },
    })
}

/// Says who runs each phase.
#[utoipa::path(
    put,
    path = "/groupings/{id}/coordinators",
    operation_id = "set_coordinators",
    tag = "groupings",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = CoordinatorsBody,
    responses((status = 200, body = GroupingView), WriteProblems)
)]
async fn set_coordinators(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<CoordinatorsBody>,
) -> Result<Tagged<GroupingView>, Problem> {
    let version = write.if_match.require()?;
    let mut all = Gathering::default();
    let mut wanted = BTreeSet::new();
    for (place, one) in write.body.coordinators.iter().enumerate() {
        let name = format!("coordinators.{place}.phase");
        if let Some(phase) = field::choice(&mut all, &name, &one.phase, Phase::from_code) {
            let organisation = OrganisationId(one.organisation_id);
            wanted.insert(GroupingCoordinator {
                phase,
                organisation,
            });
        }
    }
    if !all.problems.is_empty() {
        return Err(Error::Invalid(all.problems).into());
    }
    let id = GroupingId(id);
    let done = groupings::set_coordinators(&app, &write.actor, id, version, wanted).await?;
    Ok(tagged(done))
}
