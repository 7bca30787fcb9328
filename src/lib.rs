//! Read the rooms in this order; each may use only the ones above it.
pub use domain;

pub mod clock; // time and identifiers, the only door to randomness
pub mod settings; // config/*.toml and the environment
pub mod telemetry; // logs

pub mod reference; // the communes and EPCI of France, embedded
pub mod store; // the only room that speaks SQL

pub mod actions; // what people can do, one function per verb

pub mod documents; // spreadsheets and printable files
pub mod wording; // the French sentence of every refusal

pub mod exchange; // what the faces share

pub mod api; // JSON face
pub mod cli; // the operator's face
pub mod web; // HTML face
pub mod worker; // the face of the clock
