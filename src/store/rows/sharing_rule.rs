//! A version of a voted rule « règle de répartition ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "sharing_rule")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub series_id: Uuid,
    pub number: i32,
    pub state: String,
    pub name: String,
    pub applies_from: Date,
    pub agreement_id: Option<Uuid>,
    pub article: Option<String>,
    pub deliberations: Option<String>,
    pub tax_policy: String,
    pub prorata: bool,
    pub formula: String,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
