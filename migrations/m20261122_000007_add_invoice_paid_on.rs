//! The day an invoice was paid, when the coordinator told it; invoices that wait are found by it.
use sea_orm_migration::prelude::*;

use crate::tables::{Column, add_column, add_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_column(schema, "invoice", Column::date("paid_on").optional()).await?;
        add_index(schema, "invoice", &["owner_id", "paid_on", "due_on"]).await
    }
}
