//! What an allocation refuses, how it explains itself, and the bytes that must never change.
#![expect(clippy::unwrap_used, reason = "what a test needs may panic")]

use domain::allocation::{
    AllocationError, AllocationRule, Basis, Case, Line, Member, Reason, Replay, TaxGroup, TaxTotal,
    Weight, allocate, verify,
};
use domain::money::{Cents, TaxCategory, TaxRate};

fn vat(percent: &str) -> TaxGroup {
    TaxGroup::new(TaxCategory::Vat, TaxRate::parse(percent).unwrap())
}

/// Three communes; a line of 100.00 by population and one of 10.00 equal, VAT at 20 %.
fn case() -> Case {
    let line = |id: &str, net: i64, rule: AllocationRule| Line {
        id: id.into(),
        lot: Some("1".into()),
        label: "Contrôle des extincteurs".into(),
        net: Cents(net),
        tax: vat("20"),
        rule,
        members: None,
    };
    Case {
        members: vec![
            Member::new("215903683").with("population", 21_790),
            Member::new("215903782").with("population", 38_000),
            Member::new("215903568").with("population", 2_300),
        ],
        lines: vec![
            line("L1", 10_000, AllocationRule::proportional("population")),
            line("L2", 1_000, AllocationRule::Equal),
        ],
        taxes: vec![TaxTotal {
            group: vat("20"),
            amount: Cents(2_200),
        }],
        ..Case::default()
    }
}

fn refusal(change: impl FnOnce(&mut Case)) -> AllocationError {
    let mut case = case();
    change(&mut case);
    allocate(&case).unwrap_err()
}

#[test]
fn what_cannot_be_shared_is_refused_with_its_gap() {
    assert_eq!(
        refusal(|case| case.members.clear()),
        AllocationError::NoMembers
    );
    assert_eq!(
        refusal(|case| {
            for member in &mut case.members {
                member.keys.insert("population".into(), Weight::ZERO);
            }
        }),
        AllocationError::NoWeight {
            line: "L1".into(),
            net: Cents(10_000)
        }
    );
    assert_eq!(
        refusal(|case| {
            case.members[0]
                .keys
                .insert("population".into(), Weight::parse("-1.5").unwrap());
        }),
        AllocationError::NegativeWeight {
            line: "L1".into(),
            member: "215903683".into(),
            weight: Weight::parse("-1.5").unwrap()
        }
    );
    assert_eq!(
        refusal(|case| case.members[2].keys.clear()),
        AllocationError::MissingKey {
            line: "L1".into(),
            member: "215903568".into(),
            key: "population".into()
        }
    );
    assert_eq!(
        refusal(|case| case.lines[1].members = Some(["215903683".into(), "nobody".into()].into())),
        AllocationError::UnknownMember {
            line: "L2".into(),
            member: "nobody".into()
        }
    );
    assert_eq!(
        refusal(|case| case.lines[1].members = Some([].into())),
        AllocationError::EmptyLine {
            line: "L2".into(),
            net: Cents(1_000)
        }
    );
}

#[test]
fn twins_are_refused() {
    assert_eq!(
        refusal(|case| case
            .members
            .push(Member::new("215903683").with("population", 1))),
        AllocationError::DuplicateMember {
            member: "215903683".into()
        }
    );
    assert_eq!(
        refusal(|case| case.lines[1].id = "L1".into()),
        AllocationError::DuplicateLine { line: "L1".into() }
    );
    assert_eq!(
        refusal(|case| case.taxes.push(case.taxes[0])),
        AllocationError::DuplicateTax { group: vat("20") }
    );
    assert_eq!(
        refusal(|case| case.members[0].id = String::new()),
        AllocationError::BadId { id: String::new() }
    );
}

