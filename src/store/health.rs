//! What a failing disk does to the process.
//!
//! On `SQLITE_FULL` or `SQLITE_IOERR`, SQLite rolls back by itself, sqlx goes on believing in its
//! transaction, and later "commits" are savepoints that never reach the disk. So the first such
//! answer condemns the process: no write is accepted any more, and `serve` stops.
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::{DbErr, RuntimeErr};

/// Process-wide because the disk is: every store of the process lives on it.
static CONDEMNED: AtomicBool = AtomicBool::new(false);

const SQLITE_BUSY: i32 = 5;
const SQLITE_IOERR: i32 = 10;
const SQLITE_FULL: i32 = 13;

/// Stops every further write of this process.
pub fn condemn() {
    if !CONDEMNED.swap(true, Ordering::SeqCst) {
        tracing::error!("The disk failed or is full: no write is accepted until a restart");
    }
}

/// Whether a disk failure was seen.
#[must_use]
pub fn condemned() -> bool {
    CONDEMNED.load(Ordering::SeqCst)
}

pub(super) fn is_disk_failure(error: &DbErr) -> bool {
    matches!(sqlite_code(error), Some(SQLITE_IOERR | SQLITE_FULL))
}

/// Serialisation failures, deadlocks and lock time-outs: trying again may succeed.
pub(super) fn is_contention(error: &DbErr) -> bool {
    sqlite_code(error) == Some(SQLITE_BUSY)
        || postgres_code(error).is_some_and(|c| matches!(c.as_str(), "40001" | "40P01" | "55P03"))
}

fn sqlite_code(error: &DbErr) -> Option<i32> {
    let code: i32 = code_of::<sea_orm::sqlx::sqlite::SqliteError>(error)?
        .parse()
        .ok()?;
    Some(code & 0xff) // extended codes keep the primary one in their low byte
}

fn postgres_code(error: &DbErr) -> Option<String> {
    code_of::<sea_orm::sqlx::postgres::PgDatabaseError>(error)
}

fn code_of<E: sea_orm::sqlx::error::DatabaseError>(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(source) | DbErr::Exec(source) | DbErr::Query(source)) = error else {
        return None;
    };
    let RuntimeErr::SqlxError(source) = source else {
        return None;
    };
    let database = source.as_database_error()?;
    database.try_downcast_ref::<E>()?;
    database.code().map(std::borrow::Cow::into_owned)
}
