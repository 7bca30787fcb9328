//! Contracts over JSON.
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    identity::{AwardId, ContractId, GroupingId},
    purchasing::contract::{
        CLAUSE_CHARS_MAX, Contract, ContractEvent, ContractState, DURATION_MONTHS_MAX,
        NUMBER_CHARS_MAX, RENEWALS_MAX, TITLE_CHARS_MAX, Terms,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{reading::Reading, suppliers::NamedSupplierBody};
use crate::{
    actions::{
        App, Error,
        purchasing::contracts::{self, Listed, Listing, NewContract, Origin},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

/// The operations on contracts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, revise))
        .routes(routes!(start))
        .routes(routes!(end))
}

/// A contract (« marché, accord-cadre »).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContractView {
    pub id: Uuid,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub award: Option<Uuid>,
    pub lot: Option<Uuid>,
    pub supplier: Uuid,
    /// `notified`, `running` or `ended`.
    pub state: String,
    pub number: String,
    pub title: String,
    pub notified_on: NaiveDate,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub duration_months: Option<i32>,
    pub renewals: i32,
    /// Euros, net of tax.
    pub minimum: Option<String>,
    /// Euros, net of tax.
    pub maximum: Option<String>,
    pub revision_clause: Option<String>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What a contract says.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractTermsBody {
    /// Unique among the coordinator's contracts.
    #[schema(max_length = 40)]
    pub number: String,
    #[schema(max_length = 200)]
    pub title: String,
    #[schema(format = Date)]
    pub notified_on: String,
    #[schema(format = Date)]
    pub starts_on: Option<String>,
    #[schema(format = Date)]
    pub ends_on: Option<String>,
    #[schema(minimum = 1, maximum = 300)]
    pub duration_months: Option<i32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 20)]
    pub renewals: i32,
    /// Euros, net of tax, as a decimal string.
    pub minimum: Option<String>,
    /// Euros, net of tax, as a decimal string.
    pub maximum: Option<String>,
    #[schema(max_length = 2000)]
    pub revision_clause: Option<String>,
}

/// A contract to record: of an award, or of a grouping with its supplier.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewContractBody {
    /// The award it comes from; then neither grouping nor supplier is told.
    pub award: Option<Uuid>,
    pub grouping: Option<Uuid>,
    pub supplier: Option<NamedSupplierBody>,
    pub terms: ContractTermsBody,
}

/// Which contracts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words of the number, the title or the supplier.
    pub q: Option<String>,
    /// `notified`, `running` or `ended`.
    #[param(pattern = "^(notified|running|ended)$")]
    pub state: Option<String>,
}

impl From<Contract> for ContractView {
    fn from(c: Contract) -> Self {
        Self {
            id: c.id.0,
            owner: c.owner.0,
            grouping: c.grouping.0,
            award: c.award.map(|id| id.0),
            lot: c.lot.map(|id| id.0),
            supplier: c.supplier.0,
            state: c.state.code().to_owned(),
            number: c.terms.number,
            title: c.terms.title,
            notified_on: c.terms.notified_on,
            starts_on: c.terms.starts_on,
            ends_on: c.terms.ends_on,
            duration_months: c.terms.duration_months,
            renewals: c.terms.renewals,
            minimum: c.terms.minimum.map(|amount| amount.to_string()),
            maximum: c.terms.maximum.map(|amount| amount.to_string()),
            revision_clause: c.terms.revision_clause,
            created_at: c.created_at,
            version: c.version,
        }
    }
}

impl ContractTermsBody {
    fn read(&self, r: &mut Reading, prefix: &str) -> Option<Terms> {
        let name = |field: &str| format!("{prefix}{field}");
        let number = r.text(&name("number"), &self.number, NUMBER_CHARS_MAX);
        let title = r.text(&name("title"), &self.title, TITLE_CHARS_MAX);
        let notified_on = r.date(&name("notified_on"), &self.notified_on);
        let starts_on = r.date_optional(&name("starts_on"), self.starts_on.as_deref());
        let ends_on = r.date_optional(&name("ends_on"), self.ends_on.as_deref());
        let duration_months = match self.duration_months {
            None => Some(None),
            Some(months) => r
                .number(&name("duration_months"), months, 1, DURATION_MONTHS_MAX)
                .map(Some),
        };
        let renewals = r.number(&name("renewals"), self.renewals, 0, RENEWALS_MAX);
        let minimum = r.amount(&name("minimum"), self.minimum.as_deref());
        let maximum = r.amount(&name("maximum"), self.maximum.as_deref());
        let clause = self.revision_clause.as_deref();
        let revision_clause = r.lines(&name("revision_clause"), clause, CLAUSE_CHARS_MAX);
        Some(Terms {
            number: number?,
            title: title?,
            notified_on: notified_on?,
            starts_on: starts_on?,
            ends_on: ends_on?,
            duration_months: duration_months?,
            renewals: renewals?,
            minimum: minimum?,
            maximum: maximum?,
            revision_clause: revision_clause?,
        })
    }
}

