//! By which piece money goes back, and when that may be recorded.
use super::*;
use uuid::Uuid;

fn correction(kind: CorrectionKind) -> Correction {
    Correction {
        id: CorrectionId(Uuid::nil()),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        member: OrganisationId(Uuid::nil()),
        budget: None,
        number: correction_number(DateTime::UNIX_EPOCH, 3),
        kind,
        state: CorrectionState::Proposed,
        cents: Cents(500),
        cited: Some(CitedTitre {
            order: RecoveryOrderId(Uuid::nil()),
            number: "1208".into(),
            exercice: 2026,
        }),
        parts: Vec::new(),
        source: AllocationId(Uuid::nil()),
        voucher: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn a_titre_is_reduced_until_the_end_of_january_and_paid_back_after() {
    use CorrectionKind::{Payout, Reduction};
    let piece = |issued_on: &str, exercice| Voucher {
        number: "77".into(),
        issued_on: day(issued_on),
        exercice,
    };
    let mismatch = Err("correction.exercice-mismatch");
    for (today, issued_on, exercice, expected) in [
        ("2026-12-31", "2026-12-31", 2026, Ok(Reduction)),
        ("2027-01-31", "2027-01-31", 2026, Ok(Reduction)),
        (
            "2027-01-31",
            "2027-01-31",
            2027,
            Err("correction.other-exercice"),
        ),
        // Dated in January, told in February.
        ("2027-02-01", "2027-01-31", 2026, Ok(Reduction)),
        ("2027-02-01", "2027-02-01", 2027, Ok(Payout)),
        ("2027-02-01", "2027-02-01", 2026, mismatch),
        (
            "2027-02-01",
            "2027-02-02",
            2027,
            Err("correction.in-future"),
        ),
    ] {
        let mut one = correction(Reduction);
        let done = one.record(piece(issued_on, exercice), day(today));
        assert_eq!(done.map_err(|e| e.code()), expected, "{today} {issued_on}");
    }
    assert_eq!(correction(Reduction).kind_on(day("2027-02-01")), Payout);
}

#[test]
fn only_a_payment_is_taken_back() {
    let piece = Voucher {
        number: "77".into(),
        issued_on: day("2026-10-01"),
        exercice: 2026,
    };
    let mut reduced = correction(CorrectionKind::Reduction);
    reduced.record(piece.clone(), day("2026-10-02")).unwrap();
    assert_eq!(reduced.undo(), Err(CorrectionError::OnlyPayout));
    let mut paid = correction(CorrectionKind::Payout);
    paid.cited = None;
    assert!(paid.undo().is_err());
    paid.record(piece, day("2026-10-02")).unwrap();
    paid.undo().unwrap();
    assert_eq!(paid.state, CorrectionState::Withdrawn);
}
