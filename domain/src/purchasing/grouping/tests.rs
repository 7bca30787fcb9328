use uuid::Uuid;

use super::*;

fn organisation(kind: OrganisationKind) -> Organisation {
    Organisation {
        id: OrganisationId(Uuid::from_u128(1)),
        kind,
        name: "Essai".into(),
        siren: None,
        insee: None,
        department: None,
        epci_siren: None,
        time_zone: "Europe/Paris".into(),
        email: None,
        phone: None,
        address: None,
        good_friday: false,
        local_law: false,
        active: true,
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

fn grouping(legal_basis: LegalBasis, regime: Regime) -> Grouping {
    Grouping {
        id: GroupingId(Uuid::from_u128(2)),
        owner: OrganisationId(Uuid::from_u128(1)),
        title: "Extincteurs".into(),
        kind: GroupingKind::Permanent,
        family: "Sécurité incendie".into(),
        legal_basis,
        regime,
        state: GroupingState::Active,
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

fn statutes() -> LegalBasis {
    LegalBasis::EpciForItsCommunes {
        statutes_reference: "article 7".into(),
    }
}

#[test]
fn the_legal_basis_decides_who_may_coordinate_and_who_pays() {
    use OrganisationKind::{Commune, Epci};
    let mismatch = |regime| Err(GroupingError::RegimeMismatch { regime });
    for regime in [
        Regime::EachSigns,
        Regime::CoordinatorSigns,
        Regime::CoordinatorPays,
    ] {
        let check = |basis, kind| grouping(basis, regime).check(&organisation(kind));
        assert_eq!(check(LegalBasis::Grouping, Commune), Ok(()));
        assert_eq!(check(statutes(), Epci), Ok(()));
        let commune = check(statutes(), Commune);
        assert_eq!(commune, Err(GroupingError::CoordinatorNotEpci));
        assert_eq!(check(LegalBasis::CentralPurchasing, Epci), mismatch(regime));
    }
    let intermediary = |basis| grouping(basis, Regime::Intermediary).check(&organisation(Epci));
    assert_eq!(intermediary(LegalBasis::CentralPurchasing), Ok(()));
    assert_eq!(
        intermediary(LegalBasis::Grouping),
        mismatch(Regime::Intermediary)
    );
    assert_eq!(intermediary(statutes()), mismatch(Regime::Intermediary));
}

#[test]
fn an_archived_grouping_comes_back_and_nothing_else() {
    let mut one = grouping(LegalBasis::Grouping, Regime::EachSigns);
    assert!(one.apply(GroupingEvent::Restore).is_err());
    one.apply(GroupingEvent::Archive).unwrap();
    assert_eq!(one.check_active(), Err(GroupingError::Archived));
    assert!(one.apply(GroupingEvent::Archive).is_err());
    one.apply(GroupingEvent::Restore).unwrap();
    assert_eq!(one.check_active(), Ok(()));
}

#[test]
fn every_phase_has_a_coordinator_from_inside() {
    let one = grouping(LegalBasis::Grouping, Regime::EachSigns);
    let member = OrganisationId(Uuid::from_u128(7));
    let mut coordinators = one.first_coordinators();
    assert_eq!(
        one.check_coordinators(&coordinators, &BTreeSet::new()),
        Ok(())
    );
    coordinators.insert(GroupingCoordinator {
        phase: Phase::Execution,
        organisation: member,
    });
    assert_eq!(
        one.check_coordinators(&coordinators, &BTreeSet::new()),
        Err(GroupingError::CoordinatorNotMember)
    );
    let members = BTreeSet::from([member]);
    assert_eq!(one.check_coordinators(&coordinators, &members), Ok(()));
    coordinators.retain(|c| c.phase != Phase::Procedure);
    let phase = Phase::Procedure;
    assert_eq!(
        one.check_coordinators(&coordinators, &members),
        Err(GroupingError::PhaseWithoutCoordinator { phase })
    );
}

#[test]
fn codes_read_back() {
    for kind in GroupingKind::ALL {
        assert_eq!(GroupingKind::from_code(kind.code()), Some(kind));
    }
    for regime in Regime::ALL {
        assert_eq!(Regime::from_code(regime.code()), Some(regime));
    }
    for phase in Phase::ALL {
        assert_eq!(Phase::from_code(phase.code()), Some(phase));
    }
    for code in LegalBasis::CODES {
        let read = LegalBasis::from_code(code, Some("article 7".into())).unwrap();
        assert_eq!(read.code(), code);
    }
    assert_eq!(LegalBasis::from_code("l5211_4_4", None), None);
}
