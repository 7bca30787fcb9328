//! What a procedure asks for is copied at its launch: a round opened again moves it no more.

use sea_orm_migration::prelude::*;

use crate::tables::{Column as C, TableOf};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        procedure_demand().create(schema).await
    }
}

fn procedure_demand() -> TableOf {
    TableOf::named("procedure_demand")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("procedure_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("item_id"))
        .col(C::big("quantity_milli"))
        .col(C::big("most_milli").optional())
        .unique(&["owner_id", "procedure_id", "item_id", "member_id"])
        .refers(
            &["owner_id", "procedure_id"],
            "procedure",
            &["owner_id", "id"],
        )
        .refers(&["owner_id", "item_id"], "item", &["owner_id", "id"])
        .refers(&["member_id"], "organisation", &["id"])
        .check("quantity_milli >= 0")
        .check("most_milli IS NULL OR most_milli > quantity_milli")
        .index(&["procedure_id"])
        .index(&["item_id"])
        .index(&["member_id"])
}
