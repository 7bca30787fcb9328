use chrono::TimeDelta;
use uuid::Uuid;

use super::*;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn round(state: RoundState) -> Round {
    Round {
        id: RoundId(Uuid::from_u128(1)),
        owner: OrganisationId(Uuid::from_u128(2)),
        grouping: GroupingId(Uuid::from_u128(3)),
        title: "Extincteurs 2027".into(),
        state,
        deadline: noon() + TimeDelta::days(3),
        note: None,
        columns: Columns::default(),
        shows_others: false,
        launch_planned_on: None,
        previous: None,
        opening: 0,
        opened_at: None,
        closed: None,
        reopen_motive: None,
        conditions_version: 0,
        created_at: noon(),
        version: 0,
    }
}

#[test]
fn a_round_opens_with_items_and_a_deadline_to_come() {
    let mut draft = round(RoundState::Draft);
    assert_eq!(draft.open(noon(), 0), Err(RoundError::NoItem));
    let late = draft.deadline;
    assert!(matches!(
        draft.open(late, 1),
        Err(RoundError::DeadlineNotFuture { .. })
    ));
    draft.open(noon(), 1).unwrap();
    assert_eq!((draft.state, draft.opening), (RoundState::Open, 1));
}

#[test]
fn a_second_closing_says_who_closed_first_and_when() {
    let mut open = round(RoundState::Open);
    let first = ClosedBy::User(UserId(Uuid::from_u128(9)));
    open.close(noon(), first).unwrap();
    let again = open.close(noon() + TimeDelta::hours(1), ClosedBy::Clock);
    let Err(RoundError::NotAllowed {
        closing: Some(closing),
        ..
    }) = &again
    else {
        panic!("{again:?}")
    };
    assert_eq!((closing.by, closing.at), (first, noon()));
    assert_eq!(
        again.unwrap_err().to_string(),
        "a Closed round cannot Close"
    );
}

#[test]
fn reopening_for_all_counts_an_opening_and_keeps_the_motive() {
    let mut closed = round(RoundState::Open);
    closed.opening = 1;
    closed.close(noon(), ClosedBy::Clock).unwrap();
    let later = noon() + TimeDelta::days(9);
    closed
        .reopen(noon(), later, "Erreur de prix".into())
        .unwrap();
    assert_eq!((closed.opening, closed.deadline), (2, later));
    assert_eq!(closed.closed, None);
    assert_eq!(closed.reopen_motive.as_deref(), Some("Erreur de prix"));
}

#[test]
fn a_deadline_only_moves_later() {
    let mut open = round(RoundState::Open);
    let sooner = open.deadline - TimeDelta::hours(1);
    assert!(matches!(
        open.extend(noon(), sooner),
        Err(RoundError::DeadlineNotLater { .. })
    ));
    open.extend(noon(), open.deadline + TimeDelta::days(1))
        .unwrap();
}

#[test]
fn the_clock_decides_who_may_still_declare() {
    use RoundState as S;
    let deadline = noon() + TimeDelta::days(3);
    let (before, after) = (deadline - TimeDelta::seconds(1), deadline);
    let own = Some(deadline + TimeDelta::days(1));
    for (state, now, own_delay, may) in [
        (S::Open, before, None, true),
        (S::Open, after, None, false),
        (S::Open, after, own, true),
        (S::Closed, after, None, false),
        (S::Closed, after, own, true),
        (S::Draft, before, own, false),
        (S::Cancelled, before, own, false),
    ] {
        let accepted = round(state).accepts(now, own_delay).is_ok();
        assert_eq!(accepted, may, "{state:?} {now} {own_delay:?}");
    }
}

#[test]
fn a_round_is_due_only_while_it_is_open() {
    let deadline = round(RoundState::Open).deadline;
    assert!(round(RoundState::Open).is_due(deadline));
    assert!(!round(RoundState::Open).is_due(noon()));
    assert!(!round(RoundState::Closed).is_due(deadline));
}

#[test]
fn a_draft_takes_an_earlier_round_of_its_grouping_again() {
    let earlier = round(RoundState::Closed);
    let mut draft = Round {
        id: RoundId(Uuid::from_u128(77)),
        ..round(RoundState::Draft)
    };
    assert_eq!(draft.clone().resume(&earlier, 3), Err(RoundError::HasItems));
    let stranger = Round {
        grouping: GroupingId(Uuid::from_u128(78)),
        ..earlier.clone()
    };
    let refused = draft.clone().resume(&stranger, 0);
    assert_eq!(refused, Err(RoundError::OtherGrouping));
    let mut open = round(RoundState::Open);
    assert!(matches!(
        open.resume(&earlier, 0),
        Err(RoundError::NotAllowed { .. })
    ));
    draft.resume(&earlier, 0).unwrap();
    assert_eq!(draft.previous, Some(earlier.id));
    let chosen = RoundId(Uuid::from_u128(79));
    draft.previous = Some(chosen);
    draft.resume(&earlier, 0).unwrap();
    assert_eq!(draft.previous, Some(chosen), "what was chosen stays");
}
