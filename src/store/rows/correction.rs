//! What goes back to a member « régularisation ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "correction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub member_id: Uuid,
    pub budget_id: Option<Uuid>,
    pub number: String,
    pub kind: String,
    pub state: String,
    pub cents: i64,
    pub order_id: Option<Uuid>,
    pub titre_number: Option<String>,
    pub titre_exercice: Option<i32>,
    pub parts: String,
    pub allocation_id: Uuid,
    pub voucher_number: Option<String>,
    pub issued_on: Option<Date>,
    pub exercice: Option<i32>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
