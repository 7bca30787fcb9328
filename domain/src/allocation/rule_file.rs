//! Rules and tariffs in JSON, in both directions.

use std::collections::BTreeMap;

use super::case_file::read_ids;
use super::json::{object, text};
use super::reader::{CaseFileError, Fields, Reader};
use super::{
    AllocationRule, Band, BandMode, Bands, Bounds, Charge, Factor, FixedAmounts, Json, MixPart,
    PercentOf, Weight,
};
use crate::money::Cents;
use crate::number;

const RULES: &str = "equal, proportional, product, percent, bands, coefficient, mix, first, \
                     clamp, direct";
const CHARGES: &str = "per_unit, flat, bands, percent_of";

impl TryFrom<Json> for AllocationRule {
    type Error = CaseFileError;

    fn try_from(json: Json) -> Result<Self, Self::Error> {
        read_rule(&Reader::root(&json))
    }
}

impl From<AllocationRule> for Json {
    fn from(rule: AllocationRule) -> Self {
        rule_json(&rule)
    }
}

/// The fields of each kind of rule, beside `kind`.
fn rule_fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "equal" => &["kind"],
        "proportional" => &["kind", "key"],
        "product" => &["kind", "factors"],
        "percent" => &["kind", "percents", "normalise"],
        "bands" => &["kind", "key", "mode", "bands"],
        "coefficient" => &["kind", "rule", "coefficients"],
        "mix" => &["kind", "parts"],
        "first" => &["kind", "amounts", "each", "then"],
        "clamp" => &["kind", "rule", "floor", "cap", "floors", "caps"],
        "direct" => &["kind", "amounts"],
        _ => return None,
    })
}

pub(super) fn read_rule(json: &Reader<'_>) -> Result<AllocationRule, CaseFileError> {
    let (kind, file) = kinded(json, RULES, rule_fields)?;
    let inner = |name| Ok(Box::new(read_rule(&file.need(name)?)?));
    Ok(match kind {
        "proportional" => AllocationRule::proportional(file.need("key")?.text()?),
        "product" => AllocationRule::Product {
            factors: all(&file.need("factors")?, read_factor)?,
        },
        "percent" => AllocationRule::Percent {
            percents: weights(&file.need("percents")?)?,
            normalise: file.optional("normalise", Reader::flag)?.unwrap_or(false),
        },
        "bands" => AllocationRule::Bands(read_bands(&file)?),
        "coefficient" => AllocationRule::Coefficient {
            rule: inner("rule")?,
            coefficients: weights(&file.need("coefficients")?)?,
        },
        "mix" => AllocationRule::Mix {
            parts: all(&file.need("parts")?, read_part)?,
        },
        "first" => AllocationRule::First {
            fixed: read_fixed(&file)?,
            then: inner("then")?,
        },
        "clamp" => AllocationRule::Clamp {
            rule: inner("rule")?,
            bounds: Bounds {
                floor: file.optional("floor", cents)?,
                cap: file.optional("cap", cents)?,
                floors: file.optional("floors", amounts)?.unwrap_or_default(),
                caps: file.optional("caps", amounts)?.unwrap_or_default(),
            },
        },
        "direct" => AllocationRule::Direct {
            amounts: amounts(&file.need("amounts")?)?,
        },
        _ => AllocationRule::Equal,
    })
}

pub(super) fn read_charge(json: &Reader<'_>) -> Result<Charge, CaseFileError> {
    let fields = |kind: &str| -> Option<&'static [&'static str]> {
        Some(match kind {
            "per_unit" => &["kind", "key", "rate"],
            "flat" => &["kind", "amount"],
            "bands" => &["kind", "key", "mode", "bands"],
            "percent_of" => &["kind", "lines", "percent", "min", "cap"],
            _ => return None,
        })
    };
    let (kind, file) = kinded(json, CHARGES, fields)?;
    Ok(match kind {
        "per_unit" => Charge::PerUnit {
            key: file.need("key")?.text()?.to_owned(),
            rate: file.need("rate")?.number(Weight::parse)?,
        },
        "bands" => Charge::Bands(read_bands(&file)?),
        "percent_of" => Charge::PercentOf(PercentOf {
            lines: read_ids(&file.need("lines")?)?,
            percent: file.need("percent")?.number(Weight::parse)?,
            min: file.optional("min", cents)?,
            cap: file.optional("cap", cents)?,
        }),
        _ => Charge::Flat {
            amount: cents(&file.need("amount")?)?,
        },
    })
}

