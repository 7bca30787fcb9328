//! A round prepared and looked at, by page and by action.
use chrono::TimeDelta;
use domain::{Refusal, money::Cents, purchasing::round::RoundError};
use encommun::{
    actions::{
        Error,
        purchasing::{
            items, lots, overviews,
            rounds::{self, Deadline, Listing, Start},
        },
    },
    store::purchasing::{declarations, rounds as rows},
};

use crate::support::{
    TestApp,
    rounds::{input, item},
};

fn refusal(error: Error) -> RoundError {
    let Error::Refused(Refusal::Round(refusal)) = error else {
        panic!("{error:?}")
    };
    refusal
}

#[tokio::test]
async fn an_officer_prepares_opens_and_closes_a_round_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let officer = test.signed_in("achats@mel.example").await;
    let grouping = trio.grouping.to_string();
    let form = officer.get("/campagnes/nouvelle").await.expect(200);
    assert!(form.text().contains("Sécurité incendie"));
    let typed = [
        ("groupement", grouping.as_str()),
        ("titre", "Extincteurs 2027"),
        ("date_limite", "11/09/2026"),
        ("heure", "17 h"),
        ("operation", "a1"),
    ];
    let created = officer.post("/campagnes", &typed).await.expect(303);
    let lots = created.location.unwrap();
    let round = lots.trim_end_matches("/lots").to_owned();
    // A double click prepares one round.
    let again = officer.post("/campagnes", &typed).await.expect(303);
    assert_eq!(again.location.unwrap(), lots);

    let block = "Lot\tDésignation\tUnité\tPrix\n1\tExtincteur à eau\tunité\t54,60\n1\tSupport mural\tunité\t4,15 €\t20 %\t1";
    let pasted = [("bloc", block), ("operation", "a2")];
    let paste = format!("{round}/articles/bloc");
    officer.post(&paste, &pasted).await.expect(303);
    let page = officer.get(&lots).await.expect(200).text();
    for part in [
        "2\u{a0}articles ajoutés",
        "Extincteur à eau",
        "4,15\u{202f}€",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }

    officer
        .post(&format!("{round}/ouverture"), &[("operation", "a3")])
        .await
        .expect(303);
    let page = officer.get(&round).await.expect(200).text();
    for part in [
        "Ouverte",
        "vendredi 11\u{a0}septembre à 17\u{a0}h\u{a0}00",
        "2 membres n’ont pas répondu",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    officer
        .post(&format!("{round}/cloture"), &[("operation", "a4")])
        .await
        .expect(303);
    let refused = officer
        .post(&format!("{round}/cloture"), &[("operation", "a5")])
        .await
        .expect(409);
    let said = "déjà close par achats, le mardi 1er\u{a0}septembre à 10\u{a0}h\u{a0}00";
    assert!(refused.text().contains(said), "{}", refused.text());
}

#[tokio::test]
async fn a_form_comes_back_with_what_was_typed_and_every_problem() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let officer = test.signed_in("achats@mel.example").await;
    let grouping = trio.grouping.to_string();
    let typed = [
        ("groupement", grouping.as_str()),
        ("titre", " "),
        ("date_limite", "32/09/2026"),
        ("mot", "Bonjour à tous"),
    ];
    let page = officer.post("/campagnes", &typed).await.expect(422).text();
    for part in [
        "2 champs à corriger",
        "Intitulé\u{a0}:",
        "32/09/2026",
        "Bonjour à tous",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    let typed = [
        ("groupement", grouping.as_str()),
        ("titre", "Extincteurs"),
        ("date_limite", "01/08/2026"),
    ];
    let page = officer.post("/campagnes", &typed).await.expect(409).text();
    assert!(page.contains("est déjà passée"), "{page}");
}

#[tokio::test]
async fn a_round_without_item_does_not_open() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let new = rounds::NewRound {
        grouping: trio.grouping,
        input: input("Vide", test.app.clock.now() + TimeDelta::days(3)),
        previous: None,
    };
    let round = rounds::create(&test.app, &trio.officer, new).await.unwrap();
    let opened = rounds::open(&test.app, &trio.officer, round.id, None).await;
    assert_eq!(refusal(opened.unwrap_err()), RoundError::NoItem);
}

