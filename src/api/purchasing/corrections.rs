//! Corrections of what titres asked, over JSON.
use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    field::{FieldProblem, Gathering},
    identity::{CorrectionId, GroupingId},
    purchasing::correction::{Correction, CorrectionKind, CorrectionState, Voucher},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::corrections::{self, Wanted},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        files::TableFile,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
    exchange::{
        self,
        corrections::FILE_NAME,
        download::{self, Format},
    },
};

/// The operations on corrections.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(show))
        .routes(routes!(record))
        .routes(routes!(undo))
}

/// Money that was asked too much or is owed to a member, and how it goes back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    pub id: Uuid,
    pub number: String,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub member: Uuid,
    /// The budget that gets it back; the member's main one when absent.
    pub budget: Option<Uuid>,
    /// `reduction`, `cancellation` or `payout`: by which piece, today.
    pub kind: String,
    /// `proposed`, `done` or `withdrawn`.
    pub state: String,
    pub amount: String,
    /// The recovery order that asked too much; absent for revenue.
    pub recovery_order: Option<Uuid>,
    pub titre_number: Option<String>,
    pub titre_exercice: Option<i32>,
    /// What goes back of each invoice.
    pub invoices: Vec<CorrectionPart>,
    /// The run that led to it.
    pub allocation: Uuid,
    /// The number of the reduction, of the cancellation or of the mandat.
    pub voucher_number: Option<String>,
    pub issued_on: Option<NaiveDate>,
    pub exercice: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What goes back of one invoice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CorrectionPart {
    pub invoice: Uuid,
    pub amount: String,
}

fn view(one: Correction, kind: CorrectionKind) -> CorrectionView {
    let (cited, voucher) = (one.cited, one.voucher);
    let part = |(invoice, cents): &(domain::identity::InvoiceId, domain::money::Cents)| {
        let (invoice, amount) = (invoice.0, cents.to_string());
        CorrectionPart { invoice, amount }
    };
    CorrectionView {
        id: one.id.0,
        number: one.number,
        owner: one.owner.0,
        grouping: one.grouping.0,
        member: one.member.0,
        budget: one.budget.map(|id| id.0),
        kind: kind.code().to_owned(),
        state: one.state.code().to_owned(),
        amount: one.cents.to_string(),
        recovery_order: cited.as_ref().map(|cited| cited.order.0),
        titre_exercice: cited.as_ref().map(|cited| cited.exercice),
        titre_number: cited.map(|cited| cited.number),
        invoices: one.parts.iter().map(part).collect(),
        allocation: one.source.0,
        issued_on: voucher.as_ref().map(|voucher| voucher.issued_on),
        exercice: voucher.as_ref().map(|voucher| voucher.exercice),
        voucher_number: voucher.map(|voucher| voucher.number),
        created_at: one.created_at,
        version: one.version,
    }
}

fn tagged(one: Correction, kind: CorrectionKind) -> Tagged<CorrectionView> {
    Tagged {
        version: one.version,
        body: view(one, kind),
    }
}

/// Which corrections, and which page of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrectionQuery {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many rows, 50 by default.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// `proposed`, `done` or `withdrawn`.
    #[param(pattern = "^(proposed|done|withdrawn)$")]
    pub state: Option<String>,
    pub grouping: Option<Uuid>,
}

/// The corrections of your coordinators, newest first.
#[utoipa::path(
    get,
    path = "/corrections",
    operation_id = "list_corrections",
    tag = "recovery",
    params(CorrectionQuery),
    responses((status = 200, body = Page<CorrectionView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<CorrectionQuery>,
) -> Result<Json<Page<CorrectionView>>, Problem> {
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(CorrectionId);
    let wanted = wanted(query.state, query.grouping)?;
    let found = corrections::list(&app, &actor, wanted, after, limit.saturating_add(1)).await?;
    let key = |listed: &corrections::Listed| listed.correction.id.0;
    let show = |listed: corrections::Listed| view(listed.correction, listed.kind);
    Ok(Json(Page::of(found, limit, key, show)))
}

fn wanted(state: Option<String>, grouping: Option<Uuid>) -> Result<Wanted, Problem> {
    let known = |code: String| {
        CorrectionState::from_code(&code).ok_or_else(|| {
            Problem::malformed("Le paramètre state est proposed, done ou withdrawn.")
        })
    };
    Ok(Wanted {
        owner: None,
        state: state.map(known).transpose()?,
        grouping: grouping.map(GroupingId),
    })
}

/// Which corrections, and the kind of the file.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CorrectionFile {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Format,
    /// `proposed`, `done` or `withdrawn`.
    #[param(pattern = "^(proposed|done|withdrawn)$")]
    pub state: Option<String>,
    pub grouping: Option<Uuid>,
}

/// The corrections of your coordinators as a file, for the finance software.
#[utoipa::path(
    get,
    path = "/corrections/export",
    operation_id = "export_corrections",
    tag = "recovery",
    params(CorrectionFile),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<CorrectionFile>,
) -> Result<Response, Problem> {
    let wanted = wanted(query.state, query.grouping)?;
    let table = exchange::corrections::export(&app, &actor, wanted).await?;
    Ok(download::table(&table, query.format, FILE_NAME)?)
}

/// One correction.
#[utoipa::path(
    get,
    path = "/corrections/{id}",
    operation_id = "show_correction",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CorrectionView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<CorrectionView>, Problem> {
    let found = corrections::show(&app, &actor, CorrectionId(id)).await?;
    Ok(tagged(found.correction, found.kind))
}

/// The piece that the finance software made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoucherInput {
    #[schema(max_length = 40)]
    pub voucher_number: String,
    pub issued_on: NaiveDate,
    #[schema(minimum = 2000, maximum = 2100)]
    pub exercice: i32,
}

/// Records the reduction, the cancellation or the mandat; the book follows.
#[utoipa::path(
    post,
    path = "/corrections/{id}/record",
    operation_id = "record_correction",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    request_body = VoucherInput,
    responses((status = 200, body = CorrectionView), WriteProblems)
)]
async fn record(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<VoucherInput>,
) -> Result<Tagged<CorrectionView>, Problem> {
    let input = write.body;
    let mut gathering = Gathering::default();
    let typed = &input.voucher_number;
    let number = gathering.read("voucher_number", typed, text::clean(typed, 40));
    let year = input.exercice.to_string();
    let exercice = if (2000..=2100).contains(&input.exercice) {
        Ok(input.exercice)
    } else {
        Err(FieldProblem::OutOfRange {
            min: "2000".to_owned(),
            max: "2100".to_owned(),
        })
    };
    let exercice = gathering.read("exercice", &year, exercice);
    let (Some(number), Some(exercice)) = (number, exercice) else {
        return Err(Error::Invalid(gathering.problems).into());
    };
    let voucher = Voucher {
        number,
        issued_on: input.issued_on,
        exercice,
    };
    let version = write.if_match.version();
    let id = CorrectionId(id);
    let done = corrections::record(&app, &write.actor, id, version, voucher).await?;
    let kind = done.kind;
    Ok(tagged(done, kind))
}

/// Takes back a mandat that was recorded by mistake; it is proposed again.
#[utoipa::path(
    post,
    path = "/corrections/{id}/undo",
    operation_id = "undo_correction",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CorrectionView), WriteProblems)
)]
async fn undo(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<CorrectionView>, Problem> {
    let version = write.if_match.version();
    let id = CorrectionId(id);
    let done = corrections::undo(&app, &write.actor, id, version).await?;
    let kind = done.kind;
    Ok(tagged(done, kind))
}
