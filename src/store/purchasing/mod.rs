//! Grouped purchases as rows.
pub mod groupings;
pub mod items;
pub mod lots;
pub mod rounds;
