//! The case as a file between machines: the format of `encommun allocate`.

use std::collections::BTreeSet;

use super::reader::{CaseFileError, Fields, FileProblem, Reader};
use super::rule_file::{read_charge, read_rule};
use super::{
    AllocationRule, Case, ChargedLine, Fraction, Json, Line, Member, TaxGroup, TaxPolicy, TaxTotal,
    Weight,
};
use crate::money::{Cents, TaxCategory, TaxRate};

/// A line of the file is split by a rule, or charged by a tariff.
enum Either {
    Split(Line),
    Charged(ChargedLine),
}

impl TryFrom<Json> for Case {
    type Error = CaseFileError;

    fn try_from(json: Json) -> Result<Self, Self::Error> {
        Self::read(&json)
    }
}

impl Case {
    /// Reads the case format; a refusal points at its culprit in the file.
    pub fn read(json: &Json) -> Result<Self, CaseFileError> {
        let known = ["vat_policy", "members", "rule", "lines", "vat", "carry"];
        let file = Reader::root(json).object(&known)?;
        let default = file.optional("rule", read_rule)?;
        let mut case = Self {
            tax_policy: file
                .optional("vat_policy", read_policy)?
                .unwrap_or_default(),
            ..Self::default()
        };
        for member in file.need("members")?.list()? {
            case.members.push(read_member(&member)?);
        }
        for line in file.need("lines")?.list()? {
            match read_line(&line, default.as_ref())? {
                Either::Split(line) => case.lines.push(line),
                Either::Charged(line) => case.charges.push(line),
            }
        }
        if let Some(taxes) = file.find("vat") {
            for tax in taxes.list()? {
                case.taxes.push(read_tax(&tax)?);
            }
        }
        if let Some(carry) = file.find("carry") {
            for (id, due) in carry.entries()? {
                case.carry
                    .insert(id.to_owned(), due.number(Fraction::parse)?);
            }
        }
        Ok(case)
    }
}

fn read_policy(json: &Reader<'_>) -> Result<TaxPolicy, CaseFileError> {
    json.word("exact, printed", |word| {
        TaxPolicy::ALL
            .into_iter()
            .find(|policy| policy.word() == word)
    })
}

fn read_member(json: &Reader<'_>) -> Result<Member, CaseFileError> {
    let file = json.object(&["id", "name", "keys"])?;
    file.optional("name", |name| name.text().map(str::to_owned))?;
    let mut member = Member::new(file.need("id")?.text()?);
    if let Some(keys) = file.find("keys") {
        for (key, weight) in keys.entries()? {
            member
                .keys
                .insert(key.to_owned(), weight.number(Weight::parse)?);
        }
    }
    Ok(member)
}

fn read_line(json: &Reader<'_>, default: Option<&AllocationRule>) -> Result<Either, CaseFileError> {
    let known = [
        "id",
        "lot",
        "label",
        "net",
        "vat_rate",
        "vat_category",
        "rule",
        "charge",
        "members",
    ];
    let file = json.object(&known)?;
    let id = file.need("id")?.text()?.to_owned();
    let lot = file.optional("lot", |lot| lot.text().map(str::to_owned))?;
    let label = file.optional("label", |label| label.text().map(str::to_owned))?;
    let label = label.unwrap_or_default();
    let tax = read_group(&file, "vat_rate", "vat_category")?;
    let members = file.optional("members", read_ids)?;
    let (net, charge) = file.either("net", "charge")?;
    let own = file.find("rule");
    if let (Some(charge), Some(rule)) = (&charge, &own) {
        let (one, other) = ("charge", "rule");
        read_charge(charge)?;
        return Err(rule.refuse(FileProblem::Both { one, other }));
    }
    if let Some(charge) = charge {
        let charge = read_charge(&charge)?;
        let line = ChargedLine {
            id,
            lot,
            label,
            tax,
            charge,
            members,
        };
        return Ok(Either::Charged(line));
    }
    let net = match net {
        Some(net) => net.number(Cents::parse)?,
        None => Cents::ZERO,
    };
    let rule = match own {
        Some(rule) => Some(read_rule(&rule)?),
        None => default.cloned(),
    };
    let Some(rule) = rule else {
        return Err(json.refuse(FileProblem::NoRule));
    };
    let line = Line {
        id,
        lot,
        label,
        net,
        tax,
        rule,
        members,
    };
    Ok(Either::Split(line))
}

fn read_tax(json: &Reader<'_>) -> Result<TaxTotal, CaseFileError> {
    let file = json.object(&["rate", "category", "amount"])?;
    file.need("rate")?;
    Ok(TaxTotal {
        group: read_group(&file, "rate", "category")?,
        amount: file.need("amount")?.number(Cents::parse)?,
    })
}

pub(super) fn read_group(
    file: &Fields<'_>,
    rate: &str,
    category: &str,
) -> Result<TaxGroup, CaseFileError> {
    let rate = file.optional(rate, |rate| rate.number(TaxRate::parse))?;
    let category = file.optional(category, |category| {
        category.word("S, TSCA, E", |code| TaxCategory::parse(code).ok())
    })?;
    Ok(TaxGroup::new(
        category.unwrap_or_default(),
        rate.unwrap_or_default(),
    ))
}

/// A list of ids, each once.
pub(super) fn read_ids(json: &Reader<'_>) -> Result<BTreeSet<String>, CaseFileError> {
    let mut ids = BTreeSet::new();
    for id in json.list()? {
        let text = id.text()?;
        if !ids.insert(text.to_owned()) {
            let key = text.to_owned();
            return Err(id.refuse(FileProblem::Twice { key }));
        }
    }
    Ok(ids)
}
