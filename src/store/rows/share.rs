//! A member's part of an invoice line « quote-part ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "share")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub allocation_id: Uuid,
    pub line_id: Uuid,
    pub member_id: Uuid,
    pub budget_id: Option<Uuid>,
    pub case_id: String,
    pub net_cents: i64,
    pub section: Option<String>,
    pub account: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
