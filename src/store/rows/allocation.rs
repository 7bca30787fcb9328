//! One immutable run « répartition ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "allocation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub invoice_id: Uuid,
    pub run: i32,
    pub algorithm: String,
    pub inputs: String,
    pub input_sha256: String,
    pub output_sha256: String,
    pub net_cents: i64,
    pub tax_cents: i64,
    pub gross_cents: i64,
    pub made_at: DateTimeUtc,
    pub made_by: Option<Uuid>,
    pub motive: Option<String>,
    pub record: Option<String>,
    pub sources: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
