//! What people take away or bring in: spreadsheets, CSV, printable files.
