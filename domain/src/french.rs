//! Figures and dates as French people write them, read and printed.
//!
//! What is printed here can be typed back: `parse(print(x)) == x`.

mod dates;
mod figures;

pub use dates::{
    DateError, date, day_month, long_date, long_date_year, parse_date, relative_days, time,
};
pub use figures::{
    amount, cents, decimal, euros, integer, parse_amount, parse_decimal, parse_quantity,
    parse_rate, parse_unit_price, parse_weight, percent, quantity, rate, unit_price,
};

/// The space that never breaks (« espace insécable »): before a colon, in a hour.
pub const NBSP: char = '\u{a0}';
/// The thin one (« espace fine insécable »): between thousands, before € and %.
pub const THIN: char = '\u{202f}';
/// The true minus sign (« signe moins »), as wide as a plus.
pub const MINUS: char = '\u{2212}';

/// The same words with a capital letter: « reçue » gives « Reçue ».
#[must_use]
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
