//! The outcome of a lot « attribution »: awarded, no tender or sans suite.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "award")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub procedure_id: Uuid,
    pub lot_id: Uuid,
    pub outcome: String,
    pub supplier_id: Option<Uuid>,
    pub decided_on: Date,
    pub motive: Option<String>,
    pub estimate_cents: Option<i64>,
    pub amount_cents: Option<i64>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
