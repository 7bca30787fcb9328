//! Voted rules in their versions, which lines choose by lot or article, and the billed period.

use sea_orm_migration::prelude::*;

use crate::tables::{Column as C, TableOf, add_column, add_index};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        sharing_rule().create(schema).await?;
        rule_choice().create(schema).await?;
        add_column(schema, "invoice", C::date("service_from").optional()).await?;
        add_column(schema, "invoice", C::date("service_to").optional()).await?;
        add_column(schema, "invoice_line", C::uuid("rule_id").optional()).await?;
        add_index(schema, "invoice_line", &["owner_id", "rule_id"]).await
    }
}

fn sharing_rule() -> TableOf {
    TableOf::named("sharing_rule")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("series_id"))
        .col(C::integer("number"))
        .col(C::text("state"))
        .col(C::text("name"))
        .col(C::date("applies_from"))
        .col(C::uuid("agreement_id").optional())
        .col(C::text("article").optional())
        .col(C::text("deliberations").optional())
        .col(C::text("tax_policy"))
        .col(C::boolean("prorata"))
        .col(C::text("formula"))
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["owner_id", "series_id", "number"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .check("number >= 1")
        .index(&["grouping_id", "name"])
}

fn rule_choice() -> TableOf {
    TableOf::named("rule_choice")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        // The grouping, a lot or an article: an absent value is never a duplicate.
        .col(C::text("subject"))
        .col(C::uuid("series_id"))
        .unique(&["owner_id", "grouping_id", "subject"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .index(&["grouping_id"])
}
