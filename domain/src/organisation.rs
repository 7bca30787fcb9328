//! Public bodies (« collectivité, organisme »): communes, EPCI and the others.
use chrono::{DateTime, Utc};

use crate::{
    identity::{Email, InseeCode, OrganisationId, Phone, Siren},
    text,
};

/// What kind of body an organisation is (« nature de l’organisme »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganisationKind {
    Commune,
    /// An intercommunal body with its own tax.
    Epci,
    /// A joint syndicate.
    Syndicat,
    /// A commune's social centre.
    Ccas,
    /// A fire and rescue service.
    Sdis,
    School,
    /// A borrower through its mairie.
    Association,
    Other,
}

impl OrganisationKind {
    pub const ALL: [Self; 8] = [
        Self::Commune,
        Self::Epci,
        Self::Syndicat,
        Self::Ccas,
        Self::Sdis,
        Self::School,
        Self::Association,
        Self::Other,
    ];

    /// Whether people add such bodies themselves; communes and EPCI come from the reference.
    #[must_use]
    pub fn is_by_hand(self) -> bool {
        match self {
            Self::Commune | Self::Epci => false,
            Self::Syndicat
            | Self::Ccas
            | Self::Sdis
            | Self::School
            | Self::Association
            | Self::Other => true,
        }
    }

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Epci => "epci",
            Self::Syndicat => "syndicat",
            Self::Ccas => "ccas",
            Self::Sdis => "sdis",
            Self::School => "school",
            Self::Association => "association",
            Self::Other => "other",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The time zones of the French Republic (« fuseaux horaires »), by their IANA names.
pub const TIME_ZONES: [&str; 14] = [
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "America/Miquelon",
    "America/St_Barthelemy",
    "America/Marigot",
    "Pacific/Wallis",
    "Pacific/Tahiti",
    "Pacific/Marquesas",
    "Pacific/Gambier",
    "Pacific/Noumea",
];

/// The zone of this name (« fuseau horaire »), if the Republic has it.
#[must_use]
pub fn time_zone(name: &str) -> Option<&'static str> {
    TIME_ZONES.into_iter().find(|known| *known == name)
}

/// A public body (« collectivité, organisme »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub name: String,
    pub siren: Option<Siren>,
    pub insee: Option<InseeCode>,
    /// The department's code; tells homonymous communes apart.
    pub department: Option<String>,
    /// The SIREN of the EPCI to which a commune belongs.
    pub epci_siren: Option<Siren>,
    /// An IANA time zone, `Europe/Paris`.
    pub time_zone: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub address: Option<String>,
    /// Good Friday is a holiday there: it has a Protestant temple or a mixed church.
    pub good_friday: bool,
    /// The local law of Alsace-Moselle applies: 26 December is a holiday.
    pub local_law: bool,
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl Organisation {
    /// How lists are sorted: without accents, lower case.
    #[must_use]
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.name)
    }

    /// Everything by which it may be looked for.
    #[must_use]
    pub fn search_text(&self) -> String {
        let parts = [
            Some(self.name.as_str()),
            self.insee.as_ref().map(InseeCode::as_str),
            self.siren.as_ref().map(Siren::as_str),
            self.department.as_deref(),
        ];
        text::search_text(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

/// A dated population (« population »): councils quarrel over which, so each says what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    pub organisation: OrganisationId,
    /// The series: `municipale`, `totale`, `dgf`.
    pub series: String,
    pub year: i32,
    pub inhabitants: i64,
    pub source: String,
}

/// What is refused about organisations (« organisme refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationError {
    #[error("an organisation already has this SIREN")]
    SirenTaken { siren: String },
    #[error("an organisation already has this INSEE code")]
    InseeTaken { insee: String },
    #[error("the series {series} has the year {year} already")]
    PopulationTaken { series: String, year: i32 },
    #[error("no commune or EPCI has the number {number}")]
    Unknown { number: String },
}

impl OrganisationError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SirenTaken { .. } => "organisation.siren-taken",
            Self::InseeTaken { .. } => "organisation.insee-taken",
            Self::PopulationTaken { .. } => "organisation.population-taken",
            Self::Unknown { .. } => "organisation.unknown",
        }
    }
}
