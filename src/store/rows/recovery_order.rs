//! What the finance software turns into a titre « demande de titre ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "recovery_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub member_id: Uuid,
    pub budget_id: Option<Uuid>,
    pub number: String,
    pub state: String,
    pub cents: i64,
    pub sources: String,
    pub titre_number: Option<String>,
    pub bordereau_number: Option<String>,
    pub issued_on: Option<Date>,
    pub exercice: Option<i32>,
    pub reduced_cents: i64,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
