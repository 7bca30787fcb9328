//! What every action writes beside its own rows: journal, operations, outbox, jobs, files, entries.

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
        schema_info(),
        journal_head(),
        journal_line(),
        journal_row(),
        journal_seal(),
        journal_seal_head(),
        operation(),
        outbox(),
        job(),
        file(),
        file_chunk(),
        attachment(),
        entry(),
    ]
}

fn schema_info() -> TableOf {
    TableOf::named("schema_info")
        .col(C::integer("id"))
        .col(C::text("min_app"))
        .col(C::boolean("demo"))
        .col(C::instant("updated_at"))
        .key(&["id"])
}

fn journal_head() -> TableOf {
    TableOf::named("journal_head")
        .col(C::uuid("scope_id"))
        .col(C::text("kind"))
        .col(C::big("seq"))
        .col(C::text("hash"))
        .key(&["scope_id"])
}

fn journal_line() -> TableOf {
    TableOf::named("journal_line")
        .col(C::uuid("scope_id"))
        .col(C::big("seq"))
        .col(C::instant("at"))
        .col(C::text("actor_kind"))
        .col(C::uuid("actor_id").optional())
        .col(C::text("action"))
        .col(C::text("subject_kind"))
        .col(C::uuid("subject_id").optional())
        .col(C::text("detail"))
        .col(C::text("rows_hash"))
        .col(C::text("prev_hash"))
        .col(C::text("hash"))
        .key(&["scope_id", "seq"])
        .index(&["subject_kind", "subject_id"])
        .index(&["actor_id", "at"])
}

fn journal_row() -> TableOf {
    TableOf::named("journal_row")
        .col(C::uuid("scope_id"))
        .col(C::big("seq"))
        .col(C::text("table_name"))
        .col(C::uuid("row_id"))
        .col(C::instant("at"))
        .col(C::text("row_hash"))
        .key(&["scope_id", "seq", "table_name", "row_id"])
        .refers(&["scope_id", "seq"], "journal_line", &["scope_id", "seq"])
        .index(&["table_name", "row_id", "at"])
}

fn journal_seal() -> TableOf {
    TableOf::named("journal_seal")
        .col(C::date("day"))
        .col(C::big("seq"))
        .col(C::text("heads_hash"))
        .col(C::text("prev_hash"))
        .col(C::text("hash"))
        .col(C::instant("sealed_at"))
        .key(&["day"])
        .unique(&["seq"])
}

fn journal_seal_head() -> TableOf {
    TableOf::named("journal_seal_head")
        .col(C::date("day"))
        .col(C::uuid("scope_id"))
        .col(C::big("seq"))
        .col(C::text("hash"))
        .key(&["day", "scope_id"])
        .refers(&["day"], "journal_seal", &["day"])
}

fn operation() -> TableOf {
    TableOf::named("operation")
        .col(C::uuid("actor_id"))
        .col(C::text("key"))
        .col(C::text("request_hash"))
        .col(C::text("action"))
        .col(C::text("subject_kind"))
        .col(C::uuid("subject_id").optional())
        .col(C::text("outcome"))
        .col(C::instant("at"))
        .key(&["actor_id", "key"])
        .index(&["at"])
}

fn outbox() -> TableOf {
    TableOf::named("outbox")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("dedup_key"))
        .col(C::text("kind"))
        .col(C::uuid("recipient_organisation_id").optional())
        .col(C::uuid("recipient_user_id").optional())
        .col(C::text("recipient_email").optional())
        .col(C::text("subject_kind"))
        .col(C::uuid("subject_id").optional())
        .col(C::integer("subject_version"))
        .col(C::text("notice"))
        .col(C::instant("due_at"))
        .col(C::instant("not_after"))
        .col(C::text("state"))
        .col(C::integer("attempts"))
        .col(C::instant("lease_until").optional())
        .col(C::text("leased_by").optional())
        .col(C::text("message_id").optional())
        .col(C::bytes("letter").optional())
        .col(C::instant("sent_at").optional())
        .col(C::text("last_error").optional())
        .col(C::instant("created_at"))
        .unique(&["dedup_key"])
        .check("attempts >= 0")
        .index(&["state", "due_at"])
        .index(&["owner_id", "subject_kind", "subject_id"])
}

fn job() -> TableOf {
    TableOf::named("job")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("actor_id"))
        .col(C::text("kind"))
        .col(C::text("state"))
        .col(C::uuid("input_file_id").optional())
        .col(C::text("params"))
        .col(C::big("progress_done"))
        .col(C::big("progress_total"))
        .col(C::integer("attempts"))
        .col(C::instant("lease_until").optional())
        .col(C::text("leased_by").optional())
        .col(C::text("result").optional())
        .col(C::instant("created_at"))
        .col(C::instant("finished_at").optional())
        .col(C::integer("version"))
        .check("progress_done >= 0")
        .check("progress_total >= 0")
        .index(&["state", "created_at"])
        .index(&["owner_id", "created_at"])
}

fn file() -> TableOf {
    TableOf::named("file")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("sha256"))
        .col(C::text("media_type"))
        .col(C::big("size_bytes"))
        .col(C::text("name"))
        .col(C::instant("created_at"))
        .col(C::uuid("created_by").optional())
        .unique(&["owner_id", "id"])
        .check("size_bytes >= 0")
}

fn file_chunk() -> TableOf {
    TableOf::named("file_chunk")
        .col(C::uuid("file_id"))
        .col(C::integer("position"))
        .col(C::bytes("bytes"))
        .key(&["file_id", "position"])
        .refers(&["file_id"], "file", &["id"])
}

fn attachment() -> TableOf {
    TableOf::named("attachment")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::text("subject_kind"))
        .col(C::uuid("subject_id"))
        .col(C::uuid("file_id"))
        .col(C::text("kind"))
        .col(C::text("label"))
        .col(C::instant("added_at"))
        .col(C::uuid("added_by").optional())
        .col(C::instant("removed_at").optional())
        .col(C::integer("version"))
        .refers(&["owner_id", "file_id"], "file", &["owner_id", "id"])
        .index(&["subject_kind", "subject_id"])
}

fn entry() -> TableOf {
    TableOf::named("entry")
        .id()
        .col(C::uuid("owner_id"))
        .col(C::uuid("grouping_id").optional())
        .col(C::uuid("member_id"))
        .col(C::uuid("budget_id").optional())
        .col(C::text("kind"))
        .col(C::big("cents"))
        .col(C::text("source_kind"))
        .col(C::uuid("source_id"))
        .col(C::instant("at"))
        .check("cents BETWEEN -900000000000000000 AND 900000000000000000")
        .index(&["owner_id", "grouping_id", "member_id"])
        .index(&["source_kind", "source_id"])
}
