//! The lots of a procedure and their outcomes, over JSON.
use axum::extract::State;
use chrono::NaiveDate;
use domain::{
    identity::{ItemId, LotId, ProcedureId},
    purchasing::award::{Award, LotOutcome, MOTIVE_CHARS_MAX, Saving},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    procedures::{ProcedureView, tagged},
    reading::Reading,
    suppliers::NamedSupplierBody,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            awards::{self, NewAward, NewOutcome, Price},
            procedures::LotOverview,
        },
    },
    api::{
        extract::{Id, Tagged, Write},
        problem::{Problem, WriteProblems},
    },
};

/// The operations on awards.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(decide))
}

/// A lot of a procedure, with its outcome once it is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcedureLot {
    pub lot: Uuid,
    pub round: Uuid,
    pub number: i32,
    pub title: String,
    /// Euros, net of tax, of the quantities kept.
    pub estimate: String,
    pub items: Vec<ProcedureItem>,
    pub award: Option<AwardView>,
    pub contract: Option<Uuid>,
    pub saving_on_estimate: Option<SavingView>,
    pub saving_on_individual: Option<SavingView>,
}

/// An item of a lot with the quantities of the members kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcedureItem {
    pub item: Uuid,
    pub title: String,
    pub unit: String,
    pub quantity: String,
    /// With what may be ordered besides.
    pub most: String,
    pub members: usize,
    pub estimated_price: Option<String>,
}

/// The outcome of a lot (« attribution »).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AwardView {
    pub id: Uuid,
    /// `awarded`, `no_tender` or `dropped`.
    pub outcome: String,
    pub supplier: Option<Uuid>,
    pub decided_on: NaiveDate,
    /// Euros, net of tax.
    pub amount: Option<String>,
    pub motive: Option<String>,
    pub prices: Vec<PriceView>,
    pub version: i32,
}

/// The price of an item as awarded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PriceView {
    pub item: Uuid,
    pub unit_price: String,
    pub individual_price: Option<String>,
    pub tax_category: String,
    pub tax_rate: String,
}

/// What the group's prices save against one kind of reference price.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SavingView {
    /// Euros, net of tax, at the reference price.
    pub reference: String,
    /// Euros, net of tax, at the awarded price.
    pub awarded: String,
    /// How many items have a reference.
    pub items: usize,
}

/// The outcome of a lot to record, or to correct.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardBody {
    /// `awarded`, `no_tender` or `dropped`.
    #[schema(example = "awarded")]
    pub outcome: String,
    #[schema(format = Date)]
    pub decided_on: String,
    /// Of an awarded lot.
    pub supplier: Option<NamedSupplierBody>,
    /// Euros, net of tax; the quantities at the prices when it is not told.
    pub amount: Option<String>,
    /// One for each item of an awarded lot.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub prices: Vec<PriceBody>,
    /// Required of a lot dropped.
    #[schema(max_length = 2000)]
    pub motive: Option<String>,
}

/// The price of one item, net of tax.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBody {
    pub item: Uuid,
    #[schema(example = "12.5")]
    pub unit_price: String,
    /// What a member alone would pay.
    pub individual_price: Option<String>,
}

impl From<LotOverview> for ProcedureLot {
    fn from(o: LotOverview) -> Self {
        let items = o.items.into_iter().map(|line| ProcedureItem {
            item: line.item.id.0,
            title: line.item.title,
            unit: line.item.unit,
            quantity: line.total.quantity.to_string(),
            most: line.total.most.to_string(),
            members: line.total.members,
            estimated_price: line.item.unit_price.map(|price| price.to_string()),
        });
        Self {
            lot: o.lot.id.0,
            round: o.lot.round.0,
            number: o.lot.number,
            title: o.lot.title,
            estimate: o.estimate.to_string(),
            items: items.collect(),
            award: o.award.map(AwardView::from),
            contract: o.contract.map(|contract| contract.id.0),
            saving_on_estimate: saving(o.on_estimate),
            saving_on_individual: saving(o.on_individual),
        }
    }
}

