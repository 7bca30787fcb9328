//! Text as the trade needs it: cleaned at the door, folded for sorting and searching.
//!
//! Databases disagree on accents and case (SQLite's `lower('ÉCOLE')` keeps the É), so the
//! folded forms are computed here and stored beside the text.

/// The words of a search that are looked for.
const SEARCH_WORDS_MAX: usize = 10;
/// The longest part of a word that is looked for.
const SEARCH_WORD_CHARS_MAX: usize = 60;

/// Why a text is refused (« texte refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("the text is empty")]
    Empty,
    #[error("the text has more than {max} characters")]
    TooLong { max: usize },
    #[error("the text holds a control character")]
    ControlCharacter,
}

/// Trims one line of text and refuses what no person types.
///
/// | text            | max | result              |
/// |-----------------|----:|---------------------|
/// | ` La Madeleine ` | 20 | `La Madeleine`      |
/// | ` `             |  20 | empty               |
/// | `Lompret`       |   6 | too long            |
/// | `Lom⏎pret`      |  20 | a control character |
pub fn clean(text: &str, max_chars: usize) -> Result<String, TextError> {
    checked(text.trim().to_owned(), max_chars, is_control)
}

/// Like `clean`, for a text of several lines: line ends become `\n`, tabs are kept.
pub fn clean_lines(text: &str, max_chars: usize) -> Result<String, TextError> {
    let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
    checked(text, max_chars, |c| is_control(c) && c != '\n' && c != '\t')
}

/// What a name sorts by (« clé de tri »): lower case, without accents nor ligatures.
///
/// Leading articles are kept, as in the official list of communes.
///
/// | name                  | key                   |
/// |-----------------------|-----------------------|
/// | `L’Haÿ-les-Roses`     | `l hay les roses`     |
/// | `Œuilly`              | `oeuilly`             |
/// | `La  Chapelle-d'Armentières` | `la chapelle d armentieres` |
pub fn sort_key(text: &str) -> String {
    folded(text, is_joint)
}

/// What a search compares (« texte de recherche »): as the sort key, words only.
///
/// | typed              | searched         |
/// |--------------------|------------------|
/// | `Saint-Denis (93)` | `saint denis 93` |
/// | `ÉCOLE n° 2`       | `ecole n 2`      |
pub fn search_text(text: &str) -> String {
    folded(text, |c| !c.is_alphanumeric())
}

/// Lower-case hexadecimal, two digits a byte.
///
/// | bytes      | digits |
/// |------------|--------|
/// | `[0, 255]` | `00ff` |
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
    bytes.as_ref().iter().flat_map(pair).flatten().collect()
}

/// The bytes that `hex` wrote; none for any other text.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|d| d.len().is_multiple_of(2))?;
    digits
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

/// The words of a search (« mots cherchés »), already folded by `search_text`.
///
/// Ten words of sixty characters find anything that people wrote; a database refuses a question
/// of thousands, and the person would see our failure instead of an answer.
pub fn search_words(folded: &str) -> impl Iterator<Item = String> + '_ {
    let words = folded.split_whitespace().take(SEARCH_WORDS_MAX);
    words.map(|word| word.chars().take(SEARCH_WORD_CHARS_MAX).collect())
}

fn checked(
    text: String,
    max_chars: usize,
    refused: impl Fn(char) -> bool,
) -> Result<String, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().any(refused) {
        return Err(TextError::ControlCharacter);
    }
    if text.chars().count() > max_chars {
        return Err(TextError::TooLong { max: max_chars });
    }
    Ok(text)
}

/// Control characters, and the invisible marks that make a text read otherwise than stored.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c == '\u{feff}'
}

/// Apostrophes and hyphens, which people type in many ways or not at all.
fn is_joint(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\'' | '’' | '‘' | 'ʼ' | '`' | '-' | '\u{2010}'..='\u{2015}' | '−'
        )
}

fn folded(text: &str, is_gap: impl Fn(char) -> bool) -> String {
    let mut key = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().flat_map(char::to_lowercase) {
        if is_combining(c) {
            continue;
        }
        if is_gap(c) {
            gap = true;
            continue;
        }
        if gap && !key.is_empty() {
            key.push(' ');
        }
        gap = false;
        match plain(c) {
            Some(letters) => key.push_str(letters),
            None => key.push(c),
        }
    }
    key
}

/// The accents of a text in decomposed form.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A lower-case Latin letter without its accent; `None` when it has none.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ţ' | 'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_control_characters_are_refused() {
        assert_eq!(
            clean(" La Madeleine\u{a0}", 20).as_deref(),
            Ok("La Madeleine")
        );
        assert_eq!(clean(" \t ", 20), Err(TextError::Empty));
        assert_eq!(clean("Lompret", 6), Err(TextError::TooLong { max: 6 }));
        assert_eq!(clean("é".repeat(6).as_str(), 6).map(|t| t.len()), Ok(12));
        for bad in ["Lom\npret", "Lom\0pret", "Lom\u{202e}pret", "Lom\u{85}pret"] {
            assert_eq!(clean(bad, 20), Err(TextError::ControlCharacter), "{bad:?}");
        }
        assert_eq!(
            clean_lines("un\r\ndeux\rtrois\n", 20).as_deref(),
            Ok("un\ndeux\ntrois")
        );
        assert_eq!(
            clean_lines("un\0deux", 20),
            Err(TextError::ControlCharacter)
        );
    }

    #[test]
    fn names_sort_without_case_accents_nor_joints() {
        for (name, key) in [
            ("L’Haÿ-les-Roses", "l hay les roses"),
            ("Œuilly", "oeuilly"),
            ("La  Chapelle-d'Armentières", "la chapelle d armentieres"),
            ("E\u{301}cole", "ecole"),
            ("ÎLE-AUX-MOINES", "ile aux moines"),
            ("Saint-Denis (93)", "saint denis (93)"),
        ] {
            assert_eq!(sort_key(name), key);
        }
    }

    #[test]
    fn search_compares_words_only() {
        assert_eq!(search_text("Saint-Denis (93)"), "saint denis 93");
        assert_eq!(search_text("ÉCOLE n° 2"), "ecole n 2");
        assert_eq!(search_text(" … "), "");
        assert_eq!(
            search_words("ecole n 2").collect::<Vec<_>>(),
            ["ecole", "n", "2"]
        );
        let flood = format!("{} {}", "é".repeat(5_000), "mot ".repeat(5_000));
        let words: Vec<_> = search_words(&flood).collect();
        assert_eq!((words.len(), words[0].chars().count()), (10, 60));
    }
}
