//! A procurement procedure « consultation ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "procedure")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub title: String,
    pub form: String,
    pub nature: String,
    pub state: String,
    pub launched_on: Option<Date>,
    pub published_on: Option<Date>,
    pub offers_due_at: Option<DateTimeUtc>,
    pub cao_on: Option<Date>,
    pub estimate_cents: i64,
    pub created_at: DateTimeUtc,
    pub sort_key: String,
    pub search_text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
