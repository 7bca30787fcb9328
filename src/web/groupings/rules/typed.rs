//! A formula typed field by field, without any JSON.
use std::collections::BTreeMap;

use domain::{
    allocation::{
        AllocationRule, Band, BandMode, Bands, Bounds, Factor, FixedAmounts, MixPart, Weight,
    },
    field::FieldProblem,
    french,
    money::Cents,
    organisation::Organisation,
    purchasing::rule::FigureSource,
};

use crate::web::form::Fields;

/// Keys that a product may have.
pub(super) const FACTORS: usize = 3;
/// Bands that a scale may have.
pub(super) const BANDS: usize = 8;
/// Parts that a composed rule may have.
pub(super) const PARTS: usize = 4;

/// The way a rule starts, before coefficients, fixed amounts and bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Equal,
    Proportional,
    Mix,
    Percent,
    Product,
    Bands,
}

impl Shape {
    pub const ALL: [Self; 6] = [
        Self::Equal,
        Self::Proportional,
        Self::Mix,
        Self::Percent,
        Self::Product,
        Self::Bands,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Proportional => "proportional",
            Self::Mix => "mix",
            Self::Percent => "percent",
            Self::Product => "product",
            Self::Bands => "bands",
        }
    }

    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Equal => ("À parts égales", "Chaque membre paie autant."),
            Self::Proportional => (
                "Selon une donnée",
                "Population, quantités livrées ou clé du groupement.",
            ),
            Self::Mix => (
                "En plusieurs parts",
                "Exemple\u{a0}: 30\u{202f}% à parts égales, 70\u{202f}% selon la population.",
            ),
            Self::Percent => (
                "Par pourcentages fixés",
                "Un pourcentage écrit pour chacun.",
            ),
            Self::Product => (
                "Selon plusieurs données combinées",
                "Exemple\u{a0}: population × effort fiscal ÷ potentiel.",
            ),
            Self::Bands => (
                "Par tranches",
                "Une valeur ou un taux selon la strate de chaque membre.",
            ),
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.code() == code)
    }
}

/// The name of the field of a member.
pub(super) fn field(of: &str, member: &Organisation) -> String {
    format!("{of}-{}", member.id)
}

/// The formula that is typed, or none with its problems in `fields`.
pub(super) fn read(fields: &mut Fields, members: &[Organisation]) -> Option<AllocationRule> {
    let base = fields.choice("forme", Shape::parse)?;
    let rule = match base {
        Shape::Equal => Some(AllocationRule::Equal),
        Shape::Proportional => source(fields, "donnee").map(AllocationRule::proportional),
        Shape::Mix => mix(fields),
        Shape::Percent => {
            let percents = weights(fields, "pourcentage", members)?;
            let normalise = fields.ticked("ramener");
            Some(AllocationRule::Percent {
                percents,
                normalise,
            })
        }
        Shape::Product => product(fields),
        Shape::Bands => bands(fields),
    };
    let rule = coefficients(fields, rule?, members)?;
    let rule = first(fields, rule, members)?;
    clamp(fields, rule, members)
}

fn known(typed: &str) -> Result<String, FieldProblem> {
    let source = FigureSource::parse(typed);
    let source = source.ok_or_else(|| FieldProblem::not_one_of(typed))?;
    Ok(source.to_string())
}

fn source(fields: &mut Fields, name: &str) -> Option<String> {
    fields.read(name, known)
}

fn mix(fields: &mut Fields) -> Option<AllocationRule> {
    let (mut parts, mut whole) = (Vec::new(), true);
    for place in 1..=PARTS {
        let (percent, by) = (format!("part_{place}"), format!("selon_{place}"));
        if fields.typed(&percent).trim().is_empty() {
            continue;
        }
        let percent = fields.read(&percent, french::parse_weight);
        let rule = fields.read(&by, |typed| match typed {
            "equal" => Ok(AllocationRule::Equal),
            typed => known(typed).map(AllocationRule::proportional),
        });
        match (percent, rule) {
            (Some(percent), Some(rule)) => parts.push(MixPart { percent, rule }),
            _ => whole = false,
        }
    }
    if whole && parts.is_empty() {
        fields.refuse("part_1", FieldProblem::Missing);
        return None;
    }
    whole.then_some(AllocationRule::Mix { parts })
}

