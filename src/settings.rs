//! Settings: `config/default.toml`, then a file, then `ENCOMMUN__…` variables.
//!
//! Unknown keys are refused, secrets are never printed. Each key is explained in the default
//! file, which a test compares with these structures.
use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
};

use domain::purchasing::thresholds::{Threshold, Thresholds, ThresholdsError};
use serde::{Deserialize, Serialize};

mod known;

/// The documented defaults, built into the program.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings of a process.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub database: DatabaseSettings,
    pub http: HttpSettings,
    pub metrics: MetricsSettings,
    pub log: LogSettings,
    pub sessions: SessionSettings,
    pub login: LoginSettings,
    pub limits: LimitSettings,
    pub worker: WorkerSettings,
    pub reference: ReferenceSettings,
    pub support: SupportSettings,
    pub money: MoneySettings,
    pub threshold: Vec<Threshold>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    pub url: String,
    pub url_file: String,
    pub data_dir: PathBuf,
    pub connections_max: u32,
    pub wait_s: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    pub listen: String,
    pub public_url: String,
    pub trusted_proxies: Vec<IpAddr>,
    pub body_bytes_max: usize,
    pub timeout_s: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsSettings {
    pub listen: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    pub format: LogFormat,
    pub filter: String,
}

impl LogSettings {
    /// The same logs without lines under warnings, unless the operator asked for some.
    #[must_use]
    pub fn quieter(&self) -> Self {
        let mut quieter = self.clone();
        if let Some(rest) = self.filter.strip_prefix("info,") {
            quieter.filter = format!("warn,{rest}");
        }
        quieter
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSettings {
    pub idle_minutes: i64,
    pub absolute_hours: i64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    pub failures_max: i32,
    pub failures_account_max: i32,
    pub window_minutes: i64,
    pub invitation_hours: i64,
    pub reset_minutes: i64,
    pub sign_in_minutes: i64,
    pub password_characters_min: usize,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    pub page_rows_max: u64,
    pub upload_bytes_max: usize,
    pub import_rows_max: usize,
    pub import_rows_waited_max: usize,
    pub import_cells_max: usize,
    pub import_unpacked_bytes_max: u64,
    pub import_ratio_max: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerSettings {
    pub inside_serve: bool,
    pub poll_s: u64,
    pub lease_s: i64,
    pub attempts_max: i32,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceSettings {
    pub directory: PathBuf,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SupportSettings {
    pub name: String,
    pub phone: String,
    pub email: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MoneySettings {
    pub collection_floor_cents: i64,
    pub payment_days: i64,
}

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    File(PathBuf),
    Variable(String),
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{0}")]
    Refused(#[from] config::ConfigError),
    #[error("unknown setting {key} in {place:?}")]
    Unknown {
        key: String,
        place: Place,
        /// The known setting that looks most like it.
        nearest: Option<String>,
    },
    #[error("the file {path} cannot be read")]
    Missing { path: PathBuf },
    #[error("the file {path} is not TOML")]
    Syntax {
        path: PathBuf,
        source: toml::de::Error,
    },
    #[error("the table of thresholds: {0}")]
    Thresholds(#[from] ThresholdsError),
    #[error("the file {path} named by {key} cannot be read")]
    Secret {
        key: &'static str,
        path: PathBuf,
        source: std::io::Error,
    },
}

impl Settings {
    /// Reads the settings of this process.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong kind, or an unreadable file.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let variables = std::env::vars_os();
        let text = variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::from_sources(file, text.collect())
    }

    /// The defaults alone, for tests and for the demonstration.
    ///
    /// # Errors
    /// None in practice: a test reads them.
    pub fn defaults() -> Result<Self, SettingsError> {
        let source = config::File::from_str(DEFAULTS, config::FileFormat::Toml);
        Ok(config::Config::builder()
            .add_source(source)
            .build()?
            .try_deserialize()?)
    }

    fn from_sources(
        file: Option<&Path>,
        variables: BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        known::check(file, variables.keys())?;
        let mut builder = config::Config::builder()
            .add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(file) = file {
            builder = builder.add_source(config::File::from(file).format(config::FileFormat::Toml));
        }
        let environment = config::Environment::with_prefix(known::PREFIX)
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .source(Some(variables.into_iter().collect()));
        let mut settings: Self = builder.add_source(environment).build()?.try_deserialize()?;
        settings.read_secrets()?;
        settings.thresholds()?;
        Ok(settings)
    }

    fn read_secrets(&mut self) -> Result<(), SettingsError> {
        let path = self.database.url_file.trim();
        if path.is_empty() {
            return Ok(());
        }
        let secret = std::fs::read_to_string(path).map_err(|source| SettingsError::Secret {
            key: "database.url_file",
            path: path.into(),
            source,
        })?;
        secret.trim().clone_into(&mut self.database.url);
        Ok(())
    }

    /// The effective settings as TOML, with passwords replaced by `***`.
    #[must_use]
    pub fn redacted(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = redact_password(&shown.database.url);
        toml::to_string_pretty(&shown).unwrap_or_default()
    }

    /// The database's URL; the embedded file's unless one is given.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database.url == "sqlite" {
            format!(
                "sqlite://{}",
                self.database.data_dir.join("encommun.db").display()
            )
        } else {
            self.database.url.clone()
        }
    }

    /// The table of procurement thresholds.
    ///
    /// # Errors
    /// Two limits for the same day; refused when the settings are read.
    pub fn thresholds(&self) -> Result<Thresholds, ThresholdsError> {
        Thresholds::new(self.threshold.clone())
    }

    /// Whether people reach the application over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.http.public_url.starts_with("https://")
    }
}

/// `postgres://user:secret@host/db` becomes `postgres://user:***@host/db`.
fn redact_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let Some((credentials, host)) = rest.rsplit_once('@') else {
        return url.to_owned();
    };
    match credentials.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_can_be_read() {
        let settings = Settings::defaults().unwrap();
        assert_eq!(settings.database_url(), "sqlite://data/encommun.db");
    }

    #[test]
    fn every_key_is_explained() {
        let lines: Vec<&str> = DEFAULTS.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            let is_key = line.contains(" = ") && !line.starts_with('#');
            if is_key
                && !lines[..n]
                    .iter()
                    .rev()
                    .take_while(|l| !l.is_empty())
                    .any(|l| {
                        l.starts_with('#')
                            || l.starts_with("[[threshold]]")
                            || l.starts_with("[support]")
                    })
            {
                panic!(
                    "config/default.toml, line {}: `{line}` has no comment above",
                    n + 1
                );
            }
        }
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let variables = [("ENCOMMUN__HTTP__LISTN".to_owned(), "x".to_owned())];
        let refused = Settings::from_sources(None, variables.into()).unwrap_err();
        let SettingsError::Unknown {
            key,
            place,
            nearest,
        } = refused
        else {
            panic!("{refused}");
        };
        assert_eq!(key, "http.listn");
        assert_eq!(place, Place::Variable("ENCOMMUN__HTTP__LISTN".to_owned()));
        assert_eq!(nearest.as_deref(), Some("http.listen"));
    }

    #[test]
    fn a_known_variable_has_the_last_word() {
        let variables = [("ENCOMMUN__HTTP__TIMEOUT_S".to_owned(), "7".to_owned())];
        let read = Settings::from_sources(None, variables.into()).unwrap();
        assert_eq!(read.http.timeout_s, 7);
    }

    #[test]
    fn a_password_is_never_printed() {
        let mut settings = Settings::defaults().unwrap();
        settings.database.url = "postgres://encommun:s3cret@db/encommun".into();
        assert!(
            settings
                .redacted()
                .contains("postgres://encommun:***@db/encommun")
        );
        assert!(!settings.redacted().contains("s3cret"));
    }
}
