//! Where an exact part comes from: the rule step by step, as facts for the faces to put in words.

use super::{BandMode, Fraction, TaxGroup, TaxPolicy, Weight};
use crate::money::Cents;

/// How an exact part is computed (« origine »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A line that is split by its rule.
    Rule(Step),
    /// A line that is charged by its tariff.
    Charge(Tariffed),
    /// A tax as printed.
    Tax(Taxed),
}

/// What a rule gives a member of an amount (« étape »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What this step splits, in cents.
    pub total: Fraction,
    /// What the member has of it, in cents.
    pub part: Fraction,
    pub by: StepBy,
}

/// By which rule (« règle de l’étape »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepBy {
    /// `total × weight / sum`.
    Weight {
        weighing: Weighing,
        weight: Fraction,
        sum: Fraction,
    },
    /// A part by each rule.
    Mix { parts: Vec<MixedStep> },
    /// A fixed amount, and a part of what the fixed amounts leave.
    First { fixed: Cents, rest: Box<Step> },
    /// What the rule would give, then held at a bound or moved by those who are.
    Clamp {
        /// Without the bounds.
        free: Box<Step>,
        floor: Option<Cents>,
        cap: Option<Cents>,
        /// The bound that holds this member, if one does.
        held: Option<Bound>,
    },
    /// An amount that is known already.
    Direct,
}

/// One rule of a composed rule (« part d’une règle composée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedStep {
    pub percent: Weight,
    pub step: Step,
}

/// Which bound holds an amount (« borne »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Floor,
    Cap,
}

/// Where a weight comes from (« pesée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weighing {
    Equal,
    Key {
        key: String,
        figure: Weight,
    },
    /// The product of the figures, each inverted or not.
    Product {
        factors: Vec<FactorFigure>,
    },
    /// A percentage; of their sum when it is not 100.
    Percent {
        percent: Weight,
        normalise: bool,
    },
    Bands(BandFigure),
    /// The weight of another rule, times a coefficient.
    Coefficient {
        of: Box<Weighing>,
        weight: Fraction,
        coefficient: Weight,
    },
}

/// The member's figure in one key of a product (« facteur »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorFigure {
    pub key: String,
    pub figure: Weight,
    pub inverse: bool,
}

/// The bands that a member's figure reaches (« tranches atteintes »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandFigure {
    pub key: String,
    pub figure: Weight,
    pub mode: BandMode,
    /// One, but for marginal rates.
    pub reached: Vec<BandPart>,
}

/// What one band gives (« tranche »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandPart {
    /// Where the band begins; it does not belong to it, unless it is zero.
    pub from: Fraction,
    pub up_to: Option<Weight>,
    /// The rate or the amount of the band.
    pub value: Weight,
    /// What the rate multiplies; 1 for an amount.
    pub times: Fraction,
}

/// What a tariff charges a member (« montant tarifé »), before it is rounded to the cent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tariffed {
    /// In cents; half a cent goes away from zero.
    pub computed: Fraction,
    pub charged: Cents,
    pub by: TariffBy,
}

/// By which tariff (« tarif appliqué »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TariffBy {
    PerUnit {
        key: String,
        figure: Weight,
        rate: Weight,
    },
    Flat,
    Bands(BandFigure),
    /// A percentage of what some lines cost the member.
    PercentOf {
        base: Cents,
        percent: Weight,
        min: Option<Cents>,
        cap: Option<Cents>,
        held: Option<Bound>,
    },
}

/// The exact tax of a member (« taxe exacte »).
///
/// It is `nominal + gap × |net| / base_of_all`: `rate × net`, and the member's part of the gap
/// between that and what the supplier printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taxed {
    pub group: TaxGroup,
    /// Whether the net is exact, or in the cents of the page.
    pub policy: TaxPolicy,
    /// The member's net under this tax, in cents.
    pub net: Fraction,
    pub net_of_all: Cents,
    /// The sum of the magnitudes of all nets, in which the gap is shared.
    pub base_of_all: Fraction,
    /// `rate × net`.
    pub nominal: Fraction,
    /// The tax printed, less `rate × net_of_all`.
    pub gap: Fraction,
}

impl Origin {
    /// The bound that holds the whole amount, if one does.
    pub fn held(&self) -> Option<Bound> {
        match self {
            Self::Rule(step) => step.held(),
            Self::Charge(tariffed) => match &tariffed.by {
                TariffBy::PercentOf { held, .. } => *held,
                TariffBy::PerUnit { .. } | TariffBy::Flat | TariffBy::Bands(_) => None,
            },
            Self::Tax(_) => None,
        }
    }
}

impl Step {
    /// The bound that holds the whole part, if one does.
    pub fn held(&self) -> Option<Bound> {
        match &self.by {
            StepBy::Clamp { held, .. } => *held,
            StepBy::First { rest, .. } => rest.held(),
            StepBy::Weight { .. } | StepBy::Mix { .. } | StepBy::Direct => None,
        }
    }
}

impl Taxed {
    /// From the net of the member, that of all, and the sum of the magnitudes of all.
    pub(super) fn of(
        (group, policy): (TaxGroup, TaxPolicy),
        printed: Cents,
        (net, net_of_all, base_of_all): (Fraction, Cents, Fraction),
    ) -> Self {
        let rate = Fraction::new(
            group.rate.basis_points().into(),
            &num_bigint::BigInt::from(10_000),
        );
        let nominal_of_all = Fraction::whole(net_of_all.0).times(&rate);
        Self {
            group,
            policy,
            nominal: net.times(&rate),
            gap: Fraction::whole(printed.0).minus(&nominal_of_all),
            net,
            net_of_all,
            base_of_all,
        }
    }

    /// The exact tax again, in cents.
    pub fn exact(&self) -> Fraction {
        let part = self.net.magnitude().over(&self.base_of_all);
        let part = part.unwrap_or_else(Fraction::zero);
        self.nominal.plus(&self.gap.times(&part))
    }
}
