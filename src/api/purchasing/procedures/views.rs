//! What a procedure looks like in JSON.
use chrono::{DateTime, NaiveDate, Utc};
use domain::purchasing::procedure::Procedure;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{actions::purchasing::procedures::Overview, api::purchasing::awards::ProcedureLot};

/// A procedure (« consultation »).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcedureView {
    pub id: Uuid,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub rounds: Vec<Uuid>,
    /// `preparing`, `published` or `done`.
    pub state: String,
    pub title: String,
    /// `none`, `adapted`, `open_tender`, `restricted_tender`, `negotiated` or
    /// `competitive_dialogue`.
    pub form: String,
    /// `supplies_services` or `works`.
    pub nature: String,
    pub launched_on: Option<NaiveDate>,
    pub published_on: Option<NaiveDate>,
    pub offers_due_at: Option<DateTime<Utc>>,
    pub cao_on: Option<NaiveDate>,
    /// Euros, net of tax: a copy from the launch on, zero before.
    pub estimate: String,
    pub set_aside: Vec<SetAsideView>,
    pub version: i32,
}

/// A member left out of a procedure.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SetAsideView {
    pub member: Uuid,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// A procedure with its gate, its lots and the thresholds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcedureOverview {
    #[serde(flatten)]
    pub procedure: ProcedureView,
    /// Who has needs here; empty for who does not coordinate.
    pub members: Vec<WantingView>,
    pub lots: Vec<ProcedureLot>,
    /// Items of which the members kept declare another quantity since the launch; empty for who
    /// does not coordinate.
    pub moved: Vec<MovedView>,
    pub limits: Vec<ProcedureLimit>,
}

/// An item with its quantity at the launch and today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovedView {
    pub item: Uuid,
    /// In the unit of the item.
    pub launched_quantity: String,
    pub quantity: String,
}

/// A member with needs, and what it lacks for the launch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WantingView {
    pub member: Uuid,
    pub name: String,
    /// Among `membership`, `decision` and `signature`; empty when it is ready.
    pub lacks: Vec<String>,
    pub set_aside: bool,
    /// Euros, net of tax.
    pub estimate: String,
}

/// A threshold in force on the launch date, or today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProcedureLimit {
    /// `adapted`, `publicity` or `formal`.
    pub duty: String,
    /// Euros, net of tax.
    pub amount: String,
    pub reached: bool,
    pub source: String,
}

impl From<Procedure> for ProcedureView {
    fn from(p: Procedure) -> Self {
        Self {
            id: p.id.0,
            owner: p.owner.0,
            grouping: p.grouping.0,
            rounds: p.rounds.iter().map(|id| id.0).collect(),
            state: p.state.code().to_owned(),
            title: p.plan.title,
            form: p.plan.form.code().to_owned(),
            nature: p.plan.nature.code().to_owned(),
            launched_on: p.launched_on,
            published_on: p.plan.published_on,
            offers_due_at: p.plan.offers_due_at,
            cao_on: p.plan.cao_on,
            estimate: p.estimate.to_string(),
            set_aside: p
                .aside
                .into_iter()
                .map(|aside| SetAsideView {
                    member: aside.member.0,
                    reason: aside.reason,
                    at: aside.at,
                })
                .collect(),
            version: p.version,
        }
    }
}

impl From<Overview> for ProcedureOverview {
    fn from(o: Overview) -> Self {
        let members = o.wanting.into_iter().map(|wanting| WantingView {
            member: wanting.organisation.id.0,
            name: wanting.organisation.name,
            lacks: wanting
                .candidate
                .lacks
                .iter()
                .map(|l| l.code().to_owned())
                .collect(),
            set_aside: wanting.aside.is_some(),
            estimate: wanting.estimate.to_string(),
        });
        let limits = o.limits.into_iter().map(|limit| ProcedureLimit {
            duty: limit.threshold.duty.code().to_owned(),
            amount: limit.threshold.amount.to_string(),
            reached: limit.reached,
            source: limit.threshold.source,
        });
        Self {
            procedure: o.procedure.into(),
            members: members.collect(),
            lots: o.lots.into_iter().map(ProcedureLot::from).collect(),
            moved: o
                .moved
                .into_iter()
                .map(|moved| MovedView {
                    item: moved.item.0,
                    launched_quantity: moved.launched.quantity.to_string(),
                    quantity: moved.now.quantity.to_string(),
                })
                .collect(),
            limits: limits.collect(),
        }
    }
}