/// The kind of an object, and its fields once they are known to be those of the kind.
fn kinded<'a>(
    json: &Reader<'a>,
    kinds: &'static str,
    fields_of: impl Fn(&str) -> Option<&'static [&'static str]>,
) -> Result<(&'a str, Fields<'a>), CaseFileError> {
    let entries = json.entries()?;
    let Some((_, kind)) = entries.iter().find(|(key, _)| *key == "kind") else {
        let field = "kind";
        return Err(json.refuse(super::FileProblem::Missing { field }));
    };
    let known = kind.word(kinds, fields_of)?;
    Ok((kind.text()?, json.object(known)?))
}

fn read_factor(json: &Reader<'_>) -> Result<Factor, CaseFileError> {
    let file = json.object(&["key", "inverse"])?;
    Ok(Factor {
        key: file.need("key")?.text()?.to_owned(),
        inverse: file.optional("inverse", Reader::flag)?.unwrap_or(false),
    })
}

fn read_part(json: &Reader<'_>) -> Result<MixPart, CaseFileError> {
    let file = json.object(&["percent", "rule"])?;
    Ok(MixPart {
        percent: file.need("percent")?.number(Weight::parse)?,
        rule: read_rule(&file.need("rule")?)?,
    })
}

fn read_fixed(file: &Fields<'_>) -> Result<FixedAmounts, CaseFileError> {
    let (all, each) = file.either("amounts", "each")?;
    if let Some(each) = each {
        return Ok(FixedAmounts::Each(cents(&each)?));
    }
    let all = all.as_ref().map(amounts).transpose()?;
    Ok(FixedAmounts::Of(all.unwrap_or_default()))
}

fn read_bands(file: &Fields<'_>) -> Result<Bands, CaseFileError> {
    let mode = file.need("mode")?.word("flat, slab, marginal", |word| {
        BandMode::ALL.into_iter().find(|mode| mode.word() == word)
    })?;
    Ok(Bands {
        key: file.need("key")?.text()?.to_owned(),
        mode,
        bands: all(&file.need("bands")?, |json| {
            let file = json.object(&["up_to", "value"])?;
            Ok(Band {
                up_to: file.optional("up_to", |end| end.number(Weight::parse))?,
                value: file.need("value")?.number(Weight::parse)?,
            })
        })?,
    })
}

fn all<'a, T>(
    json: &Reader<'a>,
    read: impl Fn(&Reader<'a>) -> Result<T, CaseFileError>,
) -> Result<Vec<T>, CaseFileError> {
    json.list()?.iter().map(read).collect()
}

fn cents(json: &Reader<'_>) -> Result<Cents, CaseFileError> {
    json.number(Cents::parse)
}

fn amounts(json: &Reader<'_>) -> Result<BTreeMap<String, Cents>, CaseFileError> {
    let entries = json.entries()?.into_iter();
    entries
        .map(|(id, amount)| Ok((id.to_owned(), cents(&amount)?)))
        .collect()
}

fn weights(json: &Reader<'_>) -> Result<BTreeMap<String, Weight>, CaseFileError> {
    let entries = json.entries()?.into_iter();
    entries
        .map(|(id, weight)| Ok((id.to_owned(), weight.number(Weight::parse)?)))
        .collect()
}

