//! A building, meter or vehicle that a member registered once.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "site")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub kind: String,
    pub name: String,
    pub reference: Option<String>,
    pub address: Option<String>,
    pub area_milli: Option<i64>,
    pub category: Option<String>,
    pub budget_id: Option<Uuid>,
    pub sort_key: String,
    pub search_text: String,
    pub active: bool,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
