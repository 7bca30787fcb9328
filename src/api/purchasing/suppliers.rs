//! Suppliers over JSON.
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    identity::{Email, OrganisationId, Phone, Siren, Siret, SupplierId},
    purchasing::supplier::{NAME_CHARS_MAX, Supplier},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::reading::Reading;
use crate::{
    actions::{
        App, Error,
        purchasing::suppliers::{self, NamedSupplier, SupplierInput},
    },
    api::{
        extract::{Bearer, Id, Query, Tagged, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

/// The operations on suppliers.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, revise))
}

/// A supplier (« titulaire, fournisseur »).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SupplierView {
    pub id: Uuid,
    /// The coordinating organisation that keeps this record.
    pub owner: Uuid,
    #[schema(example = "732829320")]
    pub siren: String,
    pub siret: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub version: i32,
}

/// A supplier to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSupplierBody {
    /// The coordinating organisation.
    pub owner: Uuid,
    #[schema(example = "732829320")]
    pub siren: String,
    pub siret: Option<String>,
    #[schema(max_length = 200)]
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// What is said of a supplier.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplierBody {
    #[schema(example = "732829320")]
    pub siren: String,
    pub siret: Option<String>,
    #[schema(max_length = 200)]
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A supplier named on an award or a contract; recorded if its SIREN is new.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedSupplierBody {
    #[schema(example = "732829320")]
    pub siren: String,
    pub siret: Option<String>,
    #[schema(max_length = 200)]
    pub name: String,
}

/// Which suppliers.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words of the name, or the SIREN.
    pub q: Option<String>,
}

impl From<Supplier> for SupplierView {
    fn from(s: Supplier) -> Self {
        Self {
            id: s.id.0,
            owner: s.owner.0,
            siren: s.siren.to_string(),
            siret: s.siret.as_ref().map(Siret::to_string),
            name: s.name,
            email: s.email.as_ref().map(Email::to_string),
            phone: s.phone.as_ref().map(Phone::to_string),
            version: s.version,
        }
    }
}

impl SupplierBody {
    fn parse(&self) -> Result<SupplierInput, Error> {
        let mut reading = Reading::default();
        let siren = reading.value("siren", &self.siren, Siren::parse);
        let siret = reading.optional("siret", self.siret.as_deref(), Siret::parse);
        let name = reading.text("name", &self.name, NAME_CHARS_MAX);
        let email = reading.optional("email", self.email.as_deref(), Email::parse);
        let phone = reading.optional("phone", self.phone.as_deref(), Phone::parse);
        match (siren, siret, name, email, phone) {
            (Some(siren), Some(siret), Some(name), Some(email), Some(phone)) => Ok(SupplierInput {
                siren,
                siret,
                name,
                email,
                phone,
            }),
            _ => Err(reading.invalid()),
        }
    }
}

impl NamedSupplierBody {
    /// Reads it under the name that it has in the whole body.
    pub(super) fn read(&self, reading: &mut Reading) -> Option<NamedSupplier> {
        let siren = reading.value("supplier.siren", &self.siren, Siren::parse);
        let siret = reading.optional("supplier.siret", self.siret.as_deref(), Siret::parse);
        let name = reading.text("supplier.name", &self.name, NAME_CHARS_MAX);
        Some(NamedSupplier {
            siren: siren?,
            siret: siret?,
            name: name?,
        })
    }
}

/// The suppliers of your organisations, by name.
#[utoipa::path(
    get,
    path = "/suppliers",
    operation_id = "list_suppliers",
    tag = "contracts",
    params(Search, Paging),
    responses((status = 200, body = Page<SupplierView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SupplierView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<(String, SupplierId)>()?;
    let words = search.q.unwrap_or_default();
    let found = suppliers::list(&app, &actor, &words, after, limit + 1).await?;
    let key = |s: &Supplier| (s.sort_key(), s.id);
    Ok(Json(Page::of(found, limit, key, SupplierView::from)))
}

/// One supplier.
#[utoipa::path(
    get,
    path = "/suppliers/{id}",
    operation_id = "show_supplier",
    tag = "contracts",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = SupplierView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<SupplierView>, Problem> {
    let found = suppliers::find(&app, &actor, SupplierId(id)).await?;
    Ok(tagged(found))
}

/// Records a supplier.
#[utoipa::path(
    post,
    path = "/suppliers",
    operation_id = "create_supplier",
    tag = "contracts",
    request_body = NewSupplierBody,
    responses((status = 201, body = SupplierView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    write: Write<NewSupplierBody>,
) -> Result<(StatusCode, Tagged<SupplierView>), Problem> {
    let NewSupplierBody {
        owner,
        siren,
        siret,
        name,
        email,
        phone,
    } = write.body;
    let body = SupplierBody {
        siren,
        siret,
        name,
        email,
        phone,
    };
    let owner = OrganisationId(owner);
    let made = suppliers::create(&app, &write.actor, owner, body.parse()?).await?;
    Ok((StatusCode::CREATED, tagged(made)))
}

/// Changes what is said of a supplier.
#[utoipa::path(
    put,
    path = "/suppliers/{id}",
    operation_id = "revise_supplier",
    tag = "contracts",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = SupplierBody,
    responses((status = 200, body = SupplierView), WriteProblems)
)]
async fn revise(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<SupplierBody>,
) -> Result<Tagged<SupplierView>, Problem> {
    let version = write.if_match.require()?;
    let input = write.body.parse()?;
    let saved = suppliers::revise(&app, &write.actor, SupplierId(id), version, input).await?;
    Ok(tagged(saved))
}

fn tagged(supplier: Supplier) -> Tagged<SupplierView> {
    Tagged {
        version: supplier.version,
        body: supplier.into(),
    }
}
