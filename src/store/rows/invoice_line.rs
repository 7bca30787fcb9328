//! A line of an invoice.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "invoice_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub invoice_id: Uuid,
    pub position: i32,
    pub lot_id: Option<Uuid>,
    pub item_id: Option<Uuid>,
    pub label: String,
    pub quantity_milli: Option<i64>,
    pub unit_price_micro: Option<i64>,
    pub net_cents: i64,
    pub tax_category: String,
    pub tax_rate_bp: i32,
    pub rule: String,
    pub key_id: Option<Uuid>,
    pub rule_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
