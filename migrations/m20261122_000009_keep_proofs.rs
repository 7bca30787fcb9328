//! What explains a run is kept with it, and what each member is owed goes on to the next one.
use sea_orm_migration::prelude::*;

use crate::tables::{Column as C, TableOf, add_column};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_column(schema, "allocation", C::text("record").optional()).await?;
        add_column(schema, "allocation", C::text("sources").optional()).await?;
        carry().create(schema).await
    }
}

fn carry() -> TableOf {
    TableOf::named("carry")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::text("dues"))
        .col(C::integer("version"))
        .unique(&["owner_id", "grouping_id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .index(&["grouping_id"])
}