impl From<Award> for AwardView {
    fn from(award: Award) -> Self {
        let prices = award.decision.prices().iter().map(|price| PriceView {
            item: price.item.0,
            unit_price: price.unit_price.to_string(),
            individual_price: price.individual_price.map(|price| price.to_string()),
            tax_category: price.tax_category.to_string(),
            tax_rate: price.tax_rate.to_string(),
        });
        Self {
            id: award.id.0,
            outcome: award.decision.outcome().code().to_owned(),
            supplier: award.decision.supplier().map(|id| id.0),
            decided_on: award.decided_on,
            amount: award.decision.amount().map(|amount| amount.to_string()),
            motive: award.decision.motive().map(str::to_owned),
            prices: prices.collect(),
            version: award.version,
        }
    }
}

fn saving(saving: Saving) -> Option<SavingView> {
    (saving.items > 0).then(|| SavingView {
        reference: saving.reference.to_string(),
        awarded: saving.awarded.to_string(),
        items: saving.items,
    })
}

impl AwardBody {
    fn parse(&self) -> Result<NewAward, Error> {
        let mut r = Reading::default();
        let decided_on = r.date("decided_on", &self.decided_on);
        let outcome = r.choice("outcome", &self.outcome, LotOutcome::from_code);
        let motive = r.lines("motive", self.motive.as_deref(), MOTIVE_CHARS_MAX);
        let outcome = match (outcome, motive) {
            (Some(LotOutcome::Awarded), _) => self.awarded(&mut r),
            (Some(LotOutcome::NoTender), Some(note)) => Some(NewOutcome::NoTender { note }),
            (Some(LotOutcome::Dropped), Some(Some(motive))) => Some(NewOutcome::Dropped { motive }),
            (Some(LotOutcome::Dropped), Some(None)) => {
                r.missing("motive");
                None
            }
            (Some(LotOutcome::NoTender | LotOutcome::Dropped), None) | (None, _) => None,
        };
        match (decided_on, outcome) {
            (Some(decided_on), Some(outcome)) => Ok(NewAward {
                decided_on,
                outcome,
            }),
            _ => Err(r.invalid()),
        }
    }

    fn awarded(&self, r: &mut Reading) -> Option<NewOutcome> {
        let amount = r.amount("amount", self.amount.as_deref());
        let mut prices = Vec::with_capacity(self.prices.len());
        let mut all_read = true;
        for (place, price) in self.prices.iter().enumerate() {
            let name = |field: &str| format!("prices.{place}.{field}");
            let unit_price = r.unit_price(&name("unit_price"), &price.unit_price);
            let individual = price.individual_price.as_deref();
            let individual = r.unit_price_optional(&name("individual_price"), individual);
            match (unit_price, individual) {
                (Some(unit_price), Some(individual_price)) => prices.push(Price {
                    item: ItemId(price.item),
                    unit_price,
                    individual_price,
                }),
                _ => all_read = false,
            }
        }
        let Some(supplier) = &self.supplier else {
            r.missing("supplier");
            return None;
        };
        let supplier = supplier.read(r)?;
        all_read.then_some(NewOutcome::Awarded {
            supplier,
            amount: amount?,
            prices,
        })
    }
}

/// Records the outcome of a lot, or corrects it while no contract came of it.
#[utoipa::path(
    post,
    path = "/procedures/{id}/lots/{lot}/award",
    operation_id = "decide_award",
    tag = "procedures",
    params(("id" = Uuid, Path), ("lot" = Uuid, Path)),
    request_body = AwardBody,
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn decide(
    State(app): State<App>,
    Id((id, lot)): Id<(Uuid, Uuid)>,
    write: Write<AwardBody>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let new = write.body.parse()?;
    let (id, lot) = (ProcedureId(id), LotId(lot));
    let saved = awards::decide(&app, &write.actor, id, lot, new).await?;
    Ok(tagged(saved))
}
