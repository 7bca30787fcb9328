use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::allocation::{MixPart, Naming, Weight};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule(number: i32, state: RuleState, from: &str) -> SharingRule {
    SharingRule {
        id: RuleId(Uuid::from_u128(u128::try_from(number).unwrap())),
        owner: OrganisationId(Uuid::nil()),
        grouping: GroupingId(Uuid::nil()),
        series: RuleId(Uuid::from_u128(1)),
        number,
        state,
        terms: RuleTerms {
            name: "Clé générale".into(),
            applies_from: day(from),
            agreement: None,
            article: None,
            deliberations: Some("Délibération n° 2024-61 du 3 décembre 2024".into()),
            tax_policy: TaxPolicy::Exact,
            prorata: false,
            formula: AllocationRule::Equal,
        },
        created_at: DateTime::UNIX_EPOCH,
        version: 0,
    }
}

#[test]
fn a_source_reads_back_as_it_was_written() {
    let key = KeyId(Uuid::from_u128(7));
    let population = |year| FigureSource::Population {
        series: "municipale".into(),
        year,
    };
    for source in [
        FigureSource::Delivered,
        population(Some(2026)),
        population(None),
        FigureSource::Key(key),
    ] {
        assert_eq!(FigureSource::parse(&source.to_string()), Some(source));
    }
    for odd in [
        "",
        "population",
        "population::2026",
        "population:x:soon",
        "key:7",
    ] {
        assert_eq!(FigureSource::parse(odd), None, "{odd}");
    }
}

#[test]
fn only_what_was_voted_is_adopted_and_then_it_never_changes() {
    let mut draft = rule(1, RuleState::Draft, "2026-01-01");
    let voted = draft.terms.deliberations.take();
    assert_eq!(draft.adopt(), Err(SharingRuleError::NotVoted));
    draft.terms.deliberations = voted;
    draft.adopt().unwrap();
    let other = rule(1, RuleState::Draft, "2027-01-01").terms;
    assert!(draft.edit(other).is_err());
    draft.withdraw().unwrap();
    assert_eq!(
        draft.admit_on(day("2026-06-01")),
        Ok(()),
        "it was chosen before"
    );
    draft.restore().unwrap();
}

#[test]
fn the_version_in_force_is_the_latest_that_applies() {
    let versions = [
        rule(1, RuleState::Adopted, "2025-01-01"),
        rule(2, RuleState::Adopted, "2026-01-01"),
        rule(3, RuleState::Draft, "2026-02-01"),
    ];
    let on = |text| SharingRule::in_force(&versions, day(text)).map(|rule| rule.number);
    assert_eq!(on("2024-12-31"), None);
    assert_eq!(on("2025-12-31"), Some(1));
    assert_eq!(on("2026-03-01"), Some(2));
}

#[test]
fn a_stored_rule_takes_the_names_of_its_case() {
    let percents = [
        ("a".to_owned(), Weight::whole(40)),
        ("b".to_owned(), Weight::whole(60)),
    ];
    let stored = AllocationRule::Mix {
        parts: vec![
            MixPart {
                percent: Weight::whole(30),
                rule: AllocationRule::Percent {
                    percents: BTreeMap::from(percents),
                    normalise: true,
                },
            },
            MixPart {
                percent: Weight::whole(70),
                rule: AllocationRule::proportional("delivered"),
            },
        ],
    };
    let naming = Naming {
        key: &|key| format!("{key} 0001"),
        member: &|id| (id == "a").then(|| "215900135".to_owned()),
    };
    let named = stored.named_by(&naming);
    assert_eq!(named.keys(), ["delivered 0001"]);
    assert_eq!(named.members(), ["215900135"], "who left is not named");
    let days = BTreeMap::from([("215900135".to_owned(), Weight::whole(15))]);
    let AllocationRule::Mix { parts } = named.weighted_by(&days) else {
        panic!("a mix stays one");
    };
    let scaled = |part: &MixPart| matches!(part.rule, AllocationRule::Coefficient { .. });
    assert!(parts.iter().all(scaled));
}
