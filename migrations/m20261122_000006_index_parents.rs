//! The children of a row are found by its identifier alone, without reading the whole table.
//!
//! The unique keys begin with `owner_id`, which guards one owner's data from another's; queries
//! that come from a parent row know only its identifier.
use sea_orm_migration::prelude::*;

use crate::tables::add_index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true) // SQLite would otherwise keep half a migration after a failure.
    }

    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            add_index(schema, table, columns).await?;
        }
        Ok(())
    }
}

const INDEXES: &[(&str, &[&str])] = &[
    ("allocation", &["invoice_id", "run"]),
    ("allocation_key", &["grouping_id"]),
    ("allocation_key_value", &["key_id"]),
    ("allocation_key_value", &["member_id"]),
    ("attachment", &["file_id"]),
    ("award", &["lot_id"]),
    ("award", &["procedure_id"]),
    ("award", &["supplier_id"]),
    ("award_price", &["award_id"]),
    ("award_price", &["item_id"]),
    ("contract", &["award_id"]),
    ("contract", &["grouping_id"]),
    ("contract", &["lot_id"]),
    ("contract", &["supplier_id"]),
    ("declaration", &["round_id", "member_id"]),
    ("delivered", &["invoice_id"]),
    ("delivered", &["line_id"]),
    ("delivered", &["member_id"]),
    ("grouping_agreement", &["grouping_id"]),
    ("grouping_coordinator", &["grouping_id"]),
    ("grouping_coordinator", &["organisation_id"]),
    ("invoice", &["contract_id"]),
    ("invoice", &["grouping_id"]),
    ("invoice", &["supplier_id", "number"]),
    ("invoice_line", &["invoice_id"]),
    ("invoice_tax", &["invoice_id"]),
    ("item", &["lot_id"]),
    ("item", &["round_id"]),
    ("journal_line", &["scope_id", "at"]),
    ("login_link", &["user_id"]),
    ("lot", &["round_id"]),
    ("membership", &["grouping_id", "member_id"]),
    ("membership_lot", &["lot_id"]),
    ("membership_lot", &["membership_id"]),
    ("need", &["item_id"]),
    ("need", &["member_id"]),
    ("need", &["round_id", "member_id"]),
    ("need_draft", &["item_id"]),
    ("need_draft", &["round_id", "member_id"]),
    ("procedure", &["grouping_id"]),
    ("procedure_round", &["procedure_id"]),
    ("procedure_round", &["round_id"]),
    ("recovery_order", &["grouping_id"]),
    ("round", &["grouping_id"]),
    ("set_aside", &["member_id"]),
    ("set_aside", &["procedure_id"]),
    ("share", &["allocation_id"]),
    ("share", &["line_id"]),
    ("share", &["member_id"]),
    ("share_tax", &["allocation_id"]),
    ("share_tax", &["member_id"]),
    ("statement", &["allocation_id"]),
];
