//! Grouped purchases: what people can do, one file per noun.
pub mod allocations;
mod booking;
pub mod declarations;
pub mod deliveries;
pub mod drafts;
pub mod imports;
pub mod invoices;
pub mod items;
pub mod keys;
pub mod lots;
pub mod needs;
pub mod overviews;
pub mod recovery;
pub mod rounds;
pub mod statements;