#[test]
fn a_tax_needs_lines_and_lines_need_their_tax() {
    assert_eq!(
        refusal(|case| case.taxes.clear()),
        AllocationError::MissingTax {
            group: vat("20"),
            net: Cents(11_000)
        }
    );
    let orphan = TaxTotal {
        group: vat("5.5"),
        amount: Cents(12),
    };
    assert_eq!(
        refusal(|case| case.taxes.push(orphan)),
        AllocationError::TaxOnZeroBase {
            group: vat("5.5"),
            amount: Cents(12)
        }
    );
    // The same rate under another tax is another group.
    let insurance = TaxGroup::new(TaxCategory::InsuranceTax, TaxRate::parse("20").unwrap());
    assert_eq!(
        refusal(|case| case.lines[1].tax = insurance),
        AllocationError::MissingTax {
            group: insurance,
            net: Cents(1_000)
        }
    );
}

#[test]
fn sums_that_do_not_fit_are_refused() {
    assert_eq!(
        refusal(|case| {
            case.lines[0].net = Cents(i64::MAX);
            case.lines[1].net = Cents(i64::MAX);
        }),
        AllocationError::Overflow
    );
}

#[test]
fn nothing_over_nobody_is_nothing() {
    let mut case = case();
    case.lines.truncate(1);
    case.lines[0].net = Cents(0);
    case.taxes[0].amount = Cents(0);
    for member in &mut case.members {
        member.keys.insert("population".into(), Weight::ZERO);
    }
    let outcome = allocate(&case).unwrap();
    verify(&case, &outcome).unwrap();
    assert!(outcome.shares.is_empty());
    assert_eq!(outcome.members.len(), 3, "every member is listed");
}

/// L1: 35.0942…, 61.2014… and 3.7042… euros.
#[test]
fn a_cent_is_explained() {
    let case = case();
    let outcome = allocate(&case).unwrap();
    let replay = Replay::of(&case).unwrap();

    let why = replay.share("L1", "215903683").unwrap().unwrap();
    assert_eq!(
        why.basis,
        Basis::Weight {
            key: Some("population".into()),
            weight: Weight::whole(21_790),
            sum: "62090".into()
        }
    );
    assert_eq!(why.exact.to_string(), "21790000/6209");
    assert_eq!(why.exact.as_euros(), "35.094218");
    assert_eq!((why.base, why.share), (Cents(3_509), Cents(3_509)));
    assert_eq!((why.leftover, why.candidates, why.rank), (1, 3, Some(2)));
    assert_eq!(why.reason, Reason::Below);
    assert_eq!(why.deviation.as_cents(), "-0.421807");

    let served = replay.share("L1", "215903568").unwrap().unwrap();
    assert_eq!((served.reason, served.rank), (Reason::Ranked, Some(1)));
    assert_eq!((served.base, served.share), (Cents(370), Cents(371)));

    // 10.00 between three: the cent goes to the lower id.
    let tied = replay.share("L2", "215903568").unwrap().unwrap();
    assert_eq!((tied.reason, tied.share), (Reason::Tied, Cents(334)));
    assert_eq!(
        tied.basis,
        Basis::Weight {
            key: None,
            weight: Weight::ONE,
            sum: "3".into()
        }
    );

    let tax = replay.tax_share(vat("20"), "215903683").unwrap().unwrap();
    assert_eq!(tax.share, outcome.tax_share(vat("20"), "215903683"));
    assert_eq!(tax.total, Cents(2_200));
    let Basis::Tax {
        net, net_of_all, ..
    } = tax.basis
    else {
        panic!("a tax is based on net")
    };
    assert_eq!(
        (net.as_euros().as_str(), net_of_all),
        ("38.427551", Cents(11_000))
    );

    assert!(matches!(
        replay.share("L9", "215903683"),
        Err(AllocationError::UnknownLine { line }) if line == "L9"
    ));
}

