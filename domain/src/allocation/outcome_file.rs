//! The outcome as a file between machines: what `encommun allocate` prints, and reads back.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::case_file::read_group;
use super::reader::{CaseFileError, Fields, FileProblem, Reader};
use super::{Fraction, Json, Outcome, Shares, Totals};
use crate::money::{Cents, TaxCategory, TaxRate};

#[derive(serde::Serialize)]
struct TotalsFile {
    net: Cents,
    vat: Cents,
    gross: Cents,
}

#[derive(serde::Serialize)]
struct ShareFile<'a> {
    line: &'a str,
    member: &'a str,
    net: Cents,
}

#[derive(serde::Serialize)]
struct TaxShareFile<'a> {
    category: TaxCategory,
    rate: TaxRate,
    member: &'a str,
    vat: Cents,
}

#[derive(serde::Serialize)]
struct MemberFile<'a> {
    id: &'a str,
    #[serde(flatten)]
    totals: TotalsFile,
}

impl From<Totals> for TotalsFile {
    fn from(totals: Totals) -> Self {
        Self {
            net: totals.net,
            vat: totals.tax,
            gross: totals.gross,
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shares = self.shares.iter().map(|((line, member), net)| ShareFile {
            line,
            member,
            net: *net,
        });
        let taxes = self
            .tax_shares
            .iter()
            .map(|((group, member), vat)| TaxShareFile {
                category: group.category,
                rate: group.rate,
                member,
                vat: *vat,
            });
        let members = self.members.iter().map(|(id, totals)| MemberFile {
            id,
            totals: (*totals).into(),
        });
        let mut file = serializer.serialize_struct("Outcome", 9)?;
        file.serialize_field("algorithm", &self.algorithm)?;
        file.serialize_field("total", &TotalsFile::from(self.total))?;
        file.serialize_field("shares", &shares.collect::<Vec<_>>())?;
        file.serialize_field("vat_shares", &taxes.collect::<Vec<_>>())?;
        file.serialize_field("members", &members.collect::<Vec<_>>())?;
        file.serialize_field("max_deviation_cents", &self.max_deviation.as_cents())?;
        file.serialize_field("repairs", &self.repairs)?;
        file.serialize_field("input_sha256", &self.input_sha256)?;
        file.serialize_field("output_sha256", &self.output_sha256)?;
        file.end()
    }
}

impl Outcome {
    /// Reads what `encommun allocate` printed; the largest deviation, cut in print, is left out.
    pub fn read(json: &Json) -> Result<Self, CaseFileError> {
        read_outcome(&Reader::root(json)).map(|(outcome, _)| outcome)
    }
}

/// The outcome, and its largest deviation as it was printed.
pub(super) fn read_outcome(json: &Reader<'_>) -> Result<(Outcome, String), CaseFileError> {
    let file = json.object(&[
        "algorithm",
        "total",
        "shares",
        "vat_shares",
        "members",
        "max_deviation_cents",
        "repairs",
        "input_sha256",
        "output_sha256",
    ])?;
    let text = |name| Ok(file.need(name)?.text()?.to_owned());
    let mut outcome = Outcome {
        algorithm: text("algorithm")?,
        shares: Shares::default(),
        tax_shares: Shares::default(),
        members: BTreeMap::new(),
        total: read_totals(&file.need("total")?.object(&["net", "vat", "gross"])?)?,
        max_deviation: Fraction::zero(),
        repairs: usize::try_from(file.need("repairs")?.count()?).unwrap_or(usize::MAX),
        input_sha256: text("input_sha256")?,
        output_sha256: text("output_sha256")?,
    };
    let (mut shares, mut taxes) = (BTreeMap::new(), BTreeMap::new());
    for share in file.need("shares")?.list()? {
        let fields = share.object(&["line", "member", "net"])?;
        let cell = (id(&fields, "line")?, id(&fields, "member")?);
        let net = fields.need("net")?.number(Cents::parse)?;
        if shares.insert(cell, net).is_some() {
            let key = id(&fields, "member")?;
            return Err(share.refuse(FileProblem::Twice { key }));
        }
    }
    for share in file.need("vat_shares")?.list()? {
        let fields = share.object(&["category", "rate", "member", "vat"])?;
        let group = read_group(&fields, "rate", "category")?;
        let cell = (group, id(&fields, "member")?);
        let tax = fields.need("vat")?.number(Cents::parse)?;
        if taxes.insert(cell, tax).is_some() {
            let key = id(&fields, "member")?;
            return Err(share.refuse(FileProblem::Twice { key }));
        }
    }
    (outcome.shares, outcome.tax_shares) = (shares.into(), taxes.into());
    for member in file.need("members")?.list()? {
        let fields = member.object(&["id", "net", "vat", "gross"])?;
        let totals = read_totals(&fields)?;
        let key = id(&fields, "id")?;
        if outcome.members.insert(key.clone(), totals).is_some() {
            return Err(member.refuse(FileProblem::Twice { key }));
        }
    }
    Ok((outcome, text("max_deviation_cents")?))
}

fn id(file: &Fields<'_>, name: &'static str) -> Result<String, CaseFileError> {
    Ok(file.need(name)?.text()?.to_owned())
}

fn read_totals(file: &Fields<'_>) -> Result<Totals, CaseFileError> {
    let amount = |name| file.need(name)?.number(Cents::parse);
    Ok(Totals {
        net: amount("net")?,
        tax: amount("vat")?,
        gross: amount("gross")?,
    })
}
