//! Versions of agreements over JSON.
use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    field::Gathering,
    identity::{AgreementId, GroupingId},
    purchasing::agreement::{
        Clauses, GroupingAgreement, OBJECT_CHARS_MAX, VatPolicy, WORDS_CHARS_MAX,
    },
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{App, Error, purchasing::agreements},
    api::{
        extract::{Bearer, Id, Query, Tagged, Write},
        field,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

/// The operations on agreements.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, draft))
        .routes(routes!(show, update))
}

/// What an agreement says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClausesBody {
    #[schema(min_length = 1, max_length = 2000)]
    pub object: String,
    pub starts_on: NaiveDate,
    /// Absent: without a term.
    pub ends_on: Option<NaiveDate>,
    /// The day the coordinator signed it; a signed version no longer changes.
    pub signed_on: Option<NaiveDate>,
    /// The coordinator's own act: number and date.
    #[schema(max_length = 200)]
    pub deliberation: Option<String>,
    /// How costs are split, in words.
    #[schema(max_length = 4000)]
    pub rule_text: Option<String>,
    /// `gross` or `net`.
    pub vat_policy: String,
    /// What the coordinator asks for its work; refused under L5211-4-4.
    #[schema(max_length = 4000)]
    pub fee_text: Option<String>,
}

/// One version of an agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementView {
    pub id: Uuid,
    pub grouping_id: Uuid,
    pub number: i32,
    pub clauses: ClausesBody,
    pub version: i32,
}

impl From<GroupingAgreement> for AgreementView {
    fn from(a: GroupingAgreement) -> Self {
        let clauses = a.clauses;
        Self {
            id: a.id.0,
            grouping_id: a.grouping.0,
            number: a.number,
            clauses: ClausesBody {
                object: clauses.object,
                starts_on: clauses.starts_on,
                ends_on: clauses.ends_on,
                signed_on: clauses.signed_on,
                deliberation: clauses.deliberation,
                rule_text: clauses.rule_text,
                vat_policy: clauses.vat_policy.code().to_owned(),
                fee_text: clauses.fee_text,
            },
            version: a.version,
        }
    }
}

impl ClausesBody {
    fn parse(self) -> Result<Clauses, Error> {
        let mut all = Gathering::default();
        let object = text::clean_lines(&self.object, OBJECT_CHARS_MAX);
        let object = all.read("object", &self.object, object);
        let mut words = |name: &str, typed: Option<&str>, max| {
            field::lines_optional(&mut all, name, typed, max)
        };
        let deliberation = words("deliberation", self.deliberation.as_deref(), 200);
        let rule_text = words("rule_text", self.rule_text.as_deref(), WORDS_CHARS_MAX);
        let fee_text = words("fee_text", self.fee_text.as_deref(), WORDS_CHARS_MAX);
        let policy = VatPolicy::from_code;
        let vat_policy = field::choice(&mut all, "vat_policy", &self.vat_policy, policy);
        match (object, deliberation, rule_text, fee_text, vat_policy) {
            (
                Some(object),
                Some(deliberation),
                Some(rule_text),
                Some(fee_text),
                Some(vat_policy),
            ) => Ok(Clauses {
                object,
                starts_on: self.starts_on,
                ends_on: self.ends_on,
                signed_on: self.signed_on,
                deliberation,
                rule_text,
                vat_policy,
                fee_text,
            }),
            (_, _, _, _, _) => Err(Error::Invalid(all.problems)),
        }
    }
}

fn tagged(agreement: GroupingAgreement) -> Tagged<AgreementView> {
    Tagged {
        version: agreement.version,
        body: agreement.into(),
    }
}

/// The versions of a grouping's agreement, newest first.
#[utoipa::path(
    get,
    path = "/groupings/{id}/agreements",
    operation_id = "list_agreements",
    tag = "agreements",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<AgreementView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<AgreementView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let below = paging.after()?;
    let found = agreements::list(&app, &actor, GroupingId(id), below, limit + 1).await?;
    let key = |a: &GroupingAgreement| a.number;
    Ok(Json(Page::of(found, limit, key, AgreementView::from)))
}

/// Drafts the next version.
#[utoipa::path(
    post,
    path = "/groupings/{id}/agreements",
    operation_id = "draft_agreement",
    tag = "agreements",
    params(("id" = Uuid, Path)),
    request_body = ClausesBody,
    responses((status = 201, body = AgreementView), WriteProblems)
)]
async fn draft(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<ClausesBody>,
) -> Result<(StatusCode, Tagged<AgreementView>), Problem> {
    let clauses = write.body.parse()?;
    let agreement = agreements::draft(&app, &write.actor, GroupingId(id), clauses).await?;
    Ok((StatusCode::CREATED, tagged(agreement)))
}

/// One version.
#[utoipa::path(
    get,
    path = "/agreements/{id}",
    operation_id = "show_agreement",
    tag = "agreements",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AgreementView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<AgreementView>, Problem> {
    let agreement = agreements::find(&app, &actor, AgreementId(id)).await?;
    Ok(tagged(agreement))
}

/// Changes or signs a version that is not signed yet.
#[utoipa::path(
    put,
    path = "/agreements/{id}",
    operation_id = "update_agreement",
    tag = "agreements",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = ClausesBody,
    responses((status = 200, body = AgreementView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<ClausesBody>,
) -> Result<Tagged<AgreementView>, Problem> {
    let version = write.if_match.require()?;
    let clauses = write.body.parse()?;
    let id = AgreementId(id);
    let agreement = agreements::update(&app, &write.actor, id, version, clauses).await?;
    Ok(tagged(agreement))
}
