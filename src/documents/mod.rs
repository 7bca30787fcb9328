//! What people take away or bring in: spreadsheets, CSV, printable files.
//!
//! `reading` turns the bytes of a file into a [`Sheet`](reading::Sheet) of cells that know their
//! address; `writing` is the way back. Neither knows what the columns mean.
pub mod address;
mod formula;
pub mod reading;
