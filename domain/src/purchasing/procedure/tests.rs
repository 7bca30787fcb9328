use uuid::Uuid;

use super::*;
use crate::purchasing::membership::{
    Decision, DecisionKind, JoinedLots, Membership, MembershipState,
};

fn member(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(number))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn candidate(number: u128, lacks: &[Lack]) -> Candidate {
    Candidate {
        member: member(number),
        lacks: lacks.to_vec(),
    }
}

fn aside(number: u128) -> SetAside {
    SetAside {
        member: member(number),
        reason: "délibération reportée à novembre".into(),
        at: instant("2026-09-01T08:00:00Z"),
    }
}

fn procedure() -> Procedure {
    Procedure {
        id: ProcedureId(Uuid::nil()),
        owner: member(0),
        grouping: GroupingId(Uuid::nil()),
        rounds: vec![RoundId(Uuid::nil())],
        state: ProcedureState::Preparing,
        launched_on: None,
        estimate: Cents::ZERO,
        aside: Vec::new(),
        created_at: instant("2026-09-01T08:00:00Z"),
        plan: Plan {
            title: "Extincteurs 2026".into(),
            form: ProcedureForm::Adapted,
            nature: PurchaseNature::SuppliesServices,
            published_on: None,
            offers_due_at: None,
            cao_on: None,
        },
        version: 0,
    }
}

#[test]
fn the_launch_waits_for_each_member_or_sets_it_aside() {
    let candidates = [
        candidate(1, &[]),
        candidate(2, &[Lack::Decision, Lack::Signature]),
        candidate(3, &[Lack::Signature]),
    ];
    let mut procedure = procedure();
    let launch = |p: &mut Procedure| p.launch(day("2026-09-02"), Cents(100), &candidates);
    assert_eq!(
        launch(&mut procedure),
        Err(ProcedureError::MembersNotReady { members: 2 })
    );
    procedure.set_aside(aside(2), &candidates).unwrap();
    procedure.set_aside(aside(3), &candidates).unwrap();
    procedure.take_back(member(3)).unwrap();
    assert_eq!(
        launch(&mut procedure),
        Err(ProcedureError::MembersNotReady { members: 1 })
    );
    assert_eq!(procedure.state, ProcedureState::Preparing);
    procedure.set_aside(aside(3), &candidates).unwrap();
    launch(&mut procedure).unwrap();
    assert_eq!(procedure.state, ProcedureState::Published);
    assert_eq!(procedure.launched_on, Some(day("2026-09-02")));
    assert_eq!(procedure.estimate, Cents(100));
    assert!(
        procedure.take_back(member(3)).is_err(),
        "nobody comes back after the launch"
    );
}

#[test]
fn somebody_must_be_left_to_buy_for() {
    let candidates = [candidate(1, &[Lack::Decision])];
    let mut procedure = procedure();
    procedure.set_aside(aside(1), &candidates).unwrap();
    assert_eq!(
        procedure.launch(day("2026-09-02"), Cents(100), &candidates),
        Err(ProcedureError::NobodyLeft)
    );
    assert_eq!(
        procedure.set_aside(aside(9), &candidates),
        Err(ProcedureError::NoNeed)
    );
}

#[test]
fn the_last_lot_ends_the_procedure_and_an_outcome_is_corrected_after() {
    let mut procedure = procedure();
    assert!(procedure.decide_lot(1).is_err(), "nothing was launched");
    procedure
        .launch(day("2026-09-02"), Cents(100), &[candidate(1, &[])])
        .unwrap();
    procedure.decide_lot(1).unwrap();
    assert_eq!(procedure.state, ProcedureState::Published);
    procedure.decide_lot(0).unwrap();
    assert_eq!(procedure.state, ProcedureState::Done);
    procedure.correct_lot().unwrap();
    assert_eq!(procedure.state, ProcedureState::Done);
    assert!(procedure.decide_lot(0).is_err());
}

#[test]
fn dates_follow_each_other() {
    for (published, due, cao, refused) in [
        ("2026-09-02", "2026-10-02T10:00:00Z", "2026-10-09", None),
        (
            "2026-09-02",
            "2026-09-01T10:00:00Z",
            "",
            Some("procedure.offers-due-too-early"),
        ),
        ("", "", "2026-08-31", Some("procedure.board-before-launch")),
    ] {
        let plan = Plan {
            published_on: published.parse().ok(),
            offers_due_at: due.parse().ok(),
            cao_on: cao.parse().ok(),
            ..procedure().plan
        };
        let found = plan.check(Some(day("2026-09-01")));
        assert_eq!(found.err().map(|error| error.code()), refused);
    }
}

#[test]
fn codes_read_back() {
    for state in ProcedureState::ALL {
        assert_eq!(ProcedureState::from_code(state.code()), Some(state));
    }
    for form in ProcedureForm::ALL {
        assert_eq!(ProcedureForm::from_code(form.code()), Some(form));
    }
    for nature in PurchaseNature::ALL {
        assert_eq!(PurchaseNature::from_code(nature.code()), Some(nature));
    }
}

#[test]
fn a_member_is_ready_once_its_decision_is_sent_and_the_agreement_signed() {
    let on = day("2026-09-02");
    let membership = |sent: &str, signed: &str, state| Membership {
        id: crate::identity::MembershipId(Uuid::nil()),
        owner: member(0),
        grouping: GroupingId(Uuid::nil()),
        member: member(1),
        state,
        decision: Some(Decision {
            kind: DecisionKind::Deliberation,
            number: "2026-31".into(),
            decided_on: day("2026-06-01"),
            transmitted_on: sent.parse().ok(),
        }),
        signed_on: signed.parse().ok(),
        joined_on: None,
        leave_asked_on: None,
        left_on: None,
        lots: JoinedLots::All,
        version: 0,
    };
    let (invited, left) = (MembershipState::Invited, MembershipState::Left);
    for (membership, lacks) in [
        (None, vec![Lack::Membership]),
        (
            Some(membership("2026-09-01", "2026-09-01", left)),
            vec![Lack::Membership],
        ),
        (
            Some(membership("", "", invited)),
            vec![Lack::Decision, Lack::Signature],
        ),
        (
            Some(membership("2026-09-03", "2026-09-01", invited)),
            vec![Lack::Decision],
        ),
        (
            Some(membership("2026-09-02", "2026-09-02", invited)),
            vec![],
        ),
    ] {
        let found = Candidate::of(member(1), member(0), membership.as_ref(), on);
        assert_eq!(found.lacks, lacks);
    }
    assert_eq!(Candidate::of(member(0), member(0), None, on).lacks, vec![]);
}
