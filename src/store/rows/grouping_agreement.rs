//! A dated version of the agreement « convention constitutive ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "grouping_agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub number: i32,
    pub object: String,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub signed_on: Option<Date>,
    pub deliberation: Option<String>,
    pub rule_text: Option<String>,
    pub vat_policy: String,
    pub fee_text: Option<String>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
