//! A contract « marché, accord-cadre », one per lot.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub award_id: Option<Uuid>,
    pub lot_id: Option<Uuid>,
    pub supplier_id: Uuid,
    pub number: String,
    pub title: String,
    pub state: String,
    pub notified_on: Date,
    pub starts_on: Option<Date>,
    pub ends_on: Option<Date>,
    pub duration_months: Option<i32>,
    pub renewals: i32,
    pub minimum_cents: Option<i64>,
    pub maximum_cents: Option<i64>,
    pub revision_clause: Option<String>,
    pub created_at: DateTimeUtc,
    pub search_text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
