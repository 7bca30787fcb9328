//! Splits over JSON: runs, their shares, and the explanation of one member's.
use axum::{Json, extract::State, response::Response};
use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::{
    allocation::{Origin, StepBy, Weighing},
    field::{Field, FieldProblem},
    identity::{AllocationId, BudgetId, OrganisationId},
    money::TaxRate,
    purchasing::{payer::Payer, run::AllocationRun},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App,
        purchasing::allocations::{self, Explained, Part},
    },
    api::{
        extract::{Bearer, Id, Query},
        files::{InFormat, TableFile},
        problem::{Problem, ReadProblems},
    },
    exchange::{
        allocations::{dossier_name, file_name, table},
        download,
    },
    wording,
};

/// The operations on allocations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(shares))
        .routes(routes!(explanation))
        .routes(routes!(export))
        .routes(routes!(dossier))
}

/// One immutable run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AllocationView {
    pub id: Uuid,
    pub grouping: Uuid,
    pub invoice: Uuid,
    /// From 1; a correction is the next one.
    pub run: i32,
    pub algorithm: String,
    pub net: String,
    pub vat: String,
    pub gross: String,
    pub input_sha256: String,
    pub output_sha256: String,
    pub made_at: DateTime<Utc>,
    pub motive: Option<String>,
}

impl From<AllocationRun> for AllocationView {
    fn from(run: AllocationRun) -> Self {
        Self {
            id: run.id.0,
            grouping: run.grouping.0,
            invoice: run.invoice.0,
            run: run.run,
            algorithm: run.algorithm,
            net: run.total.net.to_string(),
            vat: run.total.tax.to_string(),
            gross: run.total.gross.to_string(),
            input_sha256: run.input_sha256,
            output_sha256: run.output_sha256,
            made_at: run.made_at,
            motive: run.motive,
        }
    }
}

/// Every share of a run; zero shares are left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SharesView {
    pub shares: Vec<ShareView>,
    pub vat_shares: Vec<TaxShareView>,
    pub members: Vec<MemberTotal>,
}

/// A member's part of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShareView {
    pub line: Uuid,
    pub member: Uuid,
    /// The budget that pays; the member's main one when absent.
    pub budget: Option<Uuid>,
    pub net: String,
}

/// A member's part of a printed tax.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaxShareView {
    pub member: Uuid,
    /// The budget that pays; the member's main one when absent.
    pub budget: Option<Uuid>,
    pub category: String,
    pub rate: String,
    pub vat: String,
}

/// What a payer owes in all; nothing is said too.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberTotal {
    pub member: Uuid,
    /// The budget that pays; the member's main one when absent.
    pub budget: Option<Uuid>,
    pub siren: Option<String>,
    /// The SIRET of a budget besides the main one.
    pub siret: Option<String>,
    pub name: String,
    pub statement: Option<Uuid>,
    pub net: String,
    pub vat: String,
    pub gross: String,
}

/// One share taken apart.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplanationView {
    /// The line, or none for a tax.
    pub line: Option<Uuid>,
    pub category: Option<String>,
    pub rate: Option<String>,
    /// What is split.
    pub total: String,
    /// The key of a rule that reads one; a composed rule is told in `basis` alone.
    pub key: Option<String>,
    pub weight: Option<String>,
    pub sum: Option<String>,
    /// What the exact part is computed from, in French.
    pub basis: String,
    /// In euros, cut after six decimals.
    pub exact: String,
    /// The whole cents of the exact part.
    pub base: String,
    /// Cents that the whole parts leave.
    pub leftover: usize,
    /// How many compete for them.
    pub candidates: usize,
    pub rank: Option<usize>,
    /// In cents, what was owed when the cents of the line were given out.
    pub priority_cents: String,
    /// `EXACT`, `RANK`, `TIE`, `BELOW`, `REPAIR`, `FLOOR`, `CAP` or `CREDIT`.
    pub reason: String,
    pub share: String,
    pub deviation_cents: String,
    /// All of it in French sentences.
    pub text: String,
}

impl From<Explained> for ExplanationView {
    fn from(one: Explained) -> Self {
        let (line, group) = match one.part {
            Part::Line(line) => (Some(line.id.0), None),
            Part::Tax(group) => (None, Some(group)),
        };
        let (key, weight, sum) = weighed(&one.why.origin);
        let why = one.why;
        Self {
            line,
            category: group.map(|group| group.category.to_string()),
            rate: group.map(|group| group.rate.to_string()),
            total: why.total.to_string(),
            key,
            weight,
            sum,
            basis: wording::explanation::basis(&why.origin),
            exact: why.exact.as_euros(),
            base: why.base.to_string(),
            leftover: why.leftover,
            candidates: why.candidates,
            rank: one.rank,
            priority_cents: why.priority.as_cents(),
            reason: why.cause.code().to_owned(),
            share: why.share.to_string(),
            deviation_cents: why.deviation.as_cents(),
            text: wording::explanation::sentences(&why, one.rank).join(" "),
        }
    }
}

/// The key, the weight and the sum of weights of a plain rule.
fn weighed(origin: &Origin) -> (Option<String>, Option<String>, Option<String>) {
    let Origin::Rule(step) = origin else {
        return (None, None, None);
    };
    let StepBy::Weight {
        weighing,
        weight,
        sum,
    } = &step.by
    else {
        return (None, None, None);
    };
    let key = match weighing {
        Weighing::Key { key, .. } => Some(key.clone()),
        Weighing::Equal
        | Weighing::Product { .. }
        | Weighing::Percent { .. }
        | Weighing::Bands(_)
        | Weighing::Coefficient { .. } => None,
    };
    (key, Some(weight.as_decimal(6)), Some(sum.as_decimal(6)))
}

