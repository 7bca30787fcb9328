//! What tests share: a fresh database, a browser without a screen, people and bodies.
pub mod builders;
pub mod client;
pub mod contracts;
pub mod database;
pub mod groupings;
pub mod invoices;
pub mod needs;
pub mod payers;
pub mod process;
pub mod rounds;
pub mod sites;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use encommun::{
    actions::App,
    clock::Clock,
    settings::Settings,
    store::{Store, engine::Access},
};

pub use client::Client;

/// An application on a database of its own, at a time of its own.
pub struct TestApp {
    pub app: App,
    pub router: axum::Router,
    pub database: database::Fresh,
}

/// Tuesday 1 September 2026 at 10:00 in Paris.
pub fn start_of_tests() -> DateTime<Utc> {
    "2026-09-01T08:00:00Z".parse().unwrap()
}

impl TestApp {
    /// A migrated, empty application.
    pub async fn new() -> Self {
        Self::tuned(|_| {}).await
    }

    /// The same with other settings.
    pub async fn tuned(tune: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::defaults().unwrap();
        tune(&mut settings);
        Self::at(Clock::stopped_at(start_of_tests()), settings).await
    }

    /// The same in the present, for tests with processes whose clock nobody can stop.
    pub async fn in_the_present() -> Self {
        Self::at(Clock::System, Settings::defaults().unwrap()).await
    }

    async fn at(clock: Clock, settings: Settings) -> Self {
        let database = database::fresh().await;
        let access = Access {
            url: database.url.clone(),
            connections_max: 8,
            wait_s: 30,
        };
        let app = App {
            store: Store::connect(&access).await.unwrap(),
            clock,
            settings: Arc::new(settings),
            demo: false,
        };
        let router = encommun::cli::router(app.clone());
        Self {
            app,
            router,
            database,
        }
    }

    /// A browser that is not signed in.
    pub fn browser(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Moves the clock, then lets the worker do what became due.
    pub async fn later(&self, by: TimeDelta) {
        self.app.clock.advance(by);
        encommun::worker::round(&self.app).await.unwrap();
    }
}
