//! What the faces share: the status of an error, the spreadsheets that people bring, long work.
//!
//! A face never uses another; what two of them need stands here.
pub mod needs;
pub mod spreadsheet;
mod status;
mod work;

pub use status::status;
pub use work::perform;
