//! An article of a lot.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub round_id: Uuid,
    pub lot_id: Uuid,
    pub number: i32,
    pub title: String,
    pub unit: String,
    pub tax_category: String,
    pub tax_rate_bp: i32,
    pub unit_price_micro: Option<i64>,
    pub step_milli: i64,
    pub conditions_version: i32,
    pub removed: bool,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
