//! Checks that nothing was changed behind the application's back, and that the books balance.
//!
//! Faults are named in English by table and row: they are for the operator, who will open the
//! database with them.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::text::hex;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    StoreError, View,
    journal::{line_hash, rows_hash},
    rows::{self, file, file_chunk, journal_head, journal_line, journal_row},
    seals,
    write::{Audited, row_hash},
};

mod carry;

/// One check: what it is about, how much it looked at, what it found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name: `journal.chains`, `rows.grouping`, `books.shares`.
    pub name: String,
    pub examined: usize,
    pub faults: Vec<String>,
}

/// Rows read at a time.
const BATCH_ROWS: u64 = 1_000;

/// Every check, on one picture of the database; `told` hears of each as soon as it is done.
///
/// # Errors
/// Whatever the database says; what it holds is reported, never an error.
pub async fn run(
    view: &View,
    mut told: impl FnMut(&Check) + Send,
) -> Result<Vec<Check>, StoreError> {
    let mut checks = Vec::new();
    let mut add = |check: Check| {
        told(&check);
        checks.push(check);
    };
    add(chains(view).await?);
    add(seals_check(view).await?);
    macro_rules! rows_of {
        ($table:ident) => {
            add(table::<rows::$table::Entity>(view).await?);
        };
    }
    rows::for_each_audited!(rows_of);
    add(files(view).await?);
    for (name, sql) in BOOKS {
        add(book(view, name, sql).await?);
    }
    add(carry::check(view).await?);
    Ok(checks)
}

/// How many checks `run` makes.
#[must_use]
pub fn checks_total() -> usize {
    let mut total = 4 + BOOKS.len();
    macro_rules! count {
        ($table:ident) => {
            total += 1;
        };
    }
    rows::for_each_audited!(count);
    total
}

/// Each line follows the one before, hashes to what it says, and so do the rows it lists.
async fn chains(view: &View) -> Result<Check, StoreError> {
    let (mut examined, mut faults) = (0, Vec::new());
    for head in journal_head::Entity::find().all(&view.0).await? {
        let (mut seq, mut hash) = (0_i64, String::new());
        loop {
            let lines = journal_line::Entity::find()
                .filter(journal_line::Column::ScopeId.eq(head.scope_id))
                .filter(journal_line::Column::Seq.gt(seq))
                .order_by_asc(journal_line::Column::Seq)
                .limit(BATCH_ROWS)
                .all(&view.0)
                .await?;
            if lines.is_empty() {
                break;
            }
            for line in lines {
                let place = format!("journal_line {}/{}", line.scope_id, line.seq);
                if line.seq != seq + 1 || line.prev_hash != hash {
                    faults.push(format!("{place}: not linked to the line before"));
                }
                if line_hash(&line) != line.hash {
                    faults.push(format!("{place}: its hash does not match"));
                }
                if listed_rows(view, &line).await? != line.rows_hash {
                    faults.push(format!("{place}: the rows it lists do not match"));
                }
                (seq, hash) = (line.seq, line.hash);
                examined += 1;
            }
        }
        if (seq, &hash) != (head.seq, &head.hash) {
            faults.push(format!(
                "journal_head {}: the last line is missing",
                head.scope_id
            ));
        }
    }
    Ok(Check {
        name: "journal.chains".to_owned(),
        examined,
        faults,
    })
}

async fn listed_rows(view: &View, line: &journal_line::Model) -> Result<String, StoreError> {
    let mut listed = journal_row::Entity::find()
        .filter(journal_row::Column::ScopeId.eq(line.scope_id))
        .filter(journal_row::Column::Seq.eq(line.seq))
        .all(&view.0)
        .await?;
    // Sorted here: the two engines do not sort text alike.
    listed.sort_by(|a, b| (&a.table_name, a.row_id).cmp(&(&b.table_name, b.row_id)));
    Ok(rows_hash(listed.iter().map(|r| {
        (r.table_name.as_str(), r.row_id, r.row_hash.as_str())
    })))
}

async fn seals_check(view: &View) -> Result<Check, StoreError> {
    let (examined, faults) = seals::faults(view).await?;
    Ok(Check {
        name: "journal.seals".to_owned(),
        examined,
        faults,
    })
}

