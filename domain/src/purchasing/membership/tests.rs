use uuid::Uuid;

use super::*;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn today() -> NaiveDate {
    day(9, 1)
}

fn membership() -> Membership {
    Membership {
        id: MembershipId(Uuid::nil()),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        member: OrganisationId(Uuid::from_u128(1)),
        state: MembershipState::Invited,
        decision: None,
        signed_on: None,
        joined_on: None,
        leave_asked_on: None,
        left_on: None,
        lots: JoinedLots::All,
        version: 0,
    }
}

fn decision(transmitted_on: Option<NaiveDate>) -> Option<Decision> {
    Some(Decision {
        kind: DecisionKind::Deliberation,
        number: "2026-17".into(),
        decided_on: day(3, 3),
        transmitted_on,
    })
}

#[test]
fn an_organisation_joins_by_its_decision_and_its_signature() {
    let cases = [
        (None, None, MembershipState::Invited, None),
        (decision(None), None, MembershipState::Invited, None),
        (
            decision(None),
            Some(day(3, 9)),
            MembershipState::Joined,
            Some(day(3, 9)),
        ),
        (
            decision(None),
            Some(day(3, 1)),
            MembershipState::Joined,
            Some(day(3, 3)),
        ),
    ];
    for (decision, signed_on, state, joined_on) in cases {
        let mut one = membership();
        one.decide(decision, signed_on, today()).unwrap();
        assert_eq!((one.state, one.joined_on), (state, joined_on));
    }
}

#[test]
fn a_decision_binds_once_sent_and_the_agreement_signed() {
    let mut one = membership();
    assert!(!one.is_enforceable(today()));
    one.decide(decision(None), Some(day(3, 9)), today())
        .unwrap();
    assert!(!one.is_enforceable(today()), "not sent to the préfecture");
    one.decide(decision(Some(day(3, 5))), None, today())
        .unwrap();
    assert!(!one.is_enforceable(today()), "not signed");
    one.decide(decision(Some(day(3, 5))), Some(day(3, 9)), today())
        .unwrap();
    assert!(one.is_enforceable(today()));
    assert!(!one.is_enforceable(day(3, 8)), "not yet that day");
    one.leave(false, today()).unwrap();
    assert!(!one.is_enforceable(today()), "gone");
}

#[test]
fn dates_must_be_possible() {
    let mut one = membership();
    let tomorrow = day(9, 2);
    assert_eq!(
        one.decide(None, Some(tomorrow), today()),
        Err(MembershipError::InTheFuture { date: tomorrow })
    );
    assert!(matches!(
        one.decide(decision(Some(day(3, 2))), None, today()),
        Err(MembershipError::TransmittedBeforeDecided { .. })
    ));
}

#[test]
fn who_left_is_asked_again_and_decides_again() {
    let mut one = membership();
    one.decide(decision(None), Some(day(3, 9)), today())
        .unwrap();
    one.ask_to_leave(today()).unwrap();
    one.stay().unwrap();
    assert_eq!(one.leave_asked_on, None);
    assert_eq!(one.leave(true, today()), Err(MembershipError::Coordinates));
    one.leave(false, today()).unwrap();
    assert_eq!(one.ask_to_leave(today()), Err(MembershipError::Left));
    assert_eq!(one.decide(None, None, today()), Err(MembershipError::Left));
    one.invite_again("Lompret").unwrap();
    assert_eq!((one.decision.as_ref(), one.signed_on), (None, None));
    assert!(one.invite_again("Lompret").is_err());
}
