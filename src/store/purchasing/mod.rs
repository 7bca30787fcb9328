//! Grouped purchases as rows.
pub mod agreements;
pub mod groupings;
pub mod items;
pub mod lots;
pub mod memberships;
pub mod rounds;