#[tokio::test]
async fn a_member_sees_open_rounds_and_not_drafts_nor_the_overview() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (draft, _) = test.drafted_round(&trio).await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk
        .get(&format!("/campagnes/{}", draft.id))
        .await
        .expect(404);
    assert!(
        clerk
            .get("/campagnes")
            .await
            .expect(200)
            .text()
            .contains("Aucune campagne")
    );

    rounds::open(&test.app, &trio.officer, draft.id, None)
        .await
        .unwrap();
    let seen = clerk.get("/campagnes").await.expect(200).text();
    for part in ["Mes besoins", "Extincteurs 2027", "À faire"] {
        assert!(seen.contains(part), "{part} is not in:\n{seen}");
    }
    let own = clerk
        .get(&format!("/campagnes/{}", draft.id))
        .await
        .expect(303);
    assert_eq!(
        own.location.unwrap(),
        format!("/campagnes/{}/besoins", draft.id)
    );
    clerk
        .get(&format!("/campagnes/{}/communes", draft.id))
        .await
        .expect(404);
    clerk
        .get(&format!("/campagnes/{}/lots", draft.id))
        .await
        .expect(404);
    let sums = format!("/campagnes/{}/agrege", draft.id);
    clerk.get(&sums).await.expect(200);
    let close = format!("/campagnes/{}/cloture", draft.id);
    clerk.post(&close, &[]).await.expect(403);

    let stranger = test.commune("Lompret", "59356", "215903568").await;
    test.user(
        "mairie@lompret.example",
        &[(stranger, domain::permission::Role::Approver)],
    )
    .await;
    let stranger = test.signed_in("mairie@lompret.example").await;
    stranger.get(&sums).await.expect(404);
}

#[tokio::test]
async fn figures_add_up_with_the_members_behind_each() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    test.answered(&round, trio.anstaing, &[(items[0].id, 3), (items[1].id, 2)])
        .await;
    let view = overviews::overview(&test.app, &trio.officer, round.id)
        .await
        .unwrap();
    assert_eq!(view.sums.aggregate.total, Cents(16_380 + 830));
    assert_eq!((view.counts.submitted, view.counts.not_opened), (1, 1));
    assert_eq!(view.days.iter().map(|d| d.1).sum::<usize>(), 1);

    let officer = test.signed_in("achats@mel.example").await;
    let here = format!("/campagnes/{}", round.id);
    let page = officer.get(&here).await.expect(200).text();
    for part in [
        "172,10",
        "1 membre n’a pas répondu",
        "La Madeleine",
        "216\u{202f}000",
    ] {
        assert!(page.contains(part), "{part} is not in:\n{page}");
    }
    let behind = format!("{here}/articles/{}", items[0].id);
    let page = officer.get(&behind).await.expect(200).text();
    assert!(
        page.contains("Anstaing") && page.contains("163,80"),
        "{page}"
    );

    // Another member sees the sums, not who is behind them, unless the round says so.
    test.user(
        "mairie@madeleine.example",
        &[(trio.madeleine, domain::permission::Role::Approver)],
    )
    .await;
    let other = test.signed_in("mairie@madeleine.example").await;
    let sums = other
        .get(&format!("{here}/agrege"))
        .await
        .expect(200)
        .text();
    assert!(sums.contains("172,10") && !sums.contains(&behind), "{sums}");
    assert!(
        !other
            .get(&behind)
            .await
            .expect(200)
            .text()
            .contains("Anstaing")
    );
}

