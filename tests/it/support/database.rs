//! A database per test, on the engine named by `TEST_ENGINE`: a copy of a migrated template.
use std::path::PathBuf;

use encommun::store::{Store, engine::Access};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Database};
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

/// A database that disappears with its test.
pub struct Fresh {
    pub url: String,
    file: Option<PathBuf>,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            for suffix in ["", "-wal", "-shm"] {
                let _absent = std::fs::remove_file(format!("{}{suffix}", file.display()));
            }
        }
    }
}

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// Whether this run is on PostgreSQL.
pub fn on_postgres() -> bool {
    match std::env::var("TEST_ENGINE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("TEST_ENGINE is `{other}`: say sqlite or postgres"),
    }
}

/// A migrated, empty database.
pub async fn fresh() -> Fresh {
    let template = TEMPLATE.get_or_init(make_template).await;
    let name = format!("t_{}", uuid::Uuid::new_v4().simple());
    if on_postgres() {
        let admin = Database::connect(admin_url()).await.unwrap();
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .unwrap();
        admin.close().await.unwrap();
        return Fresh {
            url: on_database(&name),
            file: None,
        };
    }
    let file = directory().join(format!("{name}.db"));
    std::fs::copy(template, &file).unwrap();
    Fresh {
        url: format!("sqlite://{}", file.display()),
        file: Some(file),
    }
}

/// The URL of another database of the test cluster.
fn on_database(name: &str) -> String {
    let admin = admin_url();
    let (server, _) = admin
        .rsplit_once('/')
        .expect("TEST_DATABASE_URL ends in /database");
    let query = admin
        .split_once('?')
        .map_or(String::new(), |(_, q)| format!("?{q}"));
    format!("{server}/{name}{query}")
}

fn admin_url() -> String {
    std::env::var("TEST_DATABASE_URL")
        .expect("TEST_ENGINE=postgres needs TEST_DATABASE_URL; `make test` starts a cluster")
}

/// Migrates one template for the whole run, named by the list of migrations.
async fn make_template() -> String {
    let names: Vec<String> = Migrator::migrations()
        .iter()
        .map(|m| m.name().to_owned())
        .collect();
    let sources: String = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .unwrap()
        .map(|f| f.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|p| std::fs::read_to_string(p).unwrap())
        .collect();
    let hash = Sha256::digest(format!("{names:?}{sources}"));
    let name = format!(
        "encommun_{:02x}{:02x}{:02x}{:02x}",
        hash[0], hash[1], hash[2], hash[3]
    );
    if on_postgres() {
        postgres_template(name).await
    } else {
        sqlite_template(&name).await
    }
}

async fn sqlite_template(name: &str) -> String {
    let file = directory().join(format!("{name}.db"));
    if !file.exists() {
        // Made under another name, then renamed: another process never sees half a template.
        let making = directory().join(format!("{name}.{}", std::process::id()));
        migrate(&format!("sqlite://{}", making.display())).await;
        std::fs::rename(&making, &file).unwrap();
    }
    file.display().to_string()
}

async fn postgres_template(name: String) -> String {
    let admin = Database::connect(admin_url()).await.unwrap();
    admin
        .execute_unprepared("SELECT pg_advisory_lock(77)")
        .await
        .unwrap();
    let exists = admin
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DatabaseBackend::Postgres,
            format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"),
        ))
        .await
        .unwrap();
    if exists.is_none() {
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}_making"))
            .await
            .unwrap();
        migrate(&on_database(&format!("{name}_making"))).await;
        let rename = format!("ALTER DATABASE {name}_making RENAME TO {name}");
        admin.execute_unprepared(&rename).await.unwrap();
    }
    admin.close().await.unwrap();
    name
}

async fn migrate(url: &str) {
    let access = Access {
        url: url.to_owned(),
        connections_max: 2,
        wait_s: 30,
    };
    let store = Store::connect(&access).await.unwrap();
    store.migrate(super::start_of_tests()).await.unwrap();
    store.close().await.unwrap();
}

fn directory() -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}
