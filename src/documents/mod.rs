//! What people take away or bring in: spreadsheets, CSV, printable files.
//!
//! `reading` turns the bytes of a file into a [`Sheet`](reading::Sheet) of cells that know their
//! address; `writing` is the way back. Neither knows what the columns mean: `needs_sheet` and
//! `people_sheet` do, each naming the cell at fault by its address.
pub mod address;
pub mod cell_problem;
pub mod directory;
mod formula;
pub mod needs_sheet;
pub mod people_sheet;
pub mod reading;
pub mod readings_sheet;
pub mod sites_sheet;
pub mod writing;
