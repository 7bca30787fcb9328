//! A rule tried on an amount that no invoice bears yet.
use chrono::{DateTime, NaiveDate};
use uuid::Uuid;

use super::{RunData, case_of};
use crate::{
    Refusal,
    allocation::{AllocationRule, Case, TaxGroup},
    identity::{GroupingId, InvoiceId, InvoiceLineId, OrganisationId, RuleId, SupplierId},
    money::Cents,
    purchasing::{
        invoice::{Invoice, InvoiceKind, InvoiceLine, InvoiceState, LineRule, PrintedTotals},
        rule::{RuleState, RuleTerms, SharingRule},
    },
    quantity::Quantity,
};

/// The case of one amount without tax, shared by a formula on a day (« essai d’une règle »).
///
/// Nobody's days are counted. Where the formula reads deliveries that `data` does not have,
/// everyone is taken to have received as much.
///
/// # Errors
/// What the same rule would be refused for on an invoice.
pub fn trial(
    formula: &AllocationRule,
    amount: Cents,
    day: NaiveDate,
    mut data: RunData,
) -> Result<Case, Refusal> {
    let rule = draft(formula, day);
    let invoice = paper(&rule, amount, day);
    if data.delivered.is_empty() {
        let line = invoice.lines.iter().map(|line| line.id);
        let seats = data.participants.iter().flat_map(super::Participant::seats);
        let main = seats.filter(|seat| seat.budget.is_none());
        let payers: Vec<_> = main.map(|seat| seat.payer()).collect();
        for line in line {
            let received = payers.iter().map(|payer| ((line, *payer), Quantity(1_000)));
            data.delivered.extend(received);
        }
    }
    data.rules.insert(rule.id, rule);
    case_of(&invoice, &data)
}

fn draft(formula: &AllocationRule, day: NaiveDate) -> SharingRule {
    let id = RuleId(Uuid::nil());
    SharingRule {
        id,
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        series: id,
        number: 1,
        state: RuleState::Adopted,
        terms: RuleTerms {
            name: String::new(),
            applies_from: day,
            agreement: None,
            article: None,
            deliberations: None,
            tax_policy: crate::allocation::TaxPolicy::Exact,
            prorata: false,
            formula: formula.clone(),
        },
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

fn paper(rule: &SharingRule, amount: Cents, day: NaiveDate) -> Invoice {
    let kind = if amount.is_negative() {
        InvoiceKind::CreditNote
    } else {
        InvoiceKind::Invoice
    };
    Invoice {
        id: InvoiceId(Uuid::nil()),
        owner: rule.owner,
        grouping: rule.grouping,
        contract: None,
        supplier: SupplierId(Uuid::nil()),
        kind,
        credited: None,
        number: String::new(),
        title: String::new(),
        issued_on: day,
        received_on: day,
        due_on: day,
        service: None,
        paid_on: None,
        printed: PrintedTotals {
            net: amount,
            tax: Cents::ZERO,
            gross: amount,
        },
        lines: vec![InvoiceLine {
            id: InvoiceLineId(Uuid::nil()),
            position: 1,
            lot: None,
            item: None,
            label: String::new(),
            quantity: None,
            unit_price: None,
            net: amount,
            tax: TaxGroup::default(),
            rule: LineRule::Rule(rule.id),
        }],
        taxes: Vec::new(),
        state: InvoiceState::Received,
        duplicate_rank: 0,
        duplicate_motive: None,
        checked_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}
