//! The case as a file between machines: the format of `encommun allocate`.

use std::collections::{BTreeMap, BTreeSet};

use super::{AllocationRule, Case, Line, Member, TaxGroup, TaxTotal, Weight};
use crate::money::{Cents, TaxCategory, TaxRate};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    #[serde(default)]
    vat_policy: VatPolicy,
    members: Vec<MemberFile>,
    rule: Option<AllocationRule>,
    lines: Vec<LineFile>,
    #[serde(default)]
    vat: Vec<TaxFile>,
}

/// `printed` belongs to the complete engine; `line-1` knows one policy.
#[derive(Clone, Copy, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum VatPolicy {
    #[default]
    Exact,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberFile {
    id: String,
    #[serde(default, rename = "name")]
    _name: String,
    #[serde(default)]
    keys: BTreeMap<String, Weight>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LineFile {
    id: String,
    lot: Option<String>,
    #[serde(default)]
    label: String,
    net: Cents,
    #[serde(default)]
    vat_rate: TaxRate,
    #[serde(default)]
    vat_category: TaxCategory,
    rule: Option<AllocationRule>,
    members: Option<Vec<String>>,
}

/// `Equal` has braces so that unknown fields are refused beside it too.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RuleFile {
    Equal {},
    Proportional { key: String },
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxFile {
    rate: TaxRate,
    #[serde(default)]
    category: TaxCategory,
    amount: Cents,
}

/// What a well-formed file may still lack (« fichier incomplet »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CaseFileError {
    #[error("line {line} has no rule and the case has no default rule")]
    NoRule { line: String },
    #[error("line {line} names member {member} twice")]
    TwiceInLine { line: String, member: String },
}

impl From<RuleFile> for AllocationRule {
    fn from(file: RuleFile) -> Self {
        match file {
            RuleFile::Equal {} => Self::Equal,
            RuleFile::Proportional { key } => Self::Proportional { key },
        }
    }
}

impl From<AllocationRule> for RuleFile {
    fn from(rule: AllocationRule) -> Self {
        match rule {
            AllocationRule::Equal => Self::Equal {},
            AllocationRule::Proportional { key } => Self::Proportional { key },
        }
    }
}

impl TryFrom<CaseFile> for Case {
    type Error = CaseFileError;

    fn try_from(file: CaseFile) -> Result<Self, Self::Error> {
        let VatPolicy::Exact = file.vat_policy;
        let default = file.rule.as_ref();
        let lines = file.lines.into_iter().map(|line| line.into_line(default));
        let taxes = file.vat.into_iter().map(|tax| TaxTotal {
            group: TaxGroup::new(tax.category, tax.rate),
            amount: tax.amount,
        });
        let members = file.members.into_iter().map(|member| Member {
            id: member.id,
            keys: member.keys,
        });
        Ok(Self {
            members: members.collect(),
            lines: lines.collect::<Result<_, _>>()?,
            taxes: taxes.collect(),
        })
    }
}

impl LineFile {
    fn into_line(self, default: Option<&AllocationRule>) -> Result<Line, CaseFileError> {
        let Some(rule) = self.rule.or_else(|| default.cloned()) else {
            return Err(CaseFileError::NoRule { line: self.id });
        };
        let members = match self.members {
            Some(members) => Some(without_twins(&self.id, members)?),
            None => None,
        };
        Ok(Line {
            id: self.id,
            lot: self.lot,
            label: self.label,
            net: self.net,
            tax: TaxGroup::new(self.vat_category, self.vat_rate),
            rule,
            members,
        })
    }
}

fn without_twins(line: &str, members: Vec<String>) -> Result<BTreeSet<String>, CaseFileError> {
    let mut set = BTreeSet::new();
    for member in members {
        if set.contains(&member) {
            return Err(CaseFileError::TwiceInLine {
                line: line.to_owned(),
                member,
            });
        }
        set.insert(member);
    }
    Ok(set)
}
