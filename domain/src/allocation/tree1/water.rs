//! Water-filling: shares in proportion to weights, none under its floor nor above its cap.

use num_bigint::BigInt;
use num_traits::Zero;

use super::amounts::Amounts;
use crate::allocation::Fraction;

/// The least and the most of a taker, in cents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub floor: i64,
    pub cap: Option<i64>,
}

/// Why no level of water fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// The floors exceed the total by this.
    Floors(Fraction),
    /// The caps of those who weigh something leave this out.
    Caps(Fraction),
}

/// A level where a taker leaves its floor, or reaches its cap.
struct Bend<'a> {
    cents: i64,
    weight: &'a BigInt,
    taker: usize,
    capped: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Floor,
    Free,
    Cap,
}

/// `x = clamp(λ·w, floor, cap)` with Σx = `total`, which is not negative.
///
/// | total | weights | floors | caps  | shares     |
/// |------:|---------|--------|-------|------------|
/// |   100 | 1, 1, 8 | 20, ·, · |     | 20, 80/9, 640/9 |
/// |   100 | 1, 1, 8 |        | ·, ·, 60 | 20, 20, 60 |
/// |   100 | 0, 1    | 30, ·  |       | 30, 70     |
pub(super) fn fill(
    total: &Fraction,
    weights: &[BigInt],
    limits: &[Limits],
) -> Result<Amounts, Misfit> {
    let mut states = vec![State::Floor; weights.len()];
    let mut fixed: BigInt = limits.iter().map(|limits| BigInt::from(limits.floor)).sum();
    let floors = Fraction::whole(fixed.clone());
    if floors > *total {
        return Err(Misfit::Floors(floors.minus(total)));
    }
    let mut free = BigInt::ZERO;
    for bend in bends(weights, limits) {
        // What all pay when the water stands at this bend, times the weight of its taker.
        let paid = (&fixed * bend.weight + &free * bend.cents) * total.denominator();
        if paid >= total.numerator() * bend.weight {
            break;
        }
        let (Some(state), Some(limits)) = (states.get_mut(bend.taker), limits.get(bend.taker))
        else {
            continue;
        };
        if bend.capped {
            *state = State::Cap;
            free -= bend.weight;
            fixed += bend.cents;
        } else {
            *state = State::Free;
            free += bend.weight;
            fixed -= limits.floor;
        }
    }
    let rest = total.minus(&Fraction::whole(fixed));
    if free.is_zero() {
        if !rest.is_zero() {
            return Err(Misfit::Caps(rest));
        }
        free = BigInt::from(1);
    }
    let denominator = rest.denominator() * &free;
    let part = |((state, limits), weight): ((&State, &Limits), &BigInt)| match state {
        State::Floor => &denominator * limits.floor,
        State::Cap => &denominator * limits.cap.unwrap_or(0),
        State::Free => rest.numerator() * weight,
    };
    let numerators = states.iter().zip(limits).zip(weights).map(part).collect();
    Ok(Amounts {
        numerators,
        denominator,
    })
}

/// Where the takers who weigh something bend, in the order of the level.
fn bends<'a>(weights: &'a [BigInt], limits: &[Limits]) -> Vec<Bend<'a>> {
    let mut bends = Vec::new();
    for (taker, (weight, limits)) in weights.iter().zip(limits).enumerate() {
        if weight.is_zero() {
            continue;
        }
        let bend = |cents, capped| Bend {
            cents,
            weight,
            taker,
            capped,
        };
        bends.push(bend(limits.floor, false));
        bends.extend(limits.cap.map(|cap| bend(cap, true)));
    }
    bends.sort_by(|a, b| {
        let levels = (b.weight * a.cents).cmp(&(a.weight * b.cents));
        levels
            .then(a.capped.cmp(&b.capped))
            .then(a.taker.cmp(&b.taker))
    });
    bends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(
        total: i64,
        weights: &[i64],
        limits: &[(i64, Option<i64>)],
    ) -> Result<Vec<String>, Misfit> {
        let weights: Vec<BigInt> = weights.iter().map(|weight| BigInt::from(*weight)).collect();
        let limits: Vec<Limits> = limits
            .iter()
            .map(|(floor, cap)| Limits {
                floor: *floor,
                cap: *cap,
            })
            .collect();
        let amounts = fill(&Fraction::whole(total), &weights, &limits)?;
        let parts = amounts.numerators.iter();
        Ok(parts
            .map(|numerator| Fraction::new(numerator.clone(), &amounts.denominator).to_string())
            .collect())
    }

    #[test]
    fn who_is_under_a_floor_or_above_a_cap_stands_there_and_the_rest_is_shared() {
        let free = (0, None);
        for (total, weights, limits, shares) in [
            (
                100,
                &[1, 1, 8][..],
                vec![(20, None), free, free],
                ["20/1", "80/9", "640/9"],
            ),
            (
                100,
                &[1, 1, 8],
                vec![free, free, (0, Some(60))],
                ["20/1", "20/1", "60/1"],
            ),
            (
                100,
                &[0, 1, 1],
                vec![(30, None), free, free],
                ["30/1", "35/1", "35/1"],
            ),
            (0, &[1, 2, 3], vec![free, free, free], ["0/1", "0/1", "0/1"]),
            // A cap frees water that lifts another over its floor.
            (
                90,
                &[8, 1, 1],
                vec![(0, Some(10)), (30, None), free],
                ["10/1", "40/1", "40/1"],
            ),
            (
                60,
                &[1, 1, 1],
                vec![(20, Some(20)); 3],
                ["20/1", "20/1", "20/1"],
            ),
        ] {
            assert_eq!(filled(total, weights, &limits).unwrap(), shares, "{total}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_gap() {
        let floors = filled(100, &[1, 1], &[(60, None), (45, None)]);
        assert_eq!(floors, Err(Misfit::Floors(Fraction::whole(5))));
        let caps = filled(100, &[1, 1], &[(0, Some(60)), (0, Some(30))]);
        assert_eq!(caps, Err(Misfit::Caps(Fraction::whole(10))));
        // Who weighs nothing absorbs nothing, even without a cap.
        let caps = filled(100, &[0, 1], &[(0, None), (0, Some(30))]);
        assert_eq!(caps, Err(Misfit::Caps(Fraction::whole(70))));
    }
}
