//! Texts that a spreadsheet would run instead of showing.

/// The first characters that make a spreadsheet compute a text.
const TRIGGERS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a spreadsheet could run this text, whatever apostrophes precede it.
///
/// Apostrophes count so that the guard can be put and taken off without loss: `'=1` is written
/// `''=1`, and reads back `'=1`.
pub(super) fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(TRIGGERS)
}

/// The text without the apostrophe that keeps a spreadsheet from running it.
pub(super) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| looks_like_formula(rest))
        .unwrap_or(text)
}
