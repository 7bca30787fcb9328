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

/// The text with the apostrophe that makes it harmless in a CSV, where it is needed.
pub(super) fn guarded(text: &str) -> String {
    if looks_like_formula(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text without the apostrophe put by [`guarded`].
pub(super) fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'')
        .filter(|rest| looks_like_formula(rest))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guard_is_put_and_taken_off_without_loss() {
        for text in [
            "=1+1",
            "+33 6 12",
            "-",
            "@SUM(A1)",
            "\tx",
            "'=1",
            "''-2",
            "L'Étoile",
            "'quoted'",
        ] {
            assert_eq!(unguarded(&guarded(text)), text);
        }
        assert_eq!(guarded("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
        assert_eq!(guarded("Lille"), "Lille");
        assert_eq!(unguarded("'Lille'"), "'Lille'");
    }
}