/// The canonical form of a rule: no default is written.
pub(super) fn rule_json(rule: &AllocationRule) -> Json {
    match rule {
        AllocationRule::Equal => object([("kind", text("equal"))]),
        AllocationRule::Proportional { key } => {
            object([("key", text(key)), ("kind", text("proportional"))])
        }
        AllocationRule::Product { factors } => object([
            ("factors", any_order(factors.iter().map(factor_json))),
            ("kind", text("product")),
        ]),
        AllocationRule::Percent {
            percents,
            normalise,
        } => {
            let mut json = object([("kind", text("percent")), ("percents", texts(percents))]);
            if *normalise {
                json.put("normalise", Json::Flag(true));
            }
            json
        }
        AllocationRule::Bands(bands) => bands_json(bands),
        AllocationRule::Coefficient { rule, coefficients } => object([
            ("coefficients", texts(coefficients)),
            ("kind", text("coefficient")),
            ("rule", rule_json(rule)),
        ]),
        AllocationRule::Mix { parts } => object([
            ("kind", text("mix")),
            ("parts", any_order(parts.iter().map(part_json))),
        ]),
        AllocationRule::First { fixed, then } => {
            let (name, fixed) = match fixed {
                FixedAmounts::Each(each) => ("each", amount(*each)),
                FixedAmounts::Of(amounts) => ("amounts", amounts_json(amounts)),
            };
            object([
                (name, fixed),
                ("kind", text("first")),
                ("then", rule_json(then)),
            ])
        }
        AllocationRule::Clamp { rule, bounds } => clamp_json(rule, bounds),
        AllocationRule::Direct { amounts } => {
            object([("amounts", amounts_json(amounts)), ("kind", text("direct"))])
        }
    }
}

pub(super) fn charge_json(charge: &Charge) -> Json {
    match charge {
        Charge::PerUnit { key, rate } => object([
            ("key", text(key)),
            ("kind", text("per_unit")),
            ("rate", text(&rate.to_string())),
        ]),
        Charge::Flat { amount: flat } => {
            object([("amount", amount(*flat)), ("kind", text("flat"))])
        }
        Charge::Bands(bands) => bands_json(bands),
        Charge::PercentOf(of) => {
            let mut json = object([
                ("kind", text("percent_of")),
                (
                    "lines",
                    Json::List(of.lines.iter().map(|id| text(id)).collect()),
                ),
                ("percent", text(&of.percent.to_string())),
            ]);
            for (name, bound) in [("min", of.min), ("cap", of.cap)] {
                if let Some(bound) = bound {
                    json.put(name, amount(bound));
                }
            }
            json
        }
    }
}

/// An amount without useless zeros: `100`, `0.5`.
pub(super) fn amount(cents: Cents) -> Json {
    let mut shortest = String::new();
    // Writing to a string cannot fail.
    number::print_strict(&mut shortest, cents.0, 2, 0).unwrap_or_default();
    Json::Text(shortest)
}

fn clamp_json(rule: &AllocationRule, bounds: &Bounds) -> Json {
    let mut json = object([("kind", text("clamp")), ("rule", rule_json(rule))]);
    for (name, bound) in [("floor", bounds.floor), ("cap", bounds.cap)] {
        if let Some(bound) = bound {
            json.put(name, amount(bound));
        }
    }
    for (name, bounds) in [("floors", &bounds.floors), ("caps", &bounds.caps)] {
        if !bounds.is_empty() {
            json.put(name, amounts_json(bounds));
        }
    }
    json
}

fn bands_json(bands: &Bands) -> Json {
    let list = bands.bands.iter().map(|band| {
        let mut json = object([("value", text(&band.value.to_string()))]);
        if let Some(end) = band.up_to {
            json.put("up_to", text(&end.to_string()));
        }
        json
    });
    object([
        ("bands", Json::List(list.collect())),
        ("key", text(&bands.key)),
        ("kind", text("bands")),
        ("mode", text(bands.mode.word())),
    ])
}

fn factor_json(factor: &Factor) -> Json {
    let mut json = object([("key", text(&factor.key))]);
    if factor.inverse {
        json.put("inverse", Json::Flag(true));
    }
    json
}

fn part_json(part: &MixPart) -> Json {
    object([
        ("percent", text(&part.percent.to_string())),
        ("rule", rule_json(&part.rule)),
    ])
}

/// A list whose order means nothing, in one order.
fn any_order(items: impl Iterator<Item = Json>) -> Json {
    let mut items: Vec<Json> = items.collect();
    items.sort_by_cached_key(|item| item.clone().print());
    Json::List(items)
}

fn amounts_json(amounts: &BTreeMap<String, Cents>) -> Json {
    let entries = amounts.iter();
    Json::Object(
        entries
            .map(|(id, cents)| (id.clone(), amount(*cents)))
            .collect(),
    )
}

fn texts(weights: &BTreeMap<String, Weight>) -> Json {
    let entries = weights.iter();
    Json::Object(
        entries
            .map(|(id, weight)| (id.clone(), text(&weight.to_string())))
            .collect(),
    )
}
