//! Grouped purchases: what people can do, one file per noun.
pub mod items;
pub mod lots;
pub mod overviews;
pub mod rounds;
pub mod allocations;
mod booking;
pub mod deliveries;
pub mod invoices;
pub mod keys;
pub mod recovery;
pub mod statements;