/// `line-1` is frozen: these bytes were released. If this test fails, undo what made it fail.
#[test]
fn released_bytes_never_change() {
    let case = case();
    assert_eq!(
        case.canonical_json(),
        concat!(
            r#"{"lines":[{"id":"L1","lot":"1","net":"100","rule":{"key":"population","#,
            r#""kind":"proportional"},"vat_category":"S","vat_rate":"20"},{"id":"L2","lot":"1","#,
            r#""net":"10","rule":{"kind":"equal"},"vat_category":"S","vat_rate":"20"}],"#,
            r#""members":[{"id":"215903568","keys":{"population":"2300"}},"#,
            r#"{"id":"215903683","keys":{"population":"21790"}},"#,
            r#"{"id":"215903782","keys":{"population":"38000"}}],"#,
            r#""vat":[{"amount":"22","category":"S","rate":"20"}],"vat_policy":"exact"}"#
        )
    );
    let outcome = allocate(&case).unwrap();
    assert_eq!(
        serde_json::to_string(&outcome).unwrap(),
        concat!(
            r#"{"algorithm":"line-1","total":{"net":"110.00","vat":"22.00","gross":"132.00"},"#,
            r#""shares":[{"line":"L1","member":"215903568","net":"3.71"},"#,
            r#"{"line":"L1","member":"215903683","net":"35.09"},"#,
            r#"{"line":"L1","member":"215903782","net":"61.20"},"#,
            r#"{"line":"L2","member":"215903568","net":"3.34"},"#,
            r#"{"line":"L2","member":"215903683","net":"3.33"},"#,
            r#"{"line":"L2","member":"215903782","net":"3.33"}],"#,
            r#""vat_shares":[{"category":"S","rate":"20","member":"215903568","vat":"1.41"},"#,
            r#"{"category":"S","rate":"20","member":"215903683","vat":"7.68"},"#,
            r#"{"category":"S","rate":"20","member":"215903782","vat":"12.91"}],"#,
            r#""members":[{"id":"215903568","net":"7.05","vat":"1.41","gross":"8.46"},"#,
            r#"{"id":"215903683","net":"38.42","vat":"7.68","gross":"46.10"},"#,
            r#"{"id":"215903782","net":"64.53","vat":"12.91","gross":"77.44"}],"#,
            r#""max_deviation_cents":"0.666666","repairs":0,"#,
            r#""input_sha256":"561ac5e0f81a057297e8bc5e3b91c620d0943b98f78ee78648af4230f066a61a","#,
            r#""output_sha256":"54e8c118f021d1a31c22b9542eceb7bc93559c0ad5cb9a256ac7993b028927bc"}"#
        )
    );
}

#[test]
fn a_case_file_is_read_strictly() {
    let read = |text: &str| serde_json::from_str::<Case>(text).map_err(|e| e.to_string());
    let file = r#"{
        "members": [{"id": "A", "name": "Lompret", "keys": {"population": "2300"}}, {"id": "B"}],
        "rule": {"kind": "equal"},
        "lines": [{"id": "L1", "net": "0.55", "vat_rate": "20", "members": ["A"]}],
        "vat": [{"rate": "20.00", "amount": "0.11"}]
    }"#;
    let case = read(file).unwrap();
    assert_eq!(allocate(&case).unwrap().total.gross, Cents(66));
    for (from, to, reason) in [
        (
            "\"0.55\"",
            "0.55",
            "a decimal string was expected, at `/lines/0/net`",
        ),
        ("\"0.55\"", "\"0.555\"", "more than 2 decimals"),
        (
            "\"rule\"",
            "\"rules\"",
            "unknown field `rules`, at `/rules`",
        ),
        (
            "\"kind\": \"equal\"",
            "\"kind\": \"equal\", \"key\": \"x\"",
            "unknown field `key`",
        ),
        (
            "\"kind\": \"equal\"",
            "\"kind\": \"guess\"",
            "unknown word `guess`",
        ),
        ("\"rule\": {\"kind\": \"equal\"},", "", "no rule"),
        (
            "[\"A\"]",
            "[\"A\", \"A\"]",
            "`A` is there twice, at `/lines/0/members/1`",
        ),
        (
            "\"members\": [{",
            "\"vat_policy\": \"nominal\", \"members\": [{",
            "unknown word `nominal`",
        ),
    ] {
        let broken = file.replacen(from, to, 1);
        assert_ne!(broken, file, "{from}");
        let error = read(&broken).unwrap_err();
        assert!(error.contains(reason), "{error} should say {reason}");
    }
}
