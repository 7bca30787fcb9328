//! Why this cent (« pourquoi ce centime ? »): one amount of one member, with all that made it.

use super::{Fraction, Origin, TaxGroup};
use crate::money::Cents;

/// One of the amounts that an algorithm rounds (« case »): a line, or a tax as printed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Line(String),
    Tax(TaxGroup),
}

/// A sum of amounts of one member (« sous-total »), from the widest to the narrowest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subtotal {
    /// Net and tax (« TTC »).
    Gross,
    /// Every line (« HT »).
    Net,
    /// Every tax (« TVA »).
    Tax,
    /// The lines of one tax group (« taux »).
    Group(TaxGroup),
    /// The lines of one lot within one tax group (« lot »).
    Lot(TaxGroup, String),
}

/// One rounded amount with everything that made it (« explication »).
///
/// An invoice whose first amount is a credit is rounded as its opposite and turned back:
/// `mirrored` says so. Then `total`, `exact`, `base`, `share`, `deviation` and `origin` are of
/// the invoice itself, and the rest is told of its opposite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub cell: Cell,
    /// What is split: the net of the line, or the tax of the group as printed.
    pub total: Cents,
    /// How the exact part comes from the rule and the figures of the member.
    pub origin: Origin,
    pub exact: Fraction,
    /// The whole cents of the exact part, before the leftover is given out.
    pub base: Cents,
    /// Cents that the whole parts of all members leave on this row.
    pub leftover: usize,
    /// Members with a part of a cent, who compete for the leftover.
    pub candidates: usize,
    /// What earlier invoices owe to the member, in cents.
    pub carried: Fraction,
    /// What was owed in each subtotal of the row, the narrowest first; none under `line-1`.
    pub dues: Vec<LevelDue>,
    /// What decides who comes first: the part of a cent, the mean of the dues before, and
    /// `carried`.
    pub priority: Fraction,
    /// The last one who received a leftover cent.
    pub last_served: Option<LastServed>,
    pub cause: Cause,
    pub share: Cents,
    /// The share less its exact part, in cents: between −1 and 1.
    pub deviation: Fraction,
    /// The repairs that moved this very amount, in order.
    pub exchanges: Vec<Exchange>,
    pub mirrored: bool,
}

/// What a member is owed in one subtotal (« dû »): exact less allocated so far, in cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelDue {
    pub subtotal: Subtotal,
    pub before: Fraction,
    /// Once the row is shared, before any repair at the end of the invoice.
    pub after: Fraction,
}

/// The last one who received a leftover cent (« dernier servi »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastServed {
    pub member: String,
    pub priority: Fraction,
}

/// Why a share is its floor or its ceiling (« motif »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The exact part is a whole number of cents.
    Exact,
    /// More was owed to it than to those who got nothing: one cent more.
    Ranked,
    /// As much was owed to it as to the last one served: the lower id decided.
    Tied,
    /// More was owed to others.
    Below,
    /// Moved afterwards, so that a subtotal is within a cent of its exact value.
    Repaired,
    /// The rule holds it at its floor.
    Floor,
    /// The rule holds it at its cap.
    Cap,
    /// Minus the share of the invoice that is credited.
    Credit,
}

/// Cents that changed hands so that one subtotal is within a cent again (« réparation »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The subtotal that strayed, and whose it was.
    pub subtotal: Subtotal,
    pub member: String,
    /// In each row as many gain a cent as give one.
    pub steps: Vec<ExchangeStep>,
}

/// One cent gained or given by a member in one row (« échange »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeStep {
    pub cell: Cell,
    pub member: String,
    pub gains: bool,
}

/// A subtotal of a member, beside its exact value (« total expliqué »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyTotal {
    pub subtotal: Subtotal,
    pub exact: Fraction,
    pub share: Cents,
    /// The share less its exact value, in cents.
    pub deviation: Fraction,
    /// What it is the sum of: each amount with its exact part and its share.
    pub parts: Vec<WhyPart>,
}

/// One amount of a subtotal (« élément »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyPart {
    pub cell: Cell,
    pub exact: Fraction,
    pub share: Cents,
}

impl Subtotal {
    /// Whether a line of this tax group and lot counts in it; a tax, when there is none.
    pub(super) fn holds(&self, line: Option<(TaxGroup, Option<&str>)>) -> bool {
        match (self, line) {
            (Self::Gross, _) | (Self::Net, Some(_)) | (Self::Tax, None) => true,
            (Self::Group(group), Some((own, _))) => own == *group,
            (Self::Lot(group, lot), Some((own, of))) => own == *group && of == Some(lot.as_str()),
            (Self::Tax, Some(_)) | (Self::Net | Self::Group(_) | Self::Lot(..), None) => false,
        }
    }
}

impl Cause {
    pub const ALL: [Self; 8] = [
        Self::Exact,
        Self::Ranked,
        Self::Tied,
        Self::Below,
        Self::Repaired,
        Self::Floor,
        Self::Cap,
        Self::Credit,
    ];

    /// Stable name used in answers between machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "EXACT",
            Self::Ranked => "RANK",
            Self::Tied => "TIE",
            Self::Below => "BELOW",
            Self::Repaired => "REPAIR",
            Self::Floor => "FLOOR",
            Self::Cap => "CAP",
            Self::Credit => "CREDIT",
        }
    }
}

impl Why {
    /// Why the full credit note of this invoice has minus this share (« avoir »).
    ///
    /// Its origin stays that of the invoice which is credited.
    #[must_use]
    pub fn credited(self) -> Self {
        let opposite = |amount: Cents| Cents(amount.0.saturating_neg());
        Self {
            total: opposite(self.total),
            exact: self.exact.negated(),
            base: opposite(self.base),
            share: opposite(self.share),
            deviation: self.deviation.negated(),
            cause: Cause::Credit,
            mirrored: !self.mirrored,
            ..self
        }
    }
}

impl WhyTotal {
    pub(super) fn of(
        subtotal: Subtotal,
        parts: Vec<WhyPart>,
    ) -> Result<Self, crate::money::MoneyError> {
        let share = Cents::checked_sum(parts.iter().map(|part| part.share))?;
        let zero = Fraction::zero();
        let exact = parts.iter().fold(zero, |sum, part| sum.plus(&part.exact));
        let deviation = Fraction::whole(share.0).minus(&exact);
        Ok(Self {
            subtotal,
            exact,
            share,
            deviation,
            parts,
        })
    }
}
