//! A public body « collectivité, organisme ».
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub name: String,
    pub siren: Option<String>,
    pub insee: Option<String>,
    pub department: Option<String>,
    pub epci_siren: Option<String>,
    pub time_zone: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub good_friday: bool,
    pub local_law: bool,
    pub sort_key: String,
    pub search_text: String,
    pub active: bool,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
