//! What the faces share: statuses and patience, the spreadsheets that people bring, long work.
//!
//! A face never uses another; what two of them need stands here.
pub mod needs;
mod patience;
pub mod spreadsheet;
mod status;
mod work;

pub use patience::in_time;
pub use status::status;
pub use work::perform;
