//! What a payer owes, asks and gets back, line after line of the book.
use super::*;

fn none_paid(_: CorrectionId) -> Parts {
    Vec::new()
}

fn line(kind: EntryKind, cents: i64, source: EntrySource) -> Entry {
    Entry {
        id: Uuid::nil(),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        member: OrganisationId(Uuid::from_u128(1)),
        budget: None,
        kind,
        cents: Cents(cents),
        source,
        at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn what_is_released_from_a_titre_is_asked_again_by_its_own_invoice_alone() {
    use EntryKind::{Asked, Due, Released, Reversal};
    let run = |number| EntrySource::Allocation(AllocationId(Uuid::from_u128(number)));
    let order = EntrySource::RecoveryOrder(RecoveryOrderId(Uuid::from_u128(9)));
    let invoice_of = |run: AllocationId| Some(InvoiceId(run.0));
    let first = [line(Due, 60, run(1)), line(Asked, -60, order)];
    let again = [line(Reversal, -60, run(1)), line(Due, 55, run(1))];
    for (then, askable, held, credit) in [
        (vec![], 0, 0, 0),
        (vec![line(Released, 10, order)], 0, 10, 0),
        (
            vec![line(Released, 10, order), line(Due, 20, run(2))],
            20,
            10,
            0,
        ),
        (vec![line(Released, 60, order)], 0, 60, 0),
        (
            [vec![line(Released, 60, order)], again.to_vec()].concat(),
            55,
            0,
            0,
        ),
        (again.to_vec(), 0, 0, 5),
        (
            [again.to_vec(), vec![line(Released, 5, order)]].concat(),
            0,
            0,
            0,
        ),
        // A credit note of the first invoice, then another invoice: no set-off.
        (
            vec![line(Due, -50, run(1)), line(Due, 20, run(2))],
            20,
            0,
            50,
        ),
        (
            vec![
                line(Due, -50, run(1)),
                line(Due, 20, run(2)),
                line(Released, 50, order),
            ],
            20,
            0,
            0,
        ),
    ] {
        let book = [first.to_vec(), then].concat();
        let found = balances(&book, |_| true, invoice_of, none_paid).unwrap();
        let found = found.into_values().next().unwrap();
        let said = (found.askable(), found.held(), found.credit());
        let expected = (Ok(Cents(askable)), Ok(Cents(held)), Ok(Cents(credit)));
        assert_eq!(said, expected, "{book:?}");
    }
    // An order that never became a titre is made again: nothing is held.
    let book = [first.to_vec(), vec![line(Released, 60, order)]].concat();
    let found = balances(&book, |_| false, invoice_of, none_paid).unwrap();
    let askable = found.into_values().next().map(|b| b.askable().unwrap());
    assert_eq!(askable, Some(Cents(60)));
}

#[test]
fn what_was_asked_too_much_is_laid_on_its_titres_and_paid_back_once() {
    use EntryKind::{Asked, Due, PaidBack, Reversal};
    let run = |number| EntrySource::Allocation(AllocationId(Uuid::from_u128(number)));
    let order = |number| RecoveryOrderId(Uuid::from_u128(number));
    let asked = |number| EntrySource::RecoveryOrder(order(number));
    let invoice = |number| InvoiceId(Uuid::from_u128(number));
    let invoice_of = |run: AllocationId| Some(InvoiceId(run.0));
    let paid = |_: CorrectionId| vec![(InvoiceId(Uuid::from_u128(1)), Cents(70))];
    let mut book = vec![
        line(Due, 60, run(1)),
        line(Asked, -60, asked(8)),
        line(Due, 20, run(1)),
        line(Asked, -20, asked(9)),
        line(Due, -7, run(2)),
        line(Reversal, -80, run(1)),
        line(Due, 10, run(1)),
    ];
    let of = |book: &[Entry]| {
        let found = balances(book, |_| true, invoice_of, paid).unwrap();
        found.into_values().next().unwrap()
    };
    let laid = |order, invoice, cents| Excess {
        order,
        parts: vec![(invoice, Cents(cents))],
    };
    let titres = [(order(9), Cents(20)), (order(8), Cents(60))];
    let expected = [
        laid(Some(order(9)), invoice(1), 20),
        laid(Some(order(8)), invoice(1), 50),
        laid(None, invoice(2), 7),
    ];
    assert_eq!(of(&book).excess(&titres).unwrap(), expected);
    let correction = EntrySource::Correction(CorrectionId(Uuid::from_u128(5)));
    book.push(line(PaidBack, 70, correction));
    assert_eq!(of(&book).credit_parts(), [(invoice(2), Cents(7))]);
    // Recorded by mistake, and taken back.
    book.push(line(PaidBack, -70, correction));
    assert_eq!(of(&book).excess(&titres).unwrap(), expected);
}
