//! The outcome as a file between machines: what `encommun allocate` prints.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Outcome, Totals};
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
        // `line-1` rounds each line on its own: it has nothing to repair.
        file.serialize_field("repairs", &0)?;
        file.serialize_field("input_sha256", &self.input_sha256)?;
        file.serialize_field("output_sha256", &self.output_sha256)?;
        file.end()
    }
}
