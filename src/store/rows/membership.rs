//! A member's adhesion and its decision « adhésion ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "membership")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub member_id: Uuid,
    pub state: String,
    pub decision_kind: Option<String>,
    pub decision_number: Option<String>,
    pub decision_on: Option<Date>,
    pub transmitted_on: Option<Date>,
    pub signed_on: Option<Date>,
    pub joined_on: Option<Date>,
    pub leave_asked_on: Option<Date>,
    pub left_on: Option<Date>,
    pub all_lots: bool,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
