//! The rules of the game: values in, values out. No clock, no database, no network.
