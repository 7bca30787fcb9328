//! A member's quantity of one item « besoin ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "need")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub round_id: Uuid,
    pub member_id: Uuid,
    pub item_id: Uuid,
    pub line_key: String,
    pub site_id: Option<Uuid>,
    pub budget_id: Option<Uuid>,
    pub quantity_milli: i64,
    pub most_milli: Option<i64>,
    pub commitment: String,
    pub comment: Option<String>,
    pub revision: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