/// Each row is as the journal last wrote it; none is missing, none came from elsewhere.
async fn table<E>(view: &View) -> Result<Check, StoreError>
where
    E: EntityTrait,
    E::Model: Audited<Entity = E> + FromQueryResult + Send + Sync,
{
    let name = E::Model::TABLE;
    let mut expected = last_written(view, name).await?;
    let (mut examined, mut faults) = (0, Vec::new());
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = E::find();
        if let Some(after) = after {
            query = query.filter(E::Model::id_column().gt(after));
        }
        let found = query
            .order_by(E::Model::id_column(), Order::Asc)
            .limit(BATCH_ROWS)
            .all(&view.0)
            .await?;
        let Some(last) = found.last() else { break };
        after = Some(last.row_id());
        for row in &found {
            examined += 1;
            let (id, hash) = (row.row_id(), row_hash(row)?);
            match expected.remove(&id) {
                None => faults.push(format!("{name} {id}: unknown to the journal")),
                Some(written) if !written.allows(&hash) => {
                    faults.push(format!("{name} {id}: changed outside the application"));
                }
                Some(_) => {}
            }
        }
    }
    for (id, written) in expected {
        if !written.allows("") {
            faults.push(format!("{name} {id}: missing"));
        }
    }
    Ok(Check {
        name: format!("rows.{name}"),
        examined,
        faults,
    })
}

/// The last hashes of a row; several when two scopes wrote it in the same microsecond.
struct LastWritten {
    at: DateTime<Utc>,
    hashes: Vec<(Uuid, i64, String)>,
}

impl LastWritten {
    fn allows(&self, hash: &str) -> bool {
        self.hashes.iter().any(|(_, _, h)| h == hash)
    }

    fn add(&mut self, line: &journal_row::Model) {
        if line.at > self.at {
            self.hashes.clear();
            self.at = line.at;
        }
        if line.at < self.at {
            return;
        }
        let same_scope = self
            .hashes
            .iter_mut()
            .find(|(scope, _, _)| *scope == line.scope_id);
        match same_scope {
            Some(known) if known.1 < line.seq => {
                *known = (line.scope_id, line.seq, line.row_hash.clone());
            }
            Some(_) => {}
            None => self
                .hashes
                .push((line.scope_id, line.seq, line.row_hash.clone())),
        }
    }
}

async fn last_written(
    view: &View,
    name: &'static str,
) -> Result<BTreeMap<Uuid, LastWritten>, StoreError> {
    let mut last: BTreeMap<Uuid, LastWritten> = BTreeMap::new();
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = journal_row::Entity::find().filter(journal_row::Column::TableName.eq(name));
        if let Some(after) = after {
            query = query.filter(journal_row::Column::RowId.gt(after));
        }
        let ids: Vec<Uuid> = query
            .select_only()
            .column(journal_row::Column::RowId)
            .distinct()
            .order_by_asc(journal_row::Column::RowId)
            .limit(BATCH_ROWS)
            .into_tuple()
            .all(&view.0)
            .await?;
        let Some(end) = ids.last().copied() else {
            return Ok(last);
        };
        let mut lines = journal_row::Entity::find().filter(journal_row::Column::TableName.eq(name));
        if let Some(after) = after {
            lines = lines.filter(journal_row::Column::RowId.gt(after));
        }
        for line in lines
            .filter(journal_row::Column::RowId.lte(end))
            .all(&view.0)
            .await?
        {
            last.entry(line.row_id)
                .or_insert_with(|| LastWritten {
                    at: line.at,
                    hashes: Vec::new(),
                })
                .add(&line);
        }
        after = Some(end);
    }
}

/// Each file's bytes hash to what its row says.
async fn files(view: &View) -> Result<Check, StoreError> {
    let (mut examined, mut faults) = (0, Vec::new());
    for known in file::Entity::find().all(&view.0).await? {
        let (mut digest, mut position) = (Sha256::new(), 0);
        while let Some(chunk) = file_chunk::Entity::find_by_id((known.id, position))
            .one(&view.0)
            .await?
        {
            digest.update(&chunk.bytes);
            position += 1;
        }
        examined += 1;
        if hex(digest.finalize()) != known.sha256 {
            faults.push(format!("file {}: its bytes changed", known.id));
        }
    }
    Ok(Check {
        name: "files.bytes".to_owned(),
        examined,
        faults,
    })
}