/// One run.
#[utoipa::path(
    get,
    path = "/allocations/{id}",
    operation_id = "show_allocation",
    tag = "allocations",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AllocationView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<AllocationView>, Problem> {
    let found = allocations::overview(&app, &actor, AllocationId(id)).await?;
    Ok(Json(found.run.into()))
}

/// The shares of a run, exact to the cent.
#[utoipa::path(
    get,
    path = "/allocations/{id}/shares",
    operation_id = "list_shares",
    tag = "allocations",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SharesView), ReadProblems)
)]
async fn shares(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<SharesView>, Problem> {
    let found = allocations::overview(&app, &actor, AllocationId(id)).await?;
    let members = found.debtors.iter().map(|debtor| {
        let siret = debtor.budget.as_ref().and_then(|b| b.siret.as_ref());
        MemberTotal {
            member: debtor.payer.member.0,
            budget: debtor.payer.budget.map(|id| id.0),
            siren: debtor.organisation.siren.as_ref().map(ToString::to_string),
            siret: siret.map(ToString::to_string),
            name: debtor.name.clone(),
            statement: debtor.statement.map(|id| id.0),
            net: debtor.total.net.to_string(),
            vat: debtor.total.tax.to_string(),
            gross: debtor.total.gross.to_string(),
        }
    });
    let lines = found.shares.lines.iter().map(|share| ShareView {
        line: share.line.0,
        member: share.member.0,
        budget: share.budget.map(|id| id.0),
        net: share.net.to_string(),
    });
    let taxes = found.shares.taxes.iter().map(|share| TaxShareView {
        member: share.member.0,
        budget: share.budget.map(|id| id.0),
        category: share.group.category.to_string(),
        rate: share.group.rate.to_string(),
        vat: share.tax.to_string(),
    });
    Ok(Json(SharesView {
        shares: lines.collect(),
        vat_shares: taxes.collect(),
        members: members.collect(),
    }))
}

/// Which payer of a member, and of what.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfBudget {
    /// A budget besides the main one.
    budget: Option<Uuid>,
    /// One line alone.
    line: Option<Uuid>,
    /// One tax alone, by its rate: `20`.
    rate: Option<String>,
}

/// Of what the shares are wanted; all of them by default.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// One line alone.
    line: Option<Uuid>,
    /// One tax alone, by its rate: `20`.
    rate: Option<String>,
}

impl Wanted {
    /// What is asked for, told; nothing when the payer takes no part in it.
    pub(super) fn told(&self, parts: Vec<Explained>) -> Result<Vec<ExplanationView>, Problem> {
        let rate = self.rate.as_deref();
        let rate = rate.map(|typed| TaxRate::from_str(typed).or_else(|_| refused(typed)));
        let rate = rate.transpose()?;
        let all = self.line.is_none() && rate.is_none();
        let wanted = |one: &Explained| match &one.part {
            Part::Line(line) => self.line == Some(line.id.0),
            Part::Tax(group) => rate == Some(group.rate),
        };
        let kept = parts.into_iter().filter(|one| all || wanted(one));
        Ok(kept.map(Into::into).collect())
    }
}

fn refused(typed: &str) -> Result<TaxRate, Problem> {
    let field = Field::new("rate", typed, FieldProblem::not_one_of(typed));
    Err(Problem::parameters(&[field]))
}

/// Where every cent of one member comes from: for each line of the invoice, 5000 at most.
#[utoipa::path(
    get,
    path = "/allocations/{id}/members/{member}/explanation",
    operation_id = "explain_shares",
    tag = "allocations",
    params(("id" = Uuid, Path), ("member" = Uuid, Path), OfBudget),
    responses((status = 200, body = Vec<ExplanationView>), ReadProblems)
)]
async fn explanation(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((id, member)): Id<(Uuid, Uuid)>,
    Query(of): Query<OfBudget>,
) -> Result<Json<Vec<ExplanationView>>, Problem> {
    let found = allocations::overview(&app, &actor, AllocationId(id)).await?;
    let payer = Payer {
        member: OrganisationId(member),
        budget: of.budget.map(BudgetId),
    };
    let wanted = Wanted {
        line: of.line,
        rate: of.rate,
    };
    Ok(Json(wanted.told(found.explain(payer)?.parts)?))
}

/// The whole table of a run as a file, with its control sums.
#[utoipa::path(
    get,
    path = "/allocations/{id}/export",
    operation_id = "export_allocation",
    tag = "allocations",
    params(("id" = Uuid, Path), InFormat),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(wanted): Query<InFormat>,
) -> Result<Response, Problem> {
    let found = allocations::overview(&app, &actor, AllocationId(id)).await?;
    Ok(download::table(
        &table(&found)?,
        wanted.format,
        &file_name(&found),
    )?)
}

/// The dossier of a run, checked again by `encommun verify`: its case, shares, hashes, sources.
#[utoipa::path(
    get,
    path = "/allocations/{id}/dossier",
    operation_id = "download_dossier",
    tag = "allocations",
    params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "application/json", body = Object), ReadProblems)
)]
async fn dossier(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Response, Problem> {
    let found = allocations::overview(&app, &actor, AllocationId(id)).await?;
    Ok(download::json(&found.dossier()?, &dossier_name(&found))?)
}