fn product(fields: &mut Fields) -> Option<AllocationRule> {
    let (mut factors, mut whole) = (Vec::new(), true);
    for place in 1..=FACTORS {
        let name = format!("facteur_{place}");
        if fields.typed(&name).trim().is_empty() {
            continue;
        }
        let inverse = fields.ticked(&format!("inverse_{place}"));
        match source(fields, &name) {
            Some(key) => factors.push(Factor { key, inverse }),
            None => whole = false,
        }
    }
    if whole && factors.is_empty() {
        fields.refuse("facteur_1", FieldProblem::Missing);
        return None;
    }
    whole.then_some(AllocationRule::Product { factors })
}

fn bands(fields: &mut Fields) -> Option<AllocationRule> {
    let key = source(fields, "donnee_tranches");
    let mode = fields.choice("mode", |code| {
        BandMode::ALL.into_iter().find(|mode| mode.word() == code)
    });
    let (mut bands, mut whole) = (Vec::new(), true);
    for place in 1..=BANDS {
        let (end, value) = (format!("borne_{place}"), format!("valeur_{place}"));
        let blank = |name: &str| fields.typed(name).trim().is_empty();
        if blank(&end) && blank(&value) {
            continue;
        }
        let up_to = fields.read_optional(&end, french::parse_weight);
        let value = fields.read(&value, french::parse_weight);
        match (up_to, value) {
            (Some(up_to), Some(value)) => bands.push(Band { up_to, value }),
            _ => whole = false,
        }
    }
    if whole && bands.is_empty() {
        fields.refuse("valeur_1", FieldProblem::Missing);
        return None;
    }
    let (key, mode) = (key?, mode?);
    whole.then_some(AllocationRule::Bands(Bands { key, mode, bands }))
}

fn coefficients(
    fields: &mut Fields,
    rule: AllocationRule,
    members: &[Organisation],
) -> Option<AllocationRule> {
    if !fields.ticked("avec_coefficients") {
        return Some(rule);
    }
    let coefficients = weights(fields, "coefficient", members)?;
    Some(rule.weighted_by(&coefficients))
}

fn first(
    fields: &mut Fields,
    rule: AllocationRule,
    members: &[Organisation],
) -> Option<AllocationRule> {
    if !fields.ticked("avec_fixes") {
        return Some(rule);
    }
    let each = fields.read_optional("fixe_chacun", french::parse_amount)?;
    let amounts = amounts(fields, "fixe", members)?;
    let fixed = match each {
        Some(each) if amounts.is_empty() => FixedAmounts::Each(each),
        // An amount of one's own stands instead of the common one.
        Some(each) => {
            let everyone = members.iter().map(|member| {
                let id = member.id.to_string();
                let own = amounts.get(&id).copied().unwrap_or(each);
                (id, own)
            });
            FixedAmounts::Of(everyone.collect())
        }
        None if amounts.is_empty() => {
            fields.refuse("fixe_chacun", FieldProblem::Missing);
            return None;
        }
        None => FixedAmounts::Of(amounts),
    };
    let then = Box::new(rule);
    Some(AllocationRule::First { fixed, then })
}

fn clamp(
    fields: &mut Fields,
    rule: AllocationRule,
    members: &[Organisation],
) -> Option<AllocationRule> {
    if !fields.ticked("avec_bornes") {
        return Some(rule);
    }
    let floor = fields.read_optional("plancher", french::parse_amount);
    let cap = fields.read_optional("plafond", french::parse_amount);
    let floors = amounts(fields, "plancher", members);
    let caps = amounts(fields, "plafond", members);
    let bounds = Bounds {
        floor: floor?,
        cap: cap?,
        floors: floors?,
        caps: caps?,
    };
    if bounds == Bounds::default() {
        fields.refuse("plancher", FieldProblem::Missing);
        return None;
    }
    Some(AllocationRule::Clamp {
        rule: Box::new(rule),
        bounds,
    })
}

fn weights(
    fields: &mut Fields,
    of: &str,
    members: &[Organisation],
) -> Option<BTreeMap<String, Weight>> {
    of_members(fields, of, members, french::parse_weight)
}

fn amounts(
    fields: &mut Fields,
    of: &str,
    members: &[Organisation],
) -> Option<BTreeMap<String, Cents>> {
    of_members(fields, of, members, french::parse_amount)
}

fn of_members<T, E: Into<FieldProblem>>(
    fields: &mut Fields,
    of: &str,
    members: &[Organisation],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Option<BTreeMap<String, T>> {
    let (mut found, mut whole) = (BTreeMap::new(), true);
    for member in members {
        match fields.read_optional(&field(of, member), &parse) {
            Some(Some(value)) => {
                found.insert(member.id.to_string(), value);
            }
            Some(None) => {}
            None => whole = false,
        }
    }
    whole.then_some(found)
}
