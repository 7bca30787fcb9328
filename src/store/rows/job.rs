//! Long work with its progress, lease and result.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub actor_id: Uuid,
    pub kind: String,
    pub state: String,
    pub input_file_id: Option<Uuid>,
    pub params: String,
    pub progress_done: i64,
    pub progress_total: i64,
    pub attempts: i32,
    pub lease_until: Option<DateTimeUtc>,
    pub leased_by: Option<String>,
    pub result: Option<String>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
