//! Where people can be reached: e-mail addresses and telephone numbers.

use std::fmt;

use crate::french::NBSP;
use crate::text_form::text_form;

/// An e-mail address (« adresse électronique »), its domain in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// A telephone number (« téléphone »): ten digits, or `+` and the country's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Why a text is not an e-mail address (« adresse refusée »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    #[error("an address has one @ between a name and a domain")]
    Shape,
    #[error("an address has at most 254 characters")]
    TooLong,
    #[error("an address holds neither spaces nor accents nor special characters")]
    Characters,
    #[error("the part after the @ is not a domain")]
    Domain,
}

/// Why a text is not a telephone number (« numéro refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("a telephone number holds digits, spaces, dots, hyphens and a leading +")]
    Characters,
    #[error("a French number has 10 digits beginning with 0, a foreign one + and 7 to 15 digits")]
    Length,
}

impl Email {
    /// Reads an address as people give it, without its surrounding spaces.
    ///
    /// | typed                    | result                   |
    /// |--------------------------|--------------------------|
    /// | `Mairie@Lompret.FR`      | `Mairie@lompret.fr`      |
    /// | `mairie lompret@orange.fr` | characters             |
    /// | `mairie@lompret`         | not a domain             |
    /// | `mairie`                 | shape                    |
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailError::TooLong);
        }
        let (name, domain) = text.rsplit_once('@').ok_or(EmailError::Shape)?;
        if name.is_empty() || domain.is_empty() || name.contains('@') {
            return Err(EmailError::Shape);
        }
        if name.len() > 64 {
            return Err(EmailError::TooLong);
        }
        let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
        if dotted || !name.bytes().all(is_name_byte) {
            return Err(EmailError::Characters);
        }
        if !is_domain(domain) {
            return Err(EmailError::Domain);
        }
        Ok(Self(format!("{name}@{}", domain.to_ascii_lowercase())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What tells two accounts apart: nobody owns `Mairie@x.fr` beside `mairie@x.fr`.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Phone {
    /// Reads a number as people give it; French ones keep their ten digits.
    ///
    /// | typed               | kept           |
    /// |---------------------|----------------|
    /// | `03.20.00.00.00`    | `0320000000`   |
    /// | `+33 3 20 00 00 00` | `0320000000`   |
    /// | `+33 (0)3 20 00 00 00` | `0320000000` |
    /// | `+32 2 123 45 67`   | `+3221234567`  |
    /// | `3949`              | length         |
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = text.trim().replace("(0)", "");
        let separator = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/' | '\u{2011}');
        let bare: String = text.chars().filter(|&c| !separator(c)).collect();
        let abroad = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00"));
        let digits = abroad.unwrap_or(&bare);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::Characters);
        }
        let national = match abroad {
            None => Some(digits.to_owned()),
            Some(digits) => digits.strip_prefix("33").map(|rest| format!("0{rest}")),
        };
        match national {
            Some(number) if is_french(&number) => Ok(Self(number)),
            Some(_) => Err(PhoneError::Length),
            None if (7..=15).contains(&digits.len()) => Ok(Self(format!("+{digits}"))),
            None => Err(PhoneError::Length),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For reading: `03 20 00 00 00`, with spaces that never break.
    pub fn grouped(&self) -> String {
        let foreign = self.0.starts_with('+');
        let mut text = String::with_capacity(self.0.len() * 2);
        for (index, digit) in self.0.chars().enumerate() {
            // After `+` nobody knows where a foreign number is cut: pairs from its third digit.
            let cut = if foreign {
                index > 1 && index % 2 == 1
            } else {
                index > 0 && index % 2 == 0
            };
            if cut {
                text.push(NBSP);
            }
            text.push(digit);
        }
        text
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.')
        && text.split('.').all(label)
        && last.len() > 1
        && !last.bytes().all(|b| b.is_ascii_digit())
}

fn is_french(number: &str) -> bool {
    number.len() == 10 && number.starts_with('0') && !number.starts_with("00")
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(Email, EmailError, "an e-mail address");
text_form!(Phone, PhoneError, "a telephone number");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_given_but_for_its_domain() {
        let email = Email::parse(" Mairie@Lompret.FR ").unwrap();
        assert_eq!(email.as_str(), "Mairie@lompret.fr");
        assert_eq!(email.folded(), "mairie@lompret.fr");
        assert!(Email::parse("prenom.nom+marche@sous.domaine.gouv.fr").is_ok());
    }

    #[test]
    fn what_cannot_receive_mail_is_refused() {
        for (typed, error) in [
            ("", EmailError::Shape),
            ("mairie", EmailError::Shape),
            ("@lompret.fr", EmailError::Shape),
            ("a@b@lompret.fr", EmailError::Shape),
            ("mairie lompret@orange.fr", EmailError::Characters),
            ("mairie\r\nBcc:x@orange.fr", EmailError::Characters),
            ("é@orange.fr", EmailError::Characters),
            (".mairie@orange.fr", EmailError::Characters),
            ("mairie@lompret", EmailError::Domain),
            ("mairie@-lompret.fr", EmailError::Domain),
            ("mairie@lompret..fr", EmailError::Domain),
            ("mairie@127.0.0.1", EmailError::Domain),
            ("mairie@lom pret.fr", EmailError::Domain),
        ] {
            assert_eq!(Email::parse(typed), Err(error), "{typed:?}");
        }
        let long = format!("m@{}.fr", "a".repeat(260));
        assert_eq!(Email::parse(&long), Err(EmailError::TooLong));
    }

    #[test]
    fn a_number_is_kept_as_its_digits() {
        for (typed, kept) in [
            ("03.20.00.00.00", "0320000000"),
            ("+33 3 20 00 00 00", "0320000000"),
            ("+33 (0)3 20 00 00 00", "0320000000"),
            ("0033320000000", "0320000000"),
            ("+32 2 123 45 67", "+3221234567"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().as_str(), kept, "{typed}");
        }
        assert_eq!(
            Phone::parse("0320000000")
                .unwrap()
                .grouped()
                .replace('\u{a0}', "_"),
            "03_20_00_00_00"
        );
        assert_eq!(
            Phone::parse("+3221234567")
                .unwrap()
                .grouped()
                .replace('\u{a0}', "_"),
            "+32_21_23_45_67"
        );
        assert_eq!(Phone::parse("3949"), Err(PhoneError::Length));
        assert_eq!(Phone::parse("03 20 00 00 0"), Err(PhoneError::Length));
        assert_eq!(Phone::parse("demander Paul"), Err(PhoneError::Characters));
        assert_eq!(Phone::parse(""), Err(PhoneError::Characters));
    }
}
