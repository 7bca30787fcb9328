//! What the list says of a commune and of an EPCI.
use domain::identity::{InseeCode, Siren};

/// A commune of the list (« commune »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commune {
    /// Its INSEE code, which is not a postcode.
    pub insee: InseeCode,
    /// Its SIREN; 94 places without a municipal council, or overseas, have none here.
    pub siren: Option<Siren>,
    /// Its official name.
    pub name: Box<str>,
    /// Its population without double counts (« population municipale »), in persons.
    pub population_municipale: Option<u32>,
    /// With the people counted apart (« population totale »), in persons.
    pub population_totale: Option<u32>,
    /// The SIREN of its EPCI; 98 communes, mostly islands, belong to none.
    pub epci_siren: Option<Siren>,
    pub(super) postcodes: Box<str>,
}

impl Commune {
    /// The number of its department (« département »): `59`, `2A`, `974`.
    #[must_use]
    pub fn department(&self) -> &str {
        self.insee.department()
    }

    /// Its postcodes (« codes postaux »): none for an uninhabited island, 21 for Paris.
    pub fn postcodes(&self) -> impl Iterator<Item = &str> {
        self.postcodes.split(' ').filter(|code| !code.is_empty())
    }
}

/// An EPCI that levies its own taxes (« EPCI à fiscalité propre »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epci {
    /// Its SIREN.
    pub siren: Siren,
    /// Its name, as the DGCL writes it.
    pub name: Box<str>,
    /// What it is.
    pub kind: EpciKind,
    /// How many communes it has.
    pub members: u32,
    /// The sum of its members' (« population municipale »), in persons.
    pub population_municipale: u32,
    /// The sum of its members' (« population totale »), in persons.
    pub population_totale: u32,
}

/// What an EPCI is (« nature d’EPCI »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EpciKind {
    /// « Communauté de communes ».
    CommunauteDeCommunes,
    /// « Communauté d’agglomération ».
    CommunauteDAgglomeration,
    /// « Communauté urbaine ».
    CommunauteUrbaine,
    /// « Métropole ».
    Metropole,
    /// « Métropole de Lyon », a local authority of its own kind.
    MetropoleDeLyon,
}

impl EpciKind {
    /// All of them, as the DGCL abbreviates them.
    pub const ALL: [(Self, &str); 5] = [
        (Self::CommunauteDeCommunes, "CC"),
        (Self::CommunauteDAgglomeration, "CA"),
        (Self::CommunauteUrbaine, "CU"),
        (Self::Metropole, "METRO"),
        (Self::MetropoleDeLyon, "MET69"),
    ];

    /// Reads the abbreviation of the DGCL.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|(_, known)| *known == code)
            .map(|(kind, _)| kind)
    }

    /// The abbreviation of the DGCL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CommunauteDeCommunes => "CC",
            Self::CommunauteDAgglomeration => "CA",
            Self::CommunauteUrbaine => "CU",
            Self::Metropole => "METRO",
            Self::MetropoleDeLyon => "MET69",
        }
    }
}
