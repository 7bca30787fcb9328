//! Numbers given by INSEE: SIREN, SIRET and commune codes, checked at the door.

use std::fmt;

use crate::french::NBSP;
use crate::text_form::text_form;

/// La Poste's SIRETs follow a rule of their own.
const LA_POSTE: &str = "356000000";

/// The number of a legal person (« SIREN »): nine digits with a checksum.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren(String);

/// The number of an establishment (« SIRET »): its SIREN and five digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret(String);

/// The code of a commune (« code INSEE »): five characters, not the postcode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InseeCode(String);

/// Why a text is not a SIREN (« SIREN refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SirenError {
    #[error("a SIREN holds digits only")]
    Characters,
    #[error("a SIREN has 9 digits, this has {digits}")]
    Length { digits: usize },
    #[error("the checksum of the SIREN does not match")]
    Checksum,
}

/// Why a text is not a SIRET (« SIRET refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiretError {
    #[error("a SIRET holds digits only")]
    Characters,
    #[error("a SIRET has 14 digits, this has {digits}")]
    Length { digits: usize },
    #[error("the checksum of the SIRET does not match")]
    Checksum,
}

/// Why a text is not a commune code (« code INSEE refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InseeError {
    #[error("a commune code has 5 characters, this has {characters}")]
    Length { characters: usize },
    #[error("a commune code is a department and three digits")]
    Characters,
    #[error("no department has this code")]
    Department,
}