impl NewContractBody {
    fn parse(&self) -> Result<NewContract, Error> {
        let mut reading = Reading::default();
        let terms = self.terms.read(&mut reading, "terms.");
        let origin = match (self.award, self.grouping, &self.supplier) {
            (Some(award), None, None) => Some(Origin::Award(AwardId(award))),
            (None, Some(grouping), Some(supplier)) => {
                let grouping = GroupingId(grouping);
                let supplier = supplier.read(&mut reading);
                supplier.map(|supplier| Origin::Direct { grouping, supplier })
            }
            (None, None, _) => {
                reading.missing("grouping");
                None
            }
            (None | Some(_), Some(_), _) | (Some(_), None, Some(_)) => {
                reading.missing(if self.award.is_some() {
                    "award"
                } else {
                    "supplier"
                });
                None
            }
        };
        match (origin, terms) {
            (Some(origin), Some(terms)) => Ok(NewContract { origin, terms }),
            _ => Err(reading.invalid()),
        }
    }
}

/// The contracts that concern your organisations, newest first.
#[utoipa::path(
    get,
    path = "/contracts",
    operation_id = "list_contracts",
    tag = "contracts",
    params(Search, Paging),
    responses((status = 200, body = Page<ContractView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ContractView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<ContractId>()?;
    let state = match search.state.as_deref() {
        None => None,
        Some(code) => Some(ContractState::from_code(code).ok_or_else(unknown_state)?),
    };
    let words = search.q.unwrap_or_default();
    let listing = Listing {
        words,
        state,
        supplier: None,
    };
    let found = contracts::list(&app, &actor, &listing, after, limit + 1).await?;
    let key = |listed: &Listed| listed.contract.id;
    let show = |listed: Listed| ContractView::from(listed.contract);
    Ok(Json(Page::of(found, limit, key, show)))
}

fn unknown_state() -> Problem {
    Problem::malformed("Le paramètre state ne prend pas cette valeur.")
}

/// One contract.
#[utoipa::path(
    get,
    path = "/contracts/{id}",
    operation_id = "show_contract",
    tag = "contracts",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ContractView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<ContractView>, Problem> {
    let found = contracts::find(&app, &actor, ContractId(id)).await?;
    Ok(tagged(found))
}

/// Records a contract.
#[utoipa::path(
    post,
    path = "/contracts",
    operation_id = "create_contract",
    tag = "contracts",
    request_body = NewContractBody,
    responses((status = 201, body = ContractView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    write: Write<NewContractBody>,
) -> Result<(StatusCode, Tagged<ContractView>), Problem> {
    let new = write.body.parse()?;
    let made = contracts::create(&app, &write.actor, new).await?;
    Ok((StatusCode::CREATED, tagged(made)))
}

/// Changes the terms of a contract.
#[utoipa::path(
    put,
    path = "/contracts/{id}",
    operation_id = "revise_contract",
    tag = "contracts",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = ContractTermsBody,
    responses((status = 200, body = ContractView), WriteProblems)
)]
async fn revise(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<ContractTermsBody>,
) -> Result<Tagged<ContractView>, Problem> {
    let version = write.if_match.require()?;
    let mut reading = Reading::default();
    let Some(terms) = write.body.read(&mut reading, "") else {
        return Err(reading.invalid().into());
    };
    let saved = contracts::revise(&app, &write.actor, ContractId(id), version, terms).await?;
    Ok(tagged(saved))
}

/// Starts a contract.
#[utoipa::path(
    post,
    path = "/contracts/{id}/start",
    operation_id = "start_contract",
    tag = "contracts",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ContractView), WriteProblems)
)]
async fn start(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<ContractView>, Problem> {
    let (id, event) = (ContractId(id), ContractEvent::Start);
    Ok(tagged(
        contracts::advance(&app, &write.actor, id, event).await?,
    ))
}

/// Ends a contract.
#[utoipa::path(
    post,
    path = "/contracts/{id}/end",
    operation_id = "end_contract",
    tag = "contracts",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ContractView), WriteProblems)
)]
async fn end(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<ContractView>, Problem> {
    let (id, event) = (ContractId(id), ContractEvent::End);
    Ok(tagged(
        contracts::advance(&app, &write.actor, id, event).await?,
    ))
}

fn tagged(contract: Contract) -> Tagged<ContractView> {
    Tagged {
        version: contract.version,
        body: contract.into(),
    }
}
