//! Invoices, allocation keys, allocations, statements and recovery orders.

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
        invoice(),
        invoice_line(),
        invoice_tax(),
        delivered(),
        allocation_key(),
        allocation_key_value(),
        allocation(),
        share(),
        share_tax(),
        statement(),
        recovery_order(),
    ]
}

fn invoice() -> TableOf {
    TableOf::named("invoice")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("contract_id").optional())
        .col(C::uuid("supplier_id"))
        .col(C::text("kind"))
        .col(C::uuid("credited_invoice_id").optional())
        .col(C::text("number"))
        .col(C::text("title"))
        .col(C::date("issued_on"))
        .col(C::date("received_on"))
        .col(C::date("due_on"))
        .col(C::integer("issue_year"))
        .col(C::big("net_cents"))
        .col(C::big("tax_cents"))
        .col(C::big("gross_cents"))
        .col(C::text("state"))
        .col(C::integer("duplicate_rank"))
        .col(C::text("duplicate_motive").optional())
        .col(C::instant("checked_at").optional())
        .col(C::instant("created_at"))
        .col(C::text("search_text"))
        .col(C::integer("version"))
        .unique(&[
            "owner_id",
            "supplier_id",
            "number",
            "issue_year",
            "duplicate_rank",
        ])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(
            &["owner_id", "contract_id"],
            "contract",
            &["owner_id", "id"],
        )
        .refers(
            &["owner_id", "supplier_id"],
            "supplier",
            &["owner_id", "id"],
        )
        // As printed: a supplier's total may be wrong, and the check then says by how much.
        .check("gross_cents BETWEEN -900000000000000000 AND 900000000000000000")
        .check("net_cents BETWEEN -900000000000000000 AND 900000000000000000")
        .check("tax_cents BETWEEN -900000000000000000 AND 900000000000000000")
        .index(&["owner_id", "state", "due_on"])
}

fn invoice_line() -> TableOf {
    TableOf::named("invoice_line")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("invoice_id"))
        .col(C::integer("position"))
        .col(C::uuid("lot_id").optional())
        .col(C::uuid("item_id").optional())
        .col(C::text("label"))
        .col(C::big("quantity_milli").optional())
        .col(C::big("unit_price_micro").optional())
        .col(C::big("net_cents"))
        .col(C::text("tax_category"))
        .col(C::integer("tax_rate_bp"))
        .col(C::text("rule"))
        .col(C::uuid("key_id").optional())
        .unique(&["owner_id", "invoice_id", "position"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id", "invoice_id"], "invoice", &["owner_id", "id"])
        .check("position >= 1")
        .check("tax_rate_bp BETWEEN 0 AND 10000")
        .check("net_cents BETWEEN -900000000000000000 AND 900000000000000000")
}

fn invoice_tax() -> TableOf {
    TableOf::named("invoice_tax")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("invoice_id"))
        .col(C::text("tax_category"))
        .col(C::integer("tax_rate_bp"))
        .col(C::big("tax_cents"))
        .unique(&["owner_id", "invoice_id", "tax_category", "tax_rate_bp"])
        .refers(&["owner_id", "invoice_id"], "invoice", &["owner_id", "id"])
        .check("tax_rate_bp BETWEEN 0 AND 10000")
        .check("tax_cents BETWEEN -900000000000000000 AND 900000000000000000")
}

fn delivered() -> TableOf {
    TableOf::named("delivered")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("invoice_id"))
        .col(C::uuid("line_id"))
        .col(C::uuid("member_id"))
        // A budget's identifier, or nothing for the main one: an absent value is never a duplicate.
        .col(C::text("budget_key"))
        .col(C::big("quantity_milli"))
        .col(C::text("source"))
        .unique(&["owner_id", "line_id", "member_id", "budget_key"])
        .refers(&["owner_id", "invoice_id"], "invoice", &["owner_id", "id"])
        .refers(
            &["owner_id", "line_id"],
            "invoice_line",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
        .check("quantity_milli >= 0")
}

fn allocation_key() -> TableOf {
    TableOf::named("allocation_key")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::text("name"))
        .col(C::text("unit"))
        .col(C::text("source"))
        .col(C::date("dated_on"))
        .col(C::integer("version"))
        .unique(&["owner_id", "grouping_id", "name"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
}

fn allocation_key_value() -> TableOf {
    TableOf::named("allocation_key_value")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("key_id"))
        .col(C::uuid("member_id"))
        .col(C::text("value"))
        .unique(&["owner_id", "key_id", "member_id"])
        .refers(
            &["owner_id", "key_id"],
            "allocation_key",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
}

fn allocation() -> TableOf {
    TableOf::named("allocation")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("invoice_id"))
        .col(C::integer("run"))
        .col(C::text("algorithm"))
        .col(C::text("inputs"))
        .col(C::text("input_sha256"))
        .col(C::text("output_sha256"))
        .col(C::big("net_cents"))
        .col(C::big("tax_cents"))
        .col(C::big("gross_cents"))
        .col(C::instant("made_at"))
        .col(C::uuid("made_by").optional())
        .col(C::text("motive").optional())
        .unique(&["owner_id", "invoice_id", "run"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id", "invoice_id"], "invoice", &["owner_id", "id"])
        .check("run >= 1")
        .check("gross_cents = net_cents + tax_cents")
}

fn share() -> TableOf {
    TableOf::named("share")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("allocation_id"))
        .col(C::uuid("line_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("case_id"))
        .col(C::big("net_cents"))
        .col(C::text("section").optional())
        .col(C::text("account").optional())
        .unique(&["owner_id", "allocation_id", "line_id", "case_id"])
        .refers(
            &["owner_id", "allocation_id"],
            "allocation",
            &["owner_id", "id"],
        )
        .refers(
            &["owner_id", "line_id"],
            "invoice_line",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
}

fn share_tax() -> TableOf {
    TableOf::named("share_tax")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("allocation_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("case_id"))
        .col(C::text("tax_category"))
        .col(C::integer("tax_rate_bp"))
        .col(C::big("tax_cents"))
        .unique(&[
            "owner_id",
            "allocation_id",
            "case_id",
            "tax_category",
            "tax_rate_bp",
        ])
        .refers(
            &["owner_id", "allocation_id"],
            "allocation",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
}

fn statement() -> TableOf {
    TableOf::named("statement")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("allocation_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("case_id"))
        .col(C::text("number"))
        .col(C::big("net_cents"))
        .col(C::big("tax_cents"))
        .col(C::big("gross_cents"))
        .col(C::instant("made_at"))
        .unique(&["owner_id", "number"])
        .unique(&["owner_id", "allocation_id", "case_id"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "allocation_id"],
            "allocation",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
        .check("gross_cents = net_cents + tax_cents")
        .index(&["member_id", "made_at"])
}

fn recovery_order() -> TableOf {
    TableOf::named("recovery_order")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("number"))
        .col(C::text("state"))
        .col(C::big("cents"))
        .col(C::text("sources"))
        .col(C::text("titre_number").optional())
        .col(C::text("bordereau_number").optional())
        .col(C::date("issued_on").optional())
        .col(C::integer("exercice").optional())
        .col(C::big("reduced_cents"))
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["owner_id", "number"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
        .check("cents >= 0")
        .check("reduced_cents >= 0")
        .check("reduced_cents <= cents")
        .index(&["owner_id", "state"])
        .index(&["member_id"])
}
