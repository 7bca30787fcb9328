//! A cell being typed: saved at once, journalled at submit.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "need_draft")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub round_id: Uuid,
    pub member_id: Uuid,
    pub item_id: Uuid,
    pub line_key: String,
    pub quantity_milli: Option<i64>,
    pub most_milli: Option<i64>,
    pub commitment: String,
    pub budget_id: Option<Uuid>,
    pub comment: Option<String>,
    pub typed: Option<String>,
    pub saved_at: DateTimeUtc,
    pub saved_by: Option<Uuid>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
