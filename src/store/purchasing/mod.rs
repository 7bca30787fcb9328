//! Grouped purchases as rows.
pub mod groupings;