/// Each query lists the objects that break an invariant of the books, one text column `fault`.
const BOOKS: [(&str, &str); 8] = [
    (
        "books.invoices",
        "SELECT 'invoice ' || i.number || ': lines or taxes differ from its totals' AS fault \
         FROM invoice i WHERE i.state <> 'received' AND ( \
         i.net_cents <> (SELECT CAST(COALESCE(SUM(l.net_cents), 0) AS BIGINT) \
            FROM invoice_line l WHERE l.owner_id = i.owner_id AND l.invoice_id = i.id) OR \
         i.tax_cents <> (SELECT CAST(COALESCE(SUM(t.tax_cents), 0) AS BIGINT) \
            FROM invoice_tax t WHERE t.owner_id = i.owner_id AND t.invoice_id = i.id))",
    ),
    (
        "books.shares",
        "SELECT 'allocation of invoice ' || i.number || ', run ' || CAST(a.run AS TEXT) \
            || ': shares differ from the invoice' AS fault \
         FROM allocation a JOIN invoice i ON i.owner_id = a.owner_id AND i.id = a.invoice_id \
         WHERE a.net_cents <> i.net_cents OR a.tax_cents <> i.tax_cents OR \
         a.net_cents <> (SELECT CAST(COALESCE(SUM(s.net_cents), 0) AS BIGINT) \
            FROM share s WHERE s.owner_id = a.owner_id AND s.allocation_id = a.id) OR \
         a.tax_cents <> (SELECT CAST(COALESCE(SUM(t.tax_cents), 0) AS BIGINT) \
            FROM share_tax t WHERE t.owner_id = a.owner_id AND t.allocation_id = a.id)",
    ),
    (
        "books.lines",
        "SELECT 'invoice_line ' || CAST(l.position AS TEXT) || ' of invoice ' || i.number \
            || ', run ' || CAST(a.run AS TEXT) || ': shares differ from the line' AS fault \
         FROM allocation a JOIN invoice i ON i.owner_id = a.owner_id AND i.id = a.invoice_id \
         JOIN invoice_line l ON l.owner_id = i.owner_id AND l.invoice_id = i.id \
         WHERE l.net_cents <> (SELECT CAST(COALESCE(SUM(s.net_cents), 0) AS BIGINT) FROM share s \
            WHERE s.owner_id = a.owner_id AND s.allocation_id = a.id AND s.line_id = l.id)",
    ),
    (
        "books.statements",
        "SELECT 'statement ' || d.number || ': differs from its shares' AS fault \
         FROM statement d WHERE d.net_cents <> (SELECT CAST(COALESCE(SUM(s.net_cents), 0) AS BIGINT) \
            FROM share s WHERE s.owner_id = d.owner_id AND s.allocation_id = d.allocation_id \
            AND s.case_id = d.case_id) OR \
         d.tax_cents <> (SELECT CAST(COALESCE(SUM(t.tax_cents), 0) AS BIGINT) \
            FROM share_tax t WHERE t.owner_id = d.owner_id AND t.allocation_id = d.allocation_id \
            AND t.case_id = d.case_id)",
    ),
    (
        "books.dues",
        "SELECT 'statements of ' || MIN(d.number) || ': differ from the entries of their run' AS fault \
         FROM statement d WHERE EXISTS (SELECT 1 FROM entry e WHERE e.owner_id = d.owner_id \
            AND e.source_kind = 'allocation' AND e.source_id = d.allocation_id) \
         GROUP BY d.owner_id, d.allocation_id, d.member_id \
         HAVING SUM(d.gross_cents) <> (SELECT COALESCE(SUM(e.cents), 0) FROM entry e \
            WHERE e.owner_id = d.owner_id AND e.source_kind = 'allocation' AND e.kind = 'due' \
            AND e.source_id = d.allocation_id AND e.member_id = d.member_id)",
    ),
    (
        "books.orders",
        "SELECT 'recovery order ' || r.number || ': differs from its entries' AS fault \
         FROM recovery_order r \
         WHERE CASE r.state WHEN 'cancelled' THEN 0 ELSE r.cents - r.reduced_cents END <> \
         -(SELECT COALESCE(SUM(e.cents), 0) FROM entry e WHERE e.owner_id = r.owner_id \
            AND e.source_kind = 'recovery_order' AND e.source_id = r.id)",
    ),
    (
        "books.corrections",
        "SELECT 'correction ' || c.number || ': differs from its entries' AS fault \
         FROM correction c \
         WHERE CASE WHEN c.state = 'done' AND c.kind = 'payout' THEN c.cents ELSE 0 END <> \
         (SELECT COALESCE(SUM(e.cents), 0) FROM entry e WHERE e.owner_id = c.owner_id \
            AND e.source_kind = 'correction' AND e.source_id = c.id)",
    ),
    (
        "books.needs",
        "SELECT 'need of a member that did not submit, in round ' || r.title AS fault \
         FROM need n JOIN round r ON r.owner_id = n.owner_id AND r.id = n.round_id \
         WHERE NOT EXISTS (SELECT 1 FROM declaration d WHERE d.owner_id = n.owner_id \
            AND d.round_id = n.round_id AND d.member_id = n.member_id AND d.revision >= 1)",
    ),
];

async fn book(view: &View, name: &str, sql: &str) -> Result<Check, StoreError> {
    let backend = view.0.get_database_backend();
    let found = view
        .0
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    let mut faults = Vec::with_capacity(found.len());
    for row in found {
        faults.push(row.try_get::<String>("", "fault")?);
    }
    Ok(Check {
        name: name.to_owned(),
        examined: 1,
        faults,
    })
}
