//! What people take away or bring in: spreadsheets, CSV, printable files.
//!
//! `reading` turns the bytes of a file into a [`Sheet`](reading::Sheet) of cells that know their
pub mod address;
mod formula;
pub mod reading;
pub mod writing;
