//! Procedures, awards, suppliers and contracts.

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
        for table in tables() {
            table.create(schema).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<TableOf> {
    vec![
        procedure(),
        procedure_round(),
        set_aside(),
        supplier(),
        award(),
        award_price(),
        contract(),
    ]
}

fn procedure() -> TableOf {
    TableOf::named("procedure")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::text("title"))
        .col(C::text("form"))
        .col(C::text("nature"))
        .col(C::text("state"))
        .col(C::date("launched_on").optional())
        .col(C::date("published_on").optional())
        .col(C::instant("offers_due_at").optional())
        .col(C::date("cao_on").optional())
        .col(C::big("estimate_cents"))
        .col(C::instant("created_at"))
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::integer("version"))
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .check("estimate_cents >= 0")
        .index(&["owner_id", "state"])
}

fn procedure_round() -> TableOf {
    TableOf::named("procedure_round")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("procedure_id"))
        .col(C::uuid("round_id"))
        .unique(&["owner_id", "procedure_id", "round_id"])
        .refers(
            &["owner_id", "procedure_id"],
            "procedure",
            &["owner_id", "id"],
        )
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
}

fn set_aside() -> TableOf {
    TableOf::named("set_aside")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("procedure_id"))
        .col(C::uuid("member_id"))
        .col(C::text("reason"))
        .col(C::instant("at"))
        .unique(&["owner_id", "procedure_id", "member_id"])
        .refers(
            &["owner_id", "procedure_id"],
            "procedure",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
}

fn supplier() -> TableOf {
    TableOf::named("supplier")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("siren"))
        .col(C::text("siret").optional())
        .col(C::text("name"))
        .col(C::text("email").optional())
        .col(C::text("phone").optional())
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::integer("version"))
        .unique(&["owner_id", "siren"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id"], "organisation", &["id"])
        .index(&["owner_id", "sort_key"])
}

fn award() -> TableOf {
    TableOf::named("award")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("procedure_id"))
        .col(C::uuid("lot_id"))
        .col(C::text("outcome"))
        .col(C::uuid("supplier_id").optional())
        .col(C::date("decided_on"))
        .col(C::text("motive").optional())
        .col(C::big("estimate_cents").optional())
        .col(C::big("amount_cents").optional())
        .col(C::integer("version"))
        .unique(&["owner_id", "procedure_id", "lot_id"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "procedure_id"],
            "procedure",
            &["owner_id", "id"],
        )
        .refers(&["owner_id", "lot_id"], "lot", &["owner_id", "id"])
        .refers(
            &["owner_id", "supplier_id"],
            "supplier",
            &["owner_id", "id"],
        )
}

fn award_price() -> TableOf {
    TableOf::named("award_price")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("award_id"))
        .col(C::uuid("item_id"))
        .col(C::big("unit_price_micro"))
        .col(C::big("individual_price_micro").optional())
        .col(C::text("tax_category"))
        .col(C::integer("tax_rate_bp"))
        .unique(&["owner_id", "award_id", "item_id"])
        .refers(&["owner_id", "award_id"], "award", &["owner_id", "id"])
        .refers(&["owner_id", "item_id"], "item", &["owner_id", "id"])
        .check("unit_price_micro >= 0")
        .check("tax_rate_bp BETWEEN 0 AND 10000")
}

fn contract() -> TableOf {
    TableOf::named("contract")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("award_id").optional())
        .col(C::uuid("lot_id").optional())
        .col(C::uuid("supplier_id"))
        .col(C::text("number"))
        .col(C::text("title"))
        .col(C::text("state"))
        .col(C::date("notified_on"))
        .col(C::date("starts_on").optional())
        .col(C::date("ends_on").optional())
        .col(C::integer("duration_months").optional())
        .col(C::integer("renewals"))
        .col(C::big("minimum_cents").optional())
        .col(C::big("maximum_cents").optional())
        .col(C::text("revision_clause").optional())
        .col(C::instant("created_at"))
        .col(C::text("search_text"))
        .col(C::integer("version"))
        .unique(&["owner_id", "number"])
        .unique(&["owner_id", "award_id"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(&["owner_id", "award_id"], "award", &["owner_id", "id"])
        .refers(&["owner_id", "lot_id"], "lot", &["owner_id", "id"])
        .refers(
            &["owner_id", "supplier_id"],
            "supplier",
            &["owner_id", "id"],
        )
        .check("renewals >= 0")
        .check("minimum_cents IS NULL OR minimum_cents >= 0")
        .check("maximum_cents IS NULL OR maximum_cents >= 0")
}
