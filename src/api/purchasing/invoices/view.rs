//! An invoice as programs read it.
use chrono::NaiveDate;
use domain::purchasing::{invoice::Invoice, invoice_check::Check};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{actions::Error, wording};

/// An invoice or credit note as printed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvoiceView {
    pub id: Uuid,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub contract: Option<Uuid>,
    pub supplier: Uuid,
    /// `invoice` or `credit_note`.
    pub kind: String,
    pub credited: Option<Uuid>,
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    /// The last day to pay it.
    pub due_on: NaiveDate,
    /// The first day of what it bills.
    pub service_from: Option<NaiveDate>,
    /// The last day of what it bills.
    pub service_to: Option<NaiveDate>,
    /// The day it was paid, once told.
    pub paid_on: Option<NaiveDate>,
    pub net: String,
    pub vat: String,
    pub gross: String,
    /// `received`, `checked` or `allocated`.
    pub state: String,
    pub duplicate_motive: Option<String>,
    pub lines: Vec<InvoiceLineView>,
    pub vat_totals: Vec<TaxView>,
    /// Printed less computed, for net, vat and gross.
    pub check: CheckView,
    pub version: i32,
}

/// A line of an invoice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvoiceLineView {
    pub id: Uuid,
    pub position: i32,
    pub lot: Option<Uuid>,
    pub item: Option<Uuid>,
    pub label: String,
    pub quantity: Option<String>,
    pub unit_price: Option<String>,
    pub net: String,
    pub vat_category: String,
    pub vat_rate: String,
    /// `equal`, `delivered`, `population:SERIES:YEAR`, `key` or `rule`.
    pub rule: String,
    pub key: Option<Uuid>,
    /// The version of a sharing rule that splits the line.
    pub voted_rule: Option<Uuid>,
}

/// A tax as printed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxView {
    /// `S` (VAT), `TSCA` or `E` (exempt).
    pub category: String,
    /// A percentage.
    #[schema(example = "5.5")]
    pub rate: String,
    pub amount: String,
}

/// The invoice compared with itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckView {
    pub exact: bool,
    pub net_gap: String,
    pub vat_gap: String,
    pub gross_gap: String,
    /// A sentence for each gap, in French.
    pub gaps: Vec<String>,
    /// What is worth looking at, in French.
    pub warnings: Vec<String>,
}

impl From<&Check> for CheckView {
    fn from(check: &Check) -> Self {
        Self {
            exact: check.is_exact(),
            net_gap: check.net_gap.to_string(),
            vat_gap: check.tax_gap.to_string(),
            gross_gap: check.gross_gap.to_string(),
            gaps: wording::invoice::gaps(check),
            warnings: wording::invoice::warnings(check),
        }
    }
}

pub(super) fn view(invoice: Invoice) -> Result<InvoiceView, Error> {
    let check = CheckView::from(&invoice.check()?);
    let lines = invoice.lines.iter().map(|line| InvoiceLineView {
        id: line.id.0,
        position: line.position,
        lot: line.lot.map(|id| id.0),
        item: line.item.map(|id| id.0),
        label: line.label.clone(),
        quantity: line.quantity.map(|quantity| quantity.to_string()),
        unit_price: line.unit_price.map(|price| price.to_string()),
        net: line.net.to_string(),
        vat_category: line.tax.category.to_string(),
        vat_rate: line.tax.rate.to_string(),
        rule: line.rule.code(),
        key: line.rule.key().map(|id| id.0),
        voted_rule: line.rule.voted().map(|id| id.0),
    });
    let taxes = invoice.taxes.iter().map(|tax| TaxView {
        category: tax.group.category.to_string(),
        rate: tax.group.rate.to_string(),
        amount: tax.amount.to_string(),
    });
    Ok(InvoiceView {
        id: invoice.id.0,
        owner: invoice.owner.0,
        grouping: invoice.grouping.0,
        contract: invoice.contract.map(|id| id.0),
        supplier: invoice.supplier.0,
        kind: invoice.kind.code().to_owned(),
        credited: invoice.credited.map(|id| id.0),
        issued_on: invoice.issued_on,
        received_on: invoice.received_on,
        due_on: invoice.due_on,
        service_from: invoice.service.map(|period| period.from),
        service_to: invoice.service.map(|period| period.to),
        paid_on: invoice.paid_on,
        net: invoice.printed.net.to_string(),
        vat: invoice.printed.tax.to_string(),
        gross: invoice.printed.gross.to_string(),
        state: invoice.state.code().to_owned(),
        lines: lines.collect(),
        vat_totals: taxes.collect(),
        version: invoice.version,
        number: invoice.number,
        title: invoice.title,
        duplicate_motive: invoice.duplicate_motive,
        check,
    })
}
