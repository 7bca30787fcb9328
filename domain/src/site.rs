//! What needs are about (« site »): buildings, meters and vehicles, registered once.
use crate::{
    identity::{BudgetId, OrganisationId, SiteId},
    quantity::Quantity,
    text::{self, TextError},
};

/// What a site is (« nature du site »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteKind {
    /// « Bâtiment », with its surface.
    Building,
    /// « Compteur électrique », by its PRM.
    ElectricityMeter,
    /// « Compteur de gaz », by its PCE.
    GasMeter,
    /// « Véhicule », by its plate.
    Vehicle,
}

impl SiteKind {
    pub const ALL: [Self; 4] = [
        Self::Building,
        Self::ElectricityMeter,
        Self::GasMeter,
        Self::Vehicle,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::ElectricityMeter => "electricity_meter",
            Self::GasMeter => "gas_meter",
            Self::Vehicle => "vehicle",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Reads the number that a site of this kind bears.
    ///
    /// | kind        | typed                | kept             |
    /// |-------------|----------------------|------------------|
    /// | electricity | `1234 5678 9012 34`  | `12345678901234` |
    /// | electricity | `12345`              | 14 digits        |
    /// | gas         | `gi 123456`          | `GI123456`       |
    /// | vehicle     | `ab-123-cd`          | `AB123CD`        |
    /// | building    | `BAT 12`             | `BAT 12`         |
    ///
    /// # Errors
    /// [`SiteNumberError`] for a number that no meter or vehicle bears.
    pub fn read_number(self, typed: &str) -> Result<String, SiteNumberError> {
        let bare = bare_number(typed);
        let digits = bare.bytes().filter(u8::is_ascii_digit).count();
        let is_prm = bare.len() == 14 && digits == 14;
        let is_old_pce = bare.len() == 8 && digits == 6 && bare.starts_with("GI");
        match self {
            Self::Building => text::clean(typed, 100).map_err(SiteNumberError::Own),
            Self::ElectricityMeter if is_prm => Ok(bare),
            Self::ElectricityMeter => Err(SiteNumberError::Prm { digits }),
            Self::GasMeter if is_prm || is_old_pce => Ok(bare),
            Self::GasMeter => Err(SiteNumberError::Pce { digits }),
            Self::Vehicle if (5..=9).contains(&bare.len()) => Ok(bare),
            Self::Vehicle => Err(SiteNumberError::Plate),
        }
    }
}

/// A number without what separates its parts, as meters and vehicles keep theirs (« numéro nu »).
#[must_use]
pub fn bare_number(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_uppercase)
        .collect()
}

/// Why a text is not the number of a meter or vehicle (« numéro refusé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteNumberError {
    #[error("a PRM has 14 digits, this has {digits}")]
    Prm { digits: usize },
    #[error("a PCE has 14 digits, or GI and 6 digits; this has {digits}")]
    Pce { digits: usize },
    #[error(transparent)]
    Own(TextError),
    #[error("a plate has 5 to 9 letters and digits")]
    Plate,
}

/// A building, meter or vehicle (« site »), owned by the member and reused everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub id: SiteId,
    pub owner: OrganisationId,
    pub kind: SiteKind,
    pub name: String,
    /// Its PRM, PCE or plate; a building may have a number of its own register.
    pub reference: Option<String>,
    pub address: Option<String>,
    /// Its surface in square metres.
    pub area: Option<Quantity>,
    /// The kind of public building, or of vehicle: « école », « ERP type N ».
    pub category: Option<String>,
    /// The budget that pays for it; the main one when absent.
    pub budget: Option<BudgetId>,
    pub active: bool,
    pub version: i32,
}

impl Site {
    /// How lists are sorted.
    #[must_use]
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.name)
    }

    /// Everything by which it may be looked for.
    #[must_use]
    pub fn search_text(&self) -> String {
        let parts = [
            Some(self.name.as_str()),
            self.reference.as_deref(),
            self.address.as_deref(),
            self.category.as_deref(),
        ];
        text::search_text(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// What is refused about sites (« site refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    #[error("a site of this kind has the number {reference} already")]
    ReferenceTaken { reference: String },
    #[error("the budget is not one of the organisation's")]
    UnknownBudget,
}

impl SiteError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ReferenceTaken { .. } => "site.reference-taken",
            Self::UnknownBudget => "site.unknown-budget",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (kind, typed, kept) in [
            (
                SiteKind::ElectricityMeter,
                "1234 5678 9012 34",
                "12345678901234",
            ),
            (SiteKind::GasMeter, "gi 123456", "GI123456"),
            (SiteKind::GasMeter, "12345678901234", "12345678901234"),
            (SiteKind::Vehicle, "ab-123-cd", "AB123CD"),
            (SiteKind::Building, " BAT 12 ", "BAT 12"),
        ] {
            assert_eq!(kind.read_number(typed).unwrap(), kept, "{typed}");
        }
        for (kind, typed) in [
            (SiteKind::ElectricityMeter, "12345"),
            (SiteKind::ElectricityMeter, "1234567890123A"),
            (SiteKind::GasMeter, "GI12345"),
            (SiteKind::Vehicle, "42"),
        ] {
            assert!(kind.read_number(typed).is_err(), "{typed}");
        }
    }
}
