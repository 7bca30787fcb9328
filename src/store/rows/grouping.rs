//! A buying group « groupement de commandes ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "grouping")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub title: String,
    pub kind: String,
    pub family: String,
    pub legal_basis: String,
    pub statutes_reference: Option<String>,
    pub regime: String,
    pub state: String,
    pub created_at: DateTimeUtc,
    pub sort_key: String,
    pub search_text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
