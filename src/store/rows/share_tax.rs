//! A member's part of a tax total.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "share_tax")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub allocation_id: Uuid,
    pub member_id: Uuid,
    pub budget_id: Option<Uuid>,
    pub case_id: String,
    pub tax_category: String,
    pub tax_rate_bp: i32,
    pub tax_cents: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
