//! An invoice or credit note « facture, avoir ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "invoice")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub contract_id: Option<Uuid>,
    pub supplier_id: Uuid,
    pub kind: String,
    pub credited_invoice_id: Option<Uuid>,
    pub number: String,
    pub title: String,
    pub issued_on: Date,
    pub received_on: Date,
    pub due_on: Date,
    pub service_from: Option<Date>,
    pub service_to: Option<Date>,
    pub paid_on: Option<Date>,
    pub issue_year: i32,
    pub net_cents: i64,
    pub tax_cents: i64,
    pub gross_cents: i64,
    pub state: String,
    pub duplicate_rank: i32,
    pub duplicate_motive: Option<String>,
    pub checked_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub search_text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
