//! Logs: one readable line per request and action, JSON on demand, no personal data.
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging on standard error; standard output is for what commands answer.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let text = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second start, in tests, is harmless: the first one stays.
    let started = match settings.format {
        LogFormat::Text => registry.with(text.with_target(false)).try_init(),
        LogFormat::Json => registry.with(text.json().flatten_event(true)).try_init(),
    };
    if started.is_err() {
        tracing::debug!("Logging was started already");
    }
}
