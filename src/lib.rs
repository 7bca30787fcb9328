//! Read the rooms in this order; each may use only the ones above it.
pub use domain;

pub mod clock;
pub mod documents;
pub mod reference;
pub mod web;
