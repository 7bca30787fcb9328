//! How binding a need is, and the choice a person makes before any quantity.
use crate::quantity::Quantity;

/// How binding a need is (« engagement »: ferme, possible jusqu’à…, intention).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Commitment {
    /// Will be ordered (« ferme »).
    #[default]
    Firm,
    /// May be ordered up to a quantity (« possible, jusqu’à… »).
    UpTo { most: Quantity },
    /// Only meant (« intention »).
    Intention,
}

/// The kind of commitment a person chooses (« engagement choisi »), before any quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommitmentKind {
    /// « Ferme ».
    #[default]
    Firm,
    /// « Possible, jusqu’à… ».
    UpTo,
    /// « Intention ».
    Intention,
}

impl CommitmentKind {
    /// Every kind, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Firm, Self::UpTo, Self::Intention];

    /// The name in the database, the files and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::UpTo => "up_to",
            Self::Intention => "intention",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Commitment {
    /// The commitment that a choice and two quantities make.
    ///
    /// | chosen    | quantity | most | commitment |
    /// |-----------|---------:|-----:|------------|
    /// | firm      |        4 |      | firm       |
    /// | firm      |        4 |    6 | up to 6    |
    /// | firm      |        4 |    4 | firm       |
    /// | up to     |        4 |      | up to 4    |
    /// | intention |        4 |    6 | intention  |
    #[must_use]
    pub fn of(kind: CommitmentKind, quantity: Quantity, most: Option<Quantity>) -> Self {
        match (kind, most) {
            (CommitmentKind::Intention, _) => Self::Intention,
            (CommitmentKind::UpTo, most) => Self::UpTo {
                most: most.unwrap_or(quantity),
            },
            (CommitmentKind::Firm, Some(most)) if most > quantity => Self::UpTo { most },
            (CommitmentKind::Firm, _) => Self::Firm,
        }
    }

    /// Its kind alone.
    #[must_use]
    pub fn kind(self) -> CommitmentKind {
        match self {
            Self::Firm => CommitmentKind::Firm,
            Self::UpTo { .. } => CommitmentKind::UpTo,
            Self::Intention => CommitmentKind::Intention,
        }
    }

    /// The largest quantity that may be ordered, when it is more than the quantity itself.
    #[must_use]
    pub fn most(self) -> Option<Quantity> {
        match self {
            Self::UpTo { most } => Some(most),
            Self::Firm | Self::Intention => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_and_two_quantities_make_a_commitment() {
        use CommitmentKind::{Firm, Intention, UpTo};
        let up_to = |most| Commitment::UpTo {
            most: Quantity(most),
        };
        for (kind, most, commitment) in [
            (Firm, None, Commitment::Firm),
            (Firm, Some(6_000), up_to(6_000)),
            (Firm, Some(4_000), Commitment::Firm),
            (UpTo, None, up_to(4_000)),
            (Intention, Some(6_000), Commitment::Intention),
        ] {
            let made = Commitment::of(kind, Quantity(4_000), most.map(Quantity));
            assert_eq!(made, commitment);
        }
    }
}
