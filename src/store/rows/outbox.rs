//! Messages waiting to leave, written with the change that causes them.
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    pub dedup_key: String,
    pub kind: String,
    pub recipient_organisation_id: Option<Uuid>,
    pub recipient_user_id: Option<Uuid>,
    pub recipient_email: Option<String>,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub subject_version: i32,
    pub notice: String,
    pub due_at: DateTimeUtc,
    pub not_after: DateTimeUtc,
    pub state: String,
    pub attempts: i32,
    pub lease_until: Option<DateTimeUtc>,
    pub leased_by: Option<String>,
    pub message_id: Option<String>,
    pub letter: Option<Vec<u8>>,
    pub sent_at: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
