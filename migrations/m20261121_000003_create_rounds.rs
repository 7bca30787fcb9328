//! Groupings, agreements and memberships; rounds, lots, items and needs.

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
        grouping(),
        grouping_coordinator(),
        grouping_agreement(),
        membership(),
        round(),
        lot(),
        item(),
        membership_lot(),
        declaration(),
        need_draft(),
        need(),
    ]
}

fn grouping() -> TableOf {
    TableOf::named("grouping")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("title"))
        .col(C::text("kind"))
        .col(C::text("family"))
        .col(C::text("legal_basis"))
        .col(C::text("statutes_reference").optional())
        .col(C::text("regime"))
        .col(C::text("state"))
        .col(C::instant("created_at"))
        .col(C::text("sort_key"))
        .col(C::text("search_text"))
        .col(C::integer("version"))
        .unique(&["owner_id", "id"])
        .refers(&["owner_id"], "organisation", &["id"])
        .index(&["owner_id", "sort_key"])
}

fn grouping_coordinator() -> TableOf {
    TableOf::named("grouping_coordinator")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("organisation_id"))
        .col(C::text("phase"))
        .unique(&["owner_id", "grouping_id", "phase", "organisation_id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(&["organisation_id"], "organisation", &["id"])
}

fn grouping_agreement() -> TableOf {
    TableOf::named("grouping_agreement")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::integer("number"))
        .col(C::text("object"))
        .col(C::date("starts_on"))
        .col(C::date("ends_on").optional())
        .col(C::date("signed_on").optional())
        .col(C::text("deliberation").optional())
        .col(C::text("rule_text").optional())
        .col(C::text("vat_policy"))
        .col(C::text("fee_text").optional())
        .col(C::instant("created_at"))
        .col(C::integer("version"))
        .unique(&["owner_id", "grouping_id", "number"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .check("number >= 1")
        .check("ends_on IS NULL OR ends_on >= starts_on")
}

fn membership() -> TableOf {
    TableOf::named("membership")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::uuid("member_id"))
        .col(C::text("state"))
        .col(C::text("decision_kind").optional())
        .col(C::text("decision_number").optional())
        .col(C::date("decision_on").optional())
        .col(C::date("transmitted_on").optional())
        .col(C::date("signed_on").optional())
        .col(C::date("joined_on").optional())
        .col(C::date("leave_asked_on").optional())
        .col(C::date("left_on").optional())
        .col(C::boolean("all_lots"))
        .col(C::integer("version"))
        .unique(&["owner_id", "grouping_id", "member_id"])
        .unique(&["owner_id", "id"])
        .refers(
            &["owner_id", "grouping_id"],
            "grouping",
            &["owner_id", "id"],
        )
        .refers(&["member_id"], "organisation", &["id"])
        .index(&["member_id"])
}

fn round() -> TableOf {
    TableOf::named("round")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id"))
        .col(C::text("title"))
        .col(C::text("state"))
        .col(C::instant("deadline"))
        .col(C::text("note").optional())
        .col(C::boolean("with_most"))
        .col(C::boolean("with_commitment"))
        .col(C::boolean("with_site"))
        .col(C::boolean("with_comment"))
        .col(C::boolean("shows_others"))
        .col(C::date("launch_planned_on").optional())
        .col(C::uuid("previous_round_id").optional())
        .col(C::integer("opening"))
        .col(C::instant("opened_at").optional())
        .col(C::instant("closed_at").optional())
        .col(C::text("closed_by_kind").optional())
        .col(C::uuid("closed_by_id").optional())
        .col(C::text("reopen_motive").optional())
        .col(C::integer("conditions_version"))
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
        .check("opening >= 0")
        .check("conditions_version >= 0")
        .index(&["owner_id", "state", "deadline"])
        .index(&["state", "deadline"])
}

fn lot() -> TableOf {
    TableOf::named("lot")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("round_id"))
        .col(C::integer("number"))
        .col(C::text("title"))
        .col(C::integer("version"))
        .unique(&["owner_id", "round_id", "number"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
        .check("number >= 1")
}

fn item() -> TableOf {
    TableOf::named("item")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("round_id"))
        .col(C::uuid("lot_id"))
        .col(C::integer("number"))
        .col(C::text("title"))
        .col(C::text("unit"))
        .col(C::text("tax_category"))
        .col(C::integer("tax_rate_bp"))
        .col(C::big("unit_price_micro").optional())
        .col(C::big("step_milli"))
        .col(C::integer("conditions_version"))
        .col(C::boolean("removed"))
        .col(C::integer("version"))
        .unique(&["owner_id", "lot_id", "number"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
        .refers(&["owner_id", "lot_id"], "lot", &["owner_id", "id"])
        .check("number >= 1")
        .check("tax_rate_bp BETWEEN 0 AND 10000")
        .check("unit_price_micro IS NULL OR unit_price_micro >= 0")
        .check("step_milli > 0")
}

fn membership_lot() -> TableOf {
    TableOf::named("membership_lot")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("membership_id"))
        .col(C::uuid("lot_id"))
        .unique(&["owner_id", "membership_id", "lot_id"])
        .refers(
            &["owner_id", "membership_id"],
            "membership",
            &["owner_id", "id"],
        )
        .refers(&["owner_id", "lot_id"], "lot", &["owner_id", "id"])
}

fn declaration() -> TableOf {
    TableOf::named("declaration")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("round_id"))
        .col(C::uuid("member_id"))
        .col(C::text("state"))
        .col(C::integer("revision"))
        .col(C::integer("conditions_version"))
        .col(C::boolean("to_reconfirm"))
        .col(C::instant("open_until").optional())
        .col(C::instant("submitted_at").optional())
        .col(C::uuid("submitted_by").optional())
        .col(C::boolean("entered_for"))
        .col(C::text("entered_note").optional())
        .col(C::instant("started_at").optional())
        .col(C::integer("version"))
        .unique(&["owner_id", "round_id", "member_id"])
        .unique(&["owner_id", "id"])
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
        .refers(&["member_id"], "organisation", &["id"])
        .check("revision >= 0")
        .index(&["member_id", "state"])
}

fn need_draft() -> TableOf {
    TableOf::named("need_draft")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("round_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("item_id"))
        .col(C::text("line_key"))
        .col(C::big("quantity_milli").optional())
        .col(C::big("most_milli").optional())
        .col(C::text("commitment"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("comment").optional())
        .col(C::text("typed").optional())
        .col(C::instant("saved_at"))
        .col(C::uuid("saved_by").optional())
        .col(C::integer("version"))
        .unique(&["owner_id", "round_id", "member_id", "item_id", "line_key"])
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
        .refers(&["owner_id", "item_id"], "item", &["owner_id", "id"])
        .check("quantity_milli IS NULL OR quantity_milli >= 0")
        .check("most_milli IS NULL OR most_milli >= 0")
}

fn need() -> TableOf {
    TableOf::named("need")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("round_id"))
        .col(C::uuid("member_id"))
        .col(C::uuid("item_id"))
        .col(C::text("line_key"))
        .col(C::uuid("site_id").optional())
        .col(C::uuid("budget_id").optional())
        .col(C::big("quantity_milli"))
        .col(C::big("most_milli").optional())
        .col(C::text("commitment"))
        .col(C::text("comment").optional())
        .col(C::integer("revision"))
        .col(C::integer("version"))
        .unique(&["owner_id", "round_id", "member_id", "item_id", "line_key"])
        .refers(&["owner_id", "round_id"], "round", &["owner_id", "id"])
        .refers(&["owner_id", "item_id"], "item", &["owner_id", "id"])
        .refers(&["member_id"], "organisation", &["id"])
        .check("quantity_milli >= 0")
        .check("most_milli IS NULL OR most_milli >= quantity_milli")
        .check("revision >= 1")
        .index(&["owner_id", "round_id", "item_id"])
}
