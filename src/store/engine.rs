//! Opening, migrating and testing the database, on both engines.
use std::{path::Path, time::Duration};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait,
    IntoActiveModel, Statement,
    sea_query::Expr,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{Store, StoreError, View, Writes, rows::schema_info};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Access {
    /// `sqlite:///path/file.db` or `postgres://…`.
    pub url: String,
    /// Connections of this process.
    pub connections_max: u32,
    /// How long a request waits for a connection or a lock, in seconds.
    pub wait_s: u64,
}

/// The oldest application that may serve the schema of this version's migrations.
pub const MIN_APP: &str = "0.1.0";

/// Any advisory lock number will do, as long as every process uses the same.
const MIGRATION_LOCK: i64 = 0x656e_636f_6d6d;

impl Store {
    /// Connects; neither migrates nor tests.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(access: &Access) -> Result<Self, StoreError> {
        if access.url.starts_with("postgres") {
            let pool = Database::connect(options(access, access.connections_max)).await?;
            return Ok(Self {
                read: pool.clone(),
                write: pool,
            });
        }
        // The writer comes first: it creates the file and turns WAL on.
        let write = connect_sqlite(access, 1).await?;
        let read = connect_sqlite(access, access.connections_max.max(2)).await?;
        Ok(Self { read, write })
    }

    /// Brings the schema up to this version, in one transaction and under a lock.
    ///
    /// # Errors
    /// When a migration fails; then none was applied.
    pub async fn migrate(&self, now: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
        let tx = self.system_write(now).await?;
        if tx.is_postgres() {
            // A transaction's lock, since a session's would break behind a pooler.
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            tx.view.0.execute_unprepared(&lock).await?;
        }
        Migrator::up(&tx.view.0, None).await?;
        let known = schema_info::Entity::find_by_id(1).one(&tx.view.0).await?;
        let info = schema_info::Model {
            id: 1,
            demo: known.is_some_and(|info| info.demo),
            min_app: MIN_APP.to_owned(),
            updated_at: tx.now(),
        };
        schema_info::Entity::delete_by_id(1)
            .exec(&tx.view.0)
            .await?;
        schema_info::Entity::insert(info.into_active_model())
            .exec_without_returning(&tx.view.0)
            .await?;
        tx.commit().await
    }

    /// How many migrations of this version the database still lacks.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations(&self.write).await?.len())
    }

    /// Refuses a schema that only a newer application understands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] naming the version required.
    pub async fn check_schema(&self, version: &str) -> Result<(), StoreError> {
        let view = self.view().await?;
        let info = schema_info::Entity::find_by_id(1).one(&view.0).await?;
        let min_app = info.map_or_else(|| MIN_APP.to_owned(), |i| i.min_app);
        if numbers(&min_app) > numbers(version) {
            return Err(StoreError::Corrupt {
                column: "schema_info.min_app",
                value: min_app,
            });
        }
        Ok(())
    }

    /// Proves that the database keeps every digit, accent and microsecond.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with what came back.
    pub async fn self_test(&self, now: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
        let tx = self.system_write(now).await?;
        tx.view
            .0
            .execute_unprepared(
                "CREATE TEMPORARY TABLE self_test (big bigint, words text, at timestamptz)",
            )
            .await?;
        for big in [i64::MAX, i64::MIN, 9_007_199_254_740_993, -1, 0] {
            round_trip(&tx.view, big, now).await?;
        }
        Ok(()) // Dropped, not committed: the table never existed.
    }

    /// Says that this database holds a demonstration, whose personas sign in with one click.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn mark_demo(&self, now: chrono::DateTime<chrono::Utc>) -> Result<(), StoreError> {
        let tx = self.system_write(now).await?;
        schema_info::Entity::update_many()
            .col_expr(schema_info::Column::Demo, Expr::value(true))
            .exec(&tx.view.0)
            .await?;
        tx.commit().await
    }

    /// Whether the database holds a demonstration.
    ///
    /// # Errors
    /// Whatever the database says, a missing table included.
    pub async fn is_demo(&self) -> Result<bool, StoreError> {
        let view = self.view().await?;
        Ok(schema_info::Entity::find_by_id(1)
            .one(&view.0)
            .await?
            .is_some_and(|info| info.demo))
    }

    /// Whether nobody has used this database yet.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let view = self.view().await?;
        Ok(super::users::count(&view).await? == 0)
    }

    /// Closes the connections, so that SQLite folds its write-ahead log back.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn close(self) -> Result<(), StoreError> {
        self.read.close_by_ref().await?;
        Ok(self.write.close_by_ref().await?)
    }

    /// Writes a consistent copy of the embedded database to a new file.
    ///
    /// # Errors
    /// When the file exists, the disk is full, or the database is PostgreSQL.
    pub async fn copy_into(&self, target: &Path) -> Result<(), StoreError> {
        let target = target.display().to_string();
        let backend = self.read.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, "VACUUM INTO ?", [target.into()]);
        self.read.execute_raw(statement).await?;
        Ok(())
    }
}

async fn round_trip(
    view: &View,
    big: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), StoreError> {
    let words = "79228162514264337593543950335,0123456789 É œ ’ 💶";
    let backend = view.0.get_database_backend();
    let (insert, select) = if view.is_postgres() {
        (
            "INSERT INTO self_test VALUES ($1, $2, $3)",
            "SELECT big, words, at FROM self_test WHERE big = $1",
        )
    } else {
        (
            "INSERT INTO self_test VALUES (?, ?, ?)",
            "SELECT big, words, at FROM self_test WHERE big = ?",
        )
    };
    let values = [big.into(), words.into(), now.into()];
    view.0
        .execute_raw(Statement::from_sql_and_values(backend, insert, values))
        .await?;
    let found = view
        .0
        .query_one_raw(Statement::from_sql_and_values(
            backend,
            select,
            [big.into()],
        ))
        .await?
        .ok_or(StoreError::Corrupt {
            column: "self_test",
            value: big.to_string(),
        })?;
    let back: (i64, String, chrono::DateTime<chrono::Utc>) = (
        found.try_get("", "big")?,
        found.try_get("", "words")?,
        found.try_get("", "at")?,
    );
    if back == (big, words.to_owned(), now) {
        Ok(())
    } else {
        Err(StoreError::Corrupt {
            column: "self_test",
            value: format!("{back:?}"),
        })
    }
}

async fn connect_sqlite(access: &Access, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let wait = Duration::from_secs(access.wait_s);
    let mut options = options(access, connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(wait)
    });
    // After SQLITE_FULL the connection still believes in its transaction: never hand it out.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(async move {
            use sea_orm::sqlx::Connection;
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    Database::connect(options).await
}

fn options(access: &Access, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(&access.url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(access.wait_s))
        .sqlx_logging(false);
    options
}

/// Compares versions as numbers: 0.10.0 is newer than 0.9.0.
fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}
