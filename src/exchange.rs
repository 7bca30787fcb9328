//! What the faces share: statuses and patience, the files that people bring and take away, long
//! work.
//!
//! A face never uses another; what two of them need stands here.
pub mod allocations;
pub mod corrections;
pub mod download;
pub mod needs;
mod patience;
pub mod people;
pub mod recovery;
pub mod report;
pub mod sites;
pub mod spreadsheet;
pub mod statements;
mod status;
mod work;
pub mod year_end;

pub use patience::in_time;
pub use status::status;
pub use work::perform;
