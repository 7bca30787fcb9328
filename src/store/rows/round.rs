//! A collection of needs « campagne de recensement ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "round")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub title: String,
    pub state: String,
    pub deadline: DateTimeUtc,
    pub note: Option<String>,
    pub with_most: bool,
    pub with_commitment: bool,
    pub with_site: bool,
    pub with_comment: bool,
    pub shows_others: bool,
    pub launch_planned_on: Option<Date>,
    pub previous_round_id: Option<Uuid>,
    pub opening: i32,
    pub opened_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub closed_by_kind: Option<String>,
    pub closed_by_id: Option<Uuid>,
    pub reopen_motive: Option<String>,
    pub conditions_version: i32,
    pub created_at: DateTimeUtc,
    pub sort_key: String,
    pub search_text: String,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
