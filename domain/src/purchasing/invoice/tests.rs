//! What an invoice may become, and what it refuses.
use super::*;
use crate::identity::{KeyId, RuleId};
use crate::money::{TaxCategory, TaxRate};
use uuid::Uuid;

pub fn vat(basis_points: i32) -> TaxGroup {
    TaxGroup::new(
        TaxCategory::Vat,
        TaxRate::from_basis_points(basis_points).unwrap(),
    )
}

pub fn line(position: i32, net: i64, tax: TaxGroup) -> InvoiceLine {
    InvoiceLine {
        id: InvoiceLineId(Uuid::from_u128(u128::try_from(position).unwrap())),
        position,
        lot: None,
        item: None,
        label: format!("Ligne {position}"),
        quantity: None,
        unit_price: None,
        net: Cents(net),
        tax,
        rule: LineRule::Equal,
    }
}

pub fn invoice(lines: Vec<InvoiceLine>, taxes: &[(TaxGroup, i64)], gross: i64) -> Invoice {
    let day = NaiveDate::from_ymd_opt(2026, 4, 17).unwrap();
    let net = lines.iter().map(|line| line.net.0).sum();
    let tax = taxes.iter().map(|tax| tax.1).sum();
    Invoice {
        id: InvoiceId(Uuid::nil()),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        contract: None,
        supplier: SupplierId(Uuid::nil()),
        kind: if gross < 0 {
            InvoiceKind::CreditNote
        } else {
            InvoiceKind::Invoice
        },
        credited: None,
        number: "F-26-0412".into(),
        title: "Plateforme".into(),
        issued_on: day,
        received_on: day,
        due_on: day,
        service: None,
        paid_on: None,
        printed: PrintedTotals {
            net: Cents(net),
            tax: Cents(tax),
            gross: Cents(gross),
        },
        lines,
        taxes: taxes
            .iter()
            .map(|(group, amount)| TaxTotal {
                group: *group,
                amount: Cents(*amount),
            })
            .collect(),
        state: InvoiceState::Received,
        duplicate_rank: 0,
        duplicate_motive: None,
        checked_at: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

#[test]
fn a_rule_reads_back_from_its_column() {
    let (key, voted) = (KeyId(Uuid::from_u128(7)), RuleId(Uuid::from_u128(8)));
    for rule in [
        LineRule::Equal,
        LineRule::Delivered,
        LineRule::Population {
            series: "municipale".into(),
            year: 2026,
        },
        LineRule::Key(key),
        LineRule::Rule(voted),
    ] {
        assert_eq!(
            LineRule::from_code(&rule.code(), Some(key), Some(voted)),
            Some(rule)
        );
    }
    for wrong in ["", "population:municipale", "population::2026", "percent"] {
        assert_eq!(LineRule::from_code(wrong, None, None), None, "{wrong}");
    }
    assert_eq!(LineRule::from_code("key", None, None), None);
}

#[test]
fn the_same_number_twice_needs_a_motive() {
    let mut twice = invoice(vec![line(1, 10_000, vat(2_000))], &[], 10_000);
    assert!(matches!(
        twice.admit_beside(1),
        Err(InvoiceError::Duplicate { year: 2026, .. })
    ));
    twice.duplicate_motive = Some("Deux factures sous le même numéro".into());
    twice.admit_beside(1).unwrap();
    assert_eq!(twice.duplicate_rank, 1);
}

#[test]
fn a_split_is_never_edited_and_a_second_one_says_why() {
    let mut invoice = invoice(
        vec![line(1, 10_000, vat(2_000))],
        &[(vat(2_000), 2_000)],
        12_000,
    );
    assert!(invoice.allocate(1, None).is_err());
    invoice.accept(DateTime::UNIX_EPOCH).unwrap();
    invoice.allocate(1, None).unwrap();
    assert_eq!(invoice.allocate(2, None), Err(InvoiceError::MotiveNeeded));
    invoice.allocate(2, Some("Quantités corrigées")).unwrap();
    assert!(matches!(
        invoice.edit(),
        Err(InvoiceError::NotAllowed {
            state: InvoiceState::Allocated,
            event: InvoiceEvent::Edit
        })
    ));
}

#[test]
fn an_avoir_is_negative_and_a_facture_is_not() {
    let lines = || vec![line(1, -10_000, vat(2_000))];
    let avoir = invoice(lines(), &[(vat(2_000), -2_000)], -12_000);
    let avoir = Invoice {
        credited: Some(InvoiceId(Uuid::nil())),
        ..avoir
    };
    avoir.admit().unwrap();
    let facture = Invoice {
        kind: InvoiceKind::Invoice,
        ..avoir
    };
    assert!(matches!(
        facture.admit(),
        Err(InvoiceError::WrongSign { .. })
    ));
}

#[test]
fn an_avoir_names_its_facture_and_neither_is_of_nothing() {
    let lines = vec![line(1, -10_000, vat(2_000))];
    let avoir = invoice(lines, &[(vat(2_000), -2_000)], -12_000);
    assert_eq!(avoir.admit(), Err(InvoiceError::CreditedMissing));
    let rebate = Invoice {
        contract: Some(ContractId(Uuid::nil())),
        ..avoir
    };
    rebate.admit().unwrap();
    // Lines that cancel out leave nothing to pay.
    let lines = vec![line(1, 10_000, vat(2_000)), line(2, -10_000, vat(2_000))];
    let mut nothing = invoice(lines, &[(vat(2_000), 0)], 0);
    assert_eq!(nothing.admit(), Err(InvoiceError::Zero));
    nothing.kind = InvoiceKind::CreditNote;
    assert_eq!(nothing.admit(), Err(InvoiceError::Zero));
}
