//! Figures as they are typed: read against their item, kept even when they cannot be.
use crate::{french, number::NumberError, quantity::Quantity};

/// The longest text kept of a cell that cannot be read.
pub const TYPED_CHARS_MAX: usize = 100;

/// The largest quantity of one item that a member may ask for.
///
/// A hundred thousand of them still add up: no commune can stop a round with one figure.
pub const QUANTITY_MAX: Quantity = Quantity(9_999_999_999_999);

/// What stands in a cell for a quantity (« quantité saisie »).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Typed {
    #[default]
    Empty,
    Read(Quantity),
    /// A text that is not a quantity of this item; nothing typed is ever lost.
    Refused(String),
}

/// What an item asks of a quantity (« règle de quantité »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its number on the page: `2.1`.
    pub reference: String,
    pub unit: String,
    /// Quantities are multiples of it.
    pub step: Quantity,
}

/// Why a cell cannot be taken (« case refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellFault {
    #[error(transparent)]
    Number(#[from] NumberError),
    /// The step of the item makes no such quantity; the nearest that it makes are given.
    #[error("not a multiple of {step}")]
    Step {
        unit: String,
        step: Quantity,
        below: Quantity,
        above: Quantity,
    },
    #[error("less than the quantity {quantity}")]
    MostBelowQuantity { quantity: Quantity },
}

impl Typed {
    /// Reads a cell against its item; what cannot be read is kept.
    #[must_use]
    pub fn read(typed: &str, measure: &Measure) -> Self {
        let typed = typed.trim();
        if typed.is_empty() {
            return Self::Empty;
        }
        match parse(typed, measure) {
            Ok(quantity) => Self::Read(quantity),
            Err(_) => Self::Refused(typed.chars().take(TYPED_CHARS_MAX).collect()),
        }
    }

    /// The text to show in the cell.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Read(quantity) => french::quantity(*quantity),
            Self::Refused(typed) => typed.clone(),
        }
    }

    /// The quantity, when it is one.
    #[must_use]
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Self::Read(quantity) => Some(*quantity),
            Self::Empty | Self::Refused(_) => None,
        }
    }

    /// What is wrong with it now: the step of an item may have changed since it was typed.
    pub(super) fn fault(&self, measure: &Measure) -> Option<CellFault> {
        match self {
            Self::Empty => None,
            Self::Read(quantity) => check_step(*quantity, measure).err(),
            Self::Refused(typed) => parse(typed, measure).err(),
        }
    }
}

/// Reads a quantity the French way and checks it against the item's step.
///
/// | typed | step | result                  |
/// |-------|-----:|-------------------------|
/// | `4`   |    1 | 4                       |
/// | `4,5` |    1 | refused: take 4 or 5    |
/// | `13`  |    6 | refused: take 12 or 18  |
/// | `4,5` |  0,5 | 4.5                     |
/// | 10 000 000 000 | 1 | refused: too large |
///
/// # Errors
/// [`CellFault::Number`] or [`CellFault::Step`].
pub fn parse(typed: &str, measure: &Measure) -> Result<Quantity, CellFault> {
    let quantity = french::parse_quantity(typed)?;
    check_step(quantity, measure)?;
    Ok(quantity)
}

fn check_step(quantity: Quantity, measure: &Measure) -> Result<(), CellFault> {
    if quantity > QUANTITY_MAX {
        let typed = french::quantity(quantity);
        return Err(NumberError::TooLarge { typed }.into());
    }
    let step = measure.step;
    if quantity.is_multiple_of(step) {
        return Ok(());
    }
    let rest = quantity.0.checked_rem(step.0).unwrap_or(0);
    let below = quantity.0.saturating_sub(rest);
    Err(CellFault::Step {
        unit: measure.unit.clone(),
        step,
        below: Quantity(below),
        above: Quantity(below.saturating_add(step.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(step: i64) -> Measure {
        Measure {
            reference: "2.1".into(),
            unit: "appareil".into(),
            step: Quantity(step),
        }
    }

    #[test]
    fn a_quantity_is_a_multiple_of_the_step() {
        assert_eq!(parse("4", &measure(1_000)), Ok(Quantity(4_000)));
        assert_eq!(parse("4,5", &measure(500)), Ok(Quantity(4_500)));
        let most = parse("9999999999,999", &measure(1));
        assert_eq!(most, Ok(QUANTITY_MAX));
        let more = parse("10000000000", &measure(1_000));
        assert!(matches!(
            more,
            Err(CellFault::Number(NumberError::TooLarge { .. }))
        ));
        for (typed, step, below, above) in [
            ("4,5", 1_000, 4_000, 5_000),
            ("13", 6_000, 12_000, 18_000),
            ("0,5", 1_000, 0, 1_000),
        ] {
            let refused = CellFault::Step {
                unit: "appareil".into(),
                step: Quantity(step),
                below: Quantity(below),
                above: Quantity(above),
            };
            assert_eq!(parse(typed, &measure(step)), Err(refused), "{typed}");
        }
    }
}
