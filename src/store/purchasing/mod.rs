//! Grouped purchases as rows.
pub mod agreements;
pub mod awards;
pub mod contracts;
pub mod declarations;
pub mod demand;
pub mod drafts;
pub mod groupings;
pub mod items;
pub mod lots;
pub mod memberships;
pub mod needs;
pub mod procedures;
pub mod rounds;
pub mod suppliers;