#[tokio::test]
async fn late_members_weigh_what_they_asked_for_the_year_before() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (first, items) = test.open_round(&trio).await;
    test.answered(&first, trio.anstaing, &[(items[0].id, 3)])
        .await;
    test.answered(&first, trio.madeleine, &[(items[0].id, 10)])
        .await;
    rounds::close(&test.app, &trio.officer, first.id, None)
        .await
        .unwrap();

    let due = test.app.clock.now() + TimeDelta::days(20);
    let (second, _) = test
        .drafted_after(&trio, "Extincteurs 2028", due, Some(first.id))
        .await;
    rounds::open(&test.app, &trio.officer, second.id, None)
        .await
        .unwrap();
    let (_, _, copied) = lots::list(&test.app, &trio.officer, second.id)
        .await
        .unwrap();
    let copied = &copied[0].items;
    assert_eq!(copied.len(), 2);
    test.answered(&second, trio.anstaing, &[(copied[0].id, 4)])
        .await;

    let view = overviews::overview(&test.app, &trio.officer, second.id)
        .await
        .unwrap();
    assert_eq!(view.sums.aggregate.total, Cents(21_840));
    assert_eq!(view.late_before, Some(Cents(54_600)));
    assert_eq!(view.expected, Some(Cents(76_440)));
    let before: Vec<_> = view
        .sums
        .aggregate
        .lines
        .iter()
        .map(|l| l.before.map(|q| q.0))
        .collect();
    assert_eq!(before, [Some(3_000), Some(0)]);
    let officer = test.signed_in("achats@mel.example").await;
    let page = officer
        .get(&format!("/campagnes/{}", second.id))
        .await
        .expect(200)
        .text();
    assert!(page.contains("+33,3\u{202f}%"), "{page}");
    for words in [
        "Projection avec",
        "764,40\u{202f}€ HT",
        "en retard, quantités de",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn a_new_price_asks_those_who_answered_to_confirm_once() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, made) = test.open_round(&trio).await;
    test.answered(&round, trio.anstaing, &[(made[0].id, 3)])
        .await;
    let edit = async |title: &str, price: i64| {
        items::edit(
            &test.app,
            &trio.officer,
            made[0].id,
            None,
            item(title, price),
        )
        .await
        .unwrap();
        let view = test.app.store.view().await.unwrap();
        let round = rows::find(&view, round.id).await.unwrap();
        let answer = declarations::find(&view, round.id, trio.anstaing)
            .await
            .unwrap()
            .unwrap();
        (round.conditions_version, answer.to_reconfirm)
    };
    assert_eq!(edit("Extincteur à eau, 6 L", 54_600_000).await, (0, false));
    assert_eq!(edit("Extincteur à eau, 6 L", 60_000_000).await, (1, true));
    let removed = items::remove(&test.app, &trio.officer, made[0].id).await;
    let in_use = RoundError::ItemInUse {
        title: "Extincteur à eau, 6 L".to_owned(),
        members: 1,
    };
    assert_eq!(refusal(removed.unwrap_err()), in_use);
    items::remove(&test.app, &trio.officer, made[1].id)
        .await
        .unwrap();
    let (_, _, left) = lots::list(&test.app, &trio.officer, round.id)
        .await
        .unwrap();
    assert_eq!(left[0].items.len(), 1);
}

#[tokio::test]
async fn rounds_are_listed_page_by_page_and_by_words() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    for number in 1..=5 {
        let due = test.app.clock.now() + TimeDelta::days(number);
        let title = format!("Campagne {number}");
        test.drafted_after(&trio, &title, due, None).await;
    }
    let listing = Listing::default();
    let (first, total) = rounds::list(&test.app, &trio.officer, &listing, Start::Offset(0), 2)
        .await
        .unwrap();
    assert_eq!((first.len(), total), (2, 5));
    assert_eq!(first[0].round.title, "Campagne 5");
    let after = Start::After(first[1].round.deadline, first[1].round.id);
    let (next, _) = rounds::list(&test.app, &trio.officer, &listing, after, 2)
        .await
        .unwrap();
    assert_eq!(next[0].round.title, "Campagne 3");
    let officer = test.signed_in("achats@mel.example").await;
    let page = officer
        .get("/campagnes?q=CAMPAGNE+4")
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("Campagne 4") && !page.contains("Campagne 3"),
        "{page}"
    );
    let extended = rounds::extend(
        &test.app,
        &trio.officer,
        first[0].round.id,
        None,
        Deadline::Instant(test.app.clock.now() + TimeDelta::days(60)),
    )
    .await;
    assert!(matches!(
        refusal(extended.unwrap_err()),
        RoundError::NotAllowed { .. }
    ));
}

#[tokio::test]
async fn what_waits_is_on_the_home_page_of_who_must_do_it() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let home = officer.get("/").await.expect(200).text();
    assert!(home.contains("2\u{a0}membres sur 2 sans réponse"), "{home}");
    let home = clerk.get("/").await.expect(200).text();
    assert!(home.contains("Déclarer vos besoins"), "{home}");

    test.answered(&round, trio.anstaing, &[(items[0].id, 3)])
        .await;
    let home = officer.get("/").await.expect(200).text();
    assert!(home.contains("1\u{a0}membre sur 2 sans réponse"), "{home}");
    let home = clerk.get("/").await.expect(200).text();
    assert!(!home.contains("vos besoins"), "{home}");
}
