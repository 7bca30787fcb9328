//! What the faces share: the status of an error, and the spreadsheets that people bring.
//!
//! A face never uses another; what two of them need stands here.
pub mod needs;
pub mod spreadsheet;
mod status;

pub use status::status;
