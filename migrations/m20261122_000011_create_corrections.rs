//! What a split asks back of titres is an object: proposed, then recorded with its piece.

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
        correction().create(schema).await
    }
}

fn correction() -> TableOf {
    TableOf::named("correction")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("number"))
        .col(C::text("kind"))
        .col(C::text("state"))
        .col(C::big("cents"))
        .col(C::uuid("order_id").optional())
        .col(C::text("titre_number").optional())
        .col(C::integer("titre_exercice").optional())
        .col(C::text("parts"))
        .col(C::uuid("allocation_id"))
        .col(C::text("voucher_number").optional())
        .col(C::date("issued_on").optional())
        .col(C::integer("exercice").optional())
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["owner_id", "number"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(
            &["owner_id", "order_id"],
            "recovery_order",
            &["owner_id", "id"],
        )
        .refers(
            &["owner_id", "allocation_id"],
            "allocation",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
        .check("cents > 0")
        .check("(order_id IS NULL) = (titre_number IS NULL)")
        .check("(order_id IS NULL) = (titre_exercice IS NULL)")
        .check("(voucher_number IS NULL) = (exercice IS NULL)")
        .index(&["owner_id", "state"])
        .index(&["grouping_id"])
        .index(&["allocation_id"])
        .index(&["order_id"])
        .index(&["member_id"])
}
