//! The only room that speaks SQL. Everything else receives domain values.
//!
//! Reads go through a [`View`], one consistent picture; writes through a [`Tx`], which carries the
//! name of who acts and adds a line to the journal when it commits. What is not business (leases,
//! sessions, cells being typed) is written by a [`SystemTx`], which the journal does not follow.
use std::{ops::Deref, sync::Mutex};

use chrono::{DateTime, Utc};
use domain::identity::UserId;
use sea_orm::{
    AccessMode, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    SqlErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use uuid::Uuid;

pub mod attachments;
pub mod audit;
pub mod budgets;
pub mod colleagues;
pub mod contacts;
pub mod engine;
pub mod entries;
pub mod files;
pub mod health;
pub mod history;
pub mod jobs;
pub mod journal;
pub mod operations;
pub mod organisations;
pub mod outbox;
mod paging;
pub mod populations;
pub mod purchasing;
mod rows;
pub mod seals;
pub mod sessions;
pub mod sites;
pub mod tokens;
pub mod users;
pub mod waiting;
mod write;

pub use journal::{Line, Scope};
pub use operations::{Begun, Done, OperationKey};
pub use paging::{InUseFirst, Start};

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no such row")]
    NotFound,
    #[error("the row changed since it was read")]
    Stale,
    /// A unique constraint; the name tells which.
    #[error("another row has the same value: {0}")]
    Taken(String),
    /// An operation key that was used for a different request.
    #[error("this operation key was used for another request")]
    OperationReused,
    #[error("column {column} holds {value:?}, which the domain does not know")]
    Corrupt { column: &'static str, value: String },
    #[error("the database is busy")]
    Busy,
    /// SQLite said FULL or IOERR: sqlx can no longer be trusted to know its transactions.
    #[error("the disk failed or is full")]
    DiskFailed,
    #[error("the database failed")]
    Database(#[source] DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if health::is_disk_failure(&error) {
            health::condemn();
            return Self::DiskFailed;
        }
        if let Some(SqlErr::UniqueConstraintViolation(name)) = error.sql_err() {
            return Self::Taken(name);
        }
        if matches!(error, DbErr::ConnectionAcquire(_)) || health::is_contention(&error) {
            return Self::Busy;
        }
        Self::Database(error)
    }
}

/// Two doors to one database: SQLite has one writer beside its readers, PostgreSQL one pool.
#[derive(Clone, Debug)]
pub struct Store {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

/// Who acts: a person, the passing of time, or someone at the server's command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorRef {
    User(UserId),
    Clock,
    Operator,
}

impl ActorRef {
    /// The name under which the journal knows this kind of actor.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Clock => "clock",
            Self::Operator => "operator",
        }
    }

    /// The opaque identifier in the journal; nil for those who are not users.
    #[must_use]
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.0),
            Self::Clock | Self::Operator => None,
        }
    }
}

/// Who is changing what, and when. Nobody opens a write transaction anonymously.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub actor: ActorRef,
    /// Noun and verb, `round.close`.
    pub action: &'static str,
    pub now: DateTime<Utc>,
    /// The client's key, when it sent one: the same key never acts twice.
    pub operation: Option<OperationKey>,
}

/// One consistent picture of the database. Reading functions take `&View`.
#[derive(Debug)]
pub struct View(DatabaseTransaction);

/// A view that may also write. Dropped without `commit`, it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    view: View,
    stamp: Stamp,
    written: Mutex<Vec<journal::Written>>,
}

/// Writes of the machinery, which the journal does not follow.
#[derive(Debug)]
pub struct SystemTx {
    view: View,
    now: DateTime<Utc>,
}

/// A transaction that may write rows outside the journal: either kind.
pub trait Writes: Deref<Target = View> + Sync {
    /// The one instant of this transaction.
    fn now(&self) -> DateTime<Utc>;
}

impl Deref for Tx {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Deref for SystemTx {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Writes for Tx {
    fn now(&self) -> DateTime<Utc> {
        self.stamp.now
    }
}

impl Writes for SystemTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

impl View {
    fn is_postgres(&self) -> bool {
        use sea_orm::ConnectionTrait;
        self.0.get_database_backend() == DatabaseBackend::Postgres
    }
}

impl Store {
    /// One picture: on PostgreSQL `REPEATABLE READ, READ ONLY`, since its default is not one.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no connection is free in time.
    pub async fn view(&self) -> Result<View, StoreError> {
        let postgres = self.is_postgres();
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: None,
        };
        Ok(View(self.read.begin_with_options(options).await?))
    }

    /// Opens the transaction of an action, or says that its operation was already done.
    ///
    /// # Errors
    /// [`StoreError::OperationReused`] when the key came with another request before.
    pub async fn write(&self, stamp: Stamp) -> Result<Begun, StoreError> {
        let view = self.begin_immediate().await?;
        let tx = Tx {
            view,
            stamp,
            written: Mutex::new(Vec::new()),
        };
        operations::claim(tx).await
    }

    /// Opens a write outside the journal: leases, sessions, attempts, cells being typed.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no connection is free in time.
    pub async fn system_write(&self, now: DateTime<Utc>) -> Result<SystemTx, StoreError> {
        Ok(SystemTx {
            view: self.begin_immediate().await?,
            now,
        })
    }

    /// Whether the database is PostgreSQL rather than the embedded SQLite.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.read.get_database_backend() == DatabaseBackend::Postgres
    }

    /// Takes SQLite's write lock at once: a read that later becomes a write would fail as busy.
    async fn begin_immediate(&self) -> Result<View, StoreError> {
        if health::condemned() {
            return Err(StoreError::DiskFailed);
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(View(self.write.begin_with_options(options).await?))
    }
}

impl SystemTx {
    /// Makes the writes durable.
    ///
    /// # Errors
    /// Whatever the database says; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.view.0.commit().await?)
    }
}
