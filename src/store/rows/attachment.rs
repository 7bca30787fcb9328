//! A file attached to an object, with the rights of that object.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "attachment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub file_id: Uuid,
    pub kind: String,
    pub label: String,
    pub added_at: DateTimeUtc,
    pub added_by: Option<Uuid>,
    pub removed_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