impl Siren {
    /// Reads a SIREN, with or without spaces.
    ///
    /// | typed         | result             |
    /// |---------------|--------------------|
    /// | `215 903 683` | 215903683          |
    /// | `215903684`   | the checksum fails |
    /// | `21590368`    | 8 digits           |
    /// | `21590368X`   | digits only        |
    pub fn parse(text: &str) -> Result<Self, SirenError> {
        let digits = digits(text).ok_or(SirenError::Characters)?;
        if digits.len() != 9 {
            return Err(SirenError::Length {
                digits: digits.len(),
            });
        }
        if !luhn(&digits) {
            return Err(SirenError::Checksum);
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For reading: `215 903 683`, with spaces that never break.
    pub fn grouped(&self) -> String {
        grouped(&self.0, &[3, 6])
    }
}

impl Siret {
    /// Reads a SIRET, with or without spaces.
    ///
    /// La Poste has too many establishments for the checksum: there, the sum of the digits is a
    /// multiple of five (its head office obeys the checksum too).
    ///
    /// | typed               | result             |
    /// |---------------------|--------------------|
    /// | `732 829 320 00074` | 73282932000074     |
    /// | `73282932000075`    | the checksum fails |
    /// | `35600000000048`    | La Poste, head office |
    /// | `35600000000001`    | La Poste, sum 15   |
    /// | `35600000000002`    | the checksum fails |
    pub fn parse(text: &str) -> Result<Self, SiretError> {
        let digits = digits(text).ok_or(SiretError::Characters)?;
        if digits.len() != 14 {
            return Err(SiretError::Length {
                digits: digits.len(),
            });
        }
        let postal = digits.starts_with(LA_POSTE) && values(&digits).sum::<u32>().is_multiple_of(5);
        if !luhn(&digits) && !postal {
            return Err(SiretError::Checksum);
        }
        Ok(Self(digits))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The legal person this establishment belongs to.
    pub fn siren(&self) -> Siren {
        Siren(self.0.chars().take(9).collect())
    }

    /// For reading: `215 903 683 00012`, with spaces that never break.
    pub fn grouped(&self) -> String {
        grouped(&self.0, &[3, 6, 9])
    }
}

impl InseeCode {
    /// Reads a commune code; letters may be lower case.
    ///
    /// | typed   | result        |
    /// |---------|---------------|
    /// | `59368` | 59368         |
    /// | `2a004` | 2A004         |
    /// | `97411` | 97411         |
    /// | `1001`  | 4 characters  |
    /// | `20004` | no department |
    /// | `2C004` | characters    |
    pub fn parse(text: &str) -> Result<Self, InseeError> {
        let code: String = text
            .trim()
            .chars()
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let characters = code.chars().count();
        if characters != 5 {
            return Err(InseeError::Length { characters });
        }
        let corsican = code.starts_with("2A") || code.starts_with("2B");
        let digits_from = if corsican { 2 } else { 0 };
        if !code.chars().skip(digits_from).all(|c| c.is_ascii_digit()) {
            return Err(InseeError::Characters);
        }
        let department: String = code.chars().take(2).collect();
        // Corsica's number 20 left the codes of communes in 1976; 99 is for foreign countries.
        let known = matches!(department.as_str(), "2A" | "2B" | "97" | "98")
            || department
                .parse()
                .is_ok_and(|d: u32| (1..=95).contains(&d) && d != 20);
        if known {
            Ok(Self(code))
        } else {
            Err(InseeError::Department)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The department of the commune (« département »): `59`, `2A`, `974`.
    pub fn department(&self) -> &str {
        let overseas = self.0.starts_with("97") || self.0.starts_with("98");
        self.0
            .get(..if overseas { 3 } else { 2 })
            .unwrap_or_default()
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InseeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(Siren, SirenError, "a SIREN of 9 digits");
text_form!(Siret, SiretError, "a SIRET of 14 digits");
text_form!(InseeCode, InseeError, "a commune code of 5 characters");

/// The digits of a text without its spaces; `None` when something else is there.
fn digits(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    bare.bytes().all(|b| b.is_ascii_digit()).then_some(bare)
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> {
    digits.chars().filter_map(|c| c.to_digit(10))
}

/// The checksum of Luhn: every second digit from the right counts double.
fn luhn(digits: &str) -> bool {
    let weighted = values(digits).rev().enumerate().map(|(index, digit)| {
        let doubled = if index % 2 == 1 { digit * 2 } else { digit };
        doubled / 10 + doubled % 10
    });
    weighted.sum::<u32>().is_multiple_of(10)
}

fn grouped(digits: &str, cuts: &[usize]) -> String {
    let mut text = String::with_capacity(digits.len() + 2 * cuts.len());
    for (index, digit) in digits.chars().enumerate() {
        if cuts.contains(&index) {
            text.push(NBSP);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siren_has_nine_digits_and_a_checksum() {
        assert_eq!(
            Siren::parse("215\u{a0}903 683").unwrap().as_str(),
            "215903683"
        );
        assert_eq!(Siren::parse("215903684"), Err(SirenError::Checksum));
        assert_eq!(
            Siren::parse("21590368"),
            Err(SirenError::Length { digits: 8 })
        );
        assert_eq!(Siren::parse("21590368X"), Err(SirenError::Characters));
        assert_eq!(
            Siren::parse("215903683").unwrap().grouped(),
            "215\u{a0}903\u{a0}683"
        );
    }

    #[test]
    fn a_siret_has_fourteen_digits_and_a_checksum() {
        let siret = Siret::parse("732 829 320 00074").unwrap();
        assert_eq!(siret.as_str(), "73282932000074");
        assert_eq!(siret.siren(), Siren::parse("732829320").unwrap());
        assert_eq!(siret.grouped(), "732\u{a0}829\u{a0}320\u{a0}00074");
        assert_eq!(Siret::parse("73282932000075"), Err(SiretError::Checksum));
        assert_eq!(
            Siret::parse("732829320"),
            Err(SiretError::Length { digits: 9 })
        );
    }

    #[test]
    fn la_poste_has_its_own_rule() {
        assert!(
            Siret::parse("35600000000048").is_ok(),
            "head office, by the usual checksum"
        );
        assert!(Siret::parse("35600000000001").is_ok(), "sum of digits 15");
        assert_eq!(Siret::parse("35600000000002"), Err(SiretError::Checksum));
    }

    #[test]
    fn a_commune_code_is_not_a_postcode() {
        for (typed, code, department) in [
            ("59368", "59368", "59"),
            ("2a004", "2A004", "2A"),
            ("97411", "97411", "974"),
        ] {
            let parsed = InseeCode::parse(typed).unwrap();
            assert_eq!((parsed.as_str(), parsed.department()), (code, department));
        }
        assert_eq!(
            InseeCode::parse("1001"),
            Err(InseeError::Length { characters: 4 })
        );
        assert_eq!(InseeCode::parse("2C004"), Err(InseeError::Characters));
        for typed in ["20004", "00001", "96001", "99138"] {
            assert_eq!(
                InseeCode::parse(typed),
                Err(InseeError::Department),
                "{typed}"
            );
        }
    }

    #[test]
    fn json_refuses_what_the_door_refuses() {
        assert!(serde_json::from_str::<Siren>("\"215903684\"").is_err());
        let siren: Siren = serde_json::from_str("\"215 903 683\"").unwrap();
        assert_eq!(serde_json::to_string(&siren).unwrap(), "\"215903683\"");
    }
}
