//! An invoice as programs record it.
use chrono::NaiveDate;
use domain::{
    allocation::{TaxGroup, TaxTotal},
    field::{Field, FieldProblem, Gathering},
    identity::{ContractId, GroupingId, InvoiceId, ItemId, KeyId, LotId, RuleId, SupplierId},
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::invoice::{InvoiceKind, LineRule, PrintedTotals, ServicePeriod},
    quantity::Quantity,
    text,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::TaxView;
use crate::actions::{
    Error,
    purchasing::invoices::{NewInvoice, NewLine},
};

/// An invoice to record; amounts of a credit note are negative.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceInput {
    pub grouping: Uuid,
    /// Absent for a common cost outside a contract.
    pub contract: Option<Uuid>,
    pub supplier: Uuid,
    /// `invoice` or `credit_note`.
    pub kind: String,
    pub credited: Option<Uuid>,
    #[schema(max_length = 60)]
    pub number: String,
    #[schema(max_length = 200)]
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    /// The first and last days of what it bills, both or none.
    pub service_from: Option<NaiveDate>,
    pub service_to: Option<NaiveDate>,
    pub net: String,
    pub vat: String,
    pub gross: String,
    #[schema(max_items = 5000)]
    pub lines: Vec<LineInput>,
    #[serde(default)]
    pub vat_totals: Vec<TaxView>,
    pub duplicate_motive: Option<String>,
}

/// A line to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineInput {
    pub lot: Option<Uuid>,
    pub item: Option<Uuid>,
    #[schema(max_length = 200)]
    pub label: String,
    pub quantity: Option<String>,
    pub unit_price: Option<String>,
    pub net: String,
    /// `S`, `TSCA` or `E`; `S` when absent.
    pub vat_category: Option<String>,
    /// A percentage; `0` when absent.
    pub vat_rate: Option<String>,
    /// `equal`, `delivered`, `population:SERIES:YEAR`, `key` or `rule`; when absent, the rule
    /// chosen for the article, else for the lot, else for the grouping.
    pub rule: Option<String>,
    pub key: Option<Uuid>,
    /// The version of a sharing rule, with the rule `rule`.
    pub voted_rule: Option<Uuid>,
}

fn category(code: &str) -> Result<TaxCategory, FieldProblem> {
    let found = TaxCategory::ALL.into_iter().find(|c| c.code() == code);
    found.ok_or_else(|| FieldProblem::not_one_of(code))
}

impl LineInput {
    fn parse(&self, at: usize, gathering: &mut Gathering) -> Option<NewLine> {
        let name = |field: &str| format!("lines.{at}.{field}");
        let label = gathering.read(&name("label"), &self.label, text::clean(&self.label, 200));
        let typed = self.quantity.as_deref().unwrap_or_default();
        let quantity = gathering.read_optional(&name("quantity"), typed, Quantity::parse);
        let typed = self.unit_price.as_deref().unwrap_or_default();
        let price = gathering.read_optional(&name("unit_price"), typed, UnitPrice::parse);
        let net = gathering.read(&name("net"), &self.net, Cents::parse(&self.net));
        let code = self.vat_category.as_deref().unwrap_or("S");
        let category = gathering.read(&name("vat_category"), code, category(code));
        let typed = self.vat_rate.as_deref().unwrap_or("0");
        let rate = gathering.read(&name("vat_rate"), typed, TaxRate::parse(typed));
        let (key, voted) = (self.key.map(KeyId), self.voted_rule.map(RuleId));
        let typed = self.rule.as_deref().unwrap_or_default();
        let rule = gathering.read_optional(&name("rule"), typed, |code| {
            let rule = LineRule::from_code(code, key, voted);
            rule.ok_or_else(|| FieldProblem::not_one_of(code))
        });
        Some(NewLine {
            lot: self.lot.map(LotId),
            item: self.item.map(ItemId),
            label: label?,
            quantity: quantity?,
            unit_price: price?,
            net: net?,
            tax: TaxGroup::new(category?, rate?),
            rule: rule?,
        })
    }
}

impl TaxView {
    fn parse(&self, at: usize, gathering: &mut Gathering) -> Option<TaxTotal> {
        let name = |field: &str| format!("vat_totals.{at}.{field}");
        let kind = gathering.read(&name("category"), &self.category, category(&self.category));
        let rate = gathering.read(&name("rate"), &self.rate, TaxRate::parse(&self.rate));
        let amount = gathering.read(&name("amount"), &self.amount, Cents::parse(&self.amount));
        Some(TaxTotal {
            group: TaxGroup::new(kind?, rate?),
            amount: amount?,
        })
    }
}

impl InvoiceInput {
    pub(super) fn parse(self) -> Result<NewInvoice, Error> {
        let mut gathering = Gathering::default();
        let kind =
            InvoiceKind::from_code(&self.kind).ok_or_else(|| FieldProblem::not_one_of(&self.kind));
        let kind = gathering.read("kind", &self.kind, kind);
        let number = gathering.read("number", &self.number, text::clean(&self.number, 60));
        let title = gathering.read("title", &self.title, text::clean(&self.title, 200));
        let net = gathering.read("net", &self.net, Cents::parse(&self.net));
        let tax = gathering.read("vat", &self.vat, Cents::parse(&self.vat));
        let gross = gathering.read("gross", &self.gross, Cents::parse(&self.gross));
        let typed = self.duplicate_motive.as_deref().unwrap_or_default();
        let motive = gathering.read_optional("duplicate_motive", typed, |t| text::clean(t, 500));
        let service = self.service_from.zip(self.service_to);
        let service = service.map(|(from, to)| ServicePeriod { from, to });
        let alone = match (self.service_from, self.service_to) {
            (Some(_), None) => Some("service_to"),
            (None, Some(_)) => Some("service_from"),
            (Some(_), Some(_)) | (None, None) => None,
        };
        if let Some(name) = alone {
            let missing = Field::new(name.to_owned(), "", FieldProblem::Missing);
            gathering.problems.push(missing);
        }
        let lines = (0..).zip(&self.lines);
        let lines: Vec<_> = lines
            .filter_map(|(at, line)| line.parse(at, &mut gathering))
            .collect();
        let taxes = (0..).zip(&self.vat_totals);
        let taxes: Vec<TaxTotal> = taxes
            .filter_map(|(at, tax)| tax.parse(at, &mut gathering))
            .collect();
        for (at, tax) in taxes.iter().enumerate() {
            if taxes.iter().take(at).any(|other| other.group == tax.group) {
                let name = format!("vat_totals.{at}.rate");
                let typed = tax.group.to_string();
                gathering
                    .problems
                    .push(Field::new(name, &typed, FieldProblem::not_one_of(&typed)));
            }
        }
        if let (Some(kind), Some(number), Some(title)) = (kind, number, title)
            && let (Some(net), Some(tax), Some(gross), Some(motive)) = (net, tax, gross, motive)
            && gathering.problems.is_empty()
        {
            return Ok(NewInvoice {
                grouping: GroupingId(self.grouping),
                contract: self.contract.map(ContractId),
                supplier: SupplierId(self.supplier),
                kind,
                credited: self.credited.map(InvoiceId),
                number,
                title,
                issued_on: self.issued_on,
                received_on: self.received_on,
                service,
                printed: PrintedTotals { net, tax, gross },
                lines,
                taxes,
                duplicate_motive: motive,
            });
        }
        Err(Error::Invalid(gathering.problems))
    }
}
