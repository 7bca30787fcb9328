//! A round that lives: reopened, prolonged, closed by the clock, left by its members.
use chrono::TimeDelta;
use domain::{
    permission::Role,
    purchasing::{
        declaration::DeclarationState,
        round::{ClosedBy, RoundState},
    },
    quantity::Quantity,
};
use encommun::{
    actions::{
        Error,
        purchasing::{groupings, memberships, rounds},
    },
    store::{
        outbox,
        purchasing::{answers, declarations, rounds as rows},
    },
};

use crate::support::TestApp;

#[tokio::test]
async fn a_closed_round_opens_again_for_one_member_or_for_all_with_a_motive() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    rounds::close(&test.app, &trio.officer, round.id, None)
        .await
        .unwrap();
    let officer = test.signed_in("achats@mel.example").await;
    let here = format!("/campagnes/{}", round.id);
    let member = trio.madeleine.to_string();
    let typed = [
        ("commune", member.as_str()),
        ("date_limite", "30/09/2026"),
        ("heure", ""),
    ];
    officer
        .post(&format!("{here}/rouvrir-pour"), &typed)
        .await
        .expect(303);
    let view = test.app.store.view().await.unwrap();
    let answer = declarations::find(&view, round.id, trio.madeleine)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.state, DeclarationState::NotStarted);
    // 17:00 in Lille, in summer.
    assert_eq!(
        answer.open_until.unwrap().to_rfc3339(),
        "2026-09-30T15:00:00+00:00"
    );
    assert_eq!(
        rows::find(&view, round.id).await.unwrap().state,
        RoundState::Closed
    );
    drop(view);
    let email = "mairie@lamadeleine.example";
    test.user(email, &[(trio.madeleine, Role::DeclaringAgent)])
        .await;
    let desk = test
        .signed_in(email)
        .await
        .get("/")
        .await
        .expect(200)
        .text();
    assert!(desk.contains("Déclarer ou revoir vos besoins"), "{desk}");
    assert!(
        desk.contains("Campagne rouverte pour vous jusqu’au 30\u{a0}septembre"),
        "{desk}"
    );

    let page = officer
        .get(&format!("{here}/rouvrir"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("Ce que cela entraîne") && page.contains("messages"),
        "{page}"
    );
    let without = [("date_limite", "30/09/2026"), ("motif", "")];
    officer
        .post(&format!("{here}/rouvrir"), &without)
        .await
        .expect(422);
    let with = [
        ("date_limite", "30/09/2026"),
        ("motif", "Un prix était faux."),
    ];
    officer
        .post(&format!("{here}/rouvrir"), &with)
        .await
        .expect(303);
    let view = test.app.store.view().await.unwrap();
    let again = rows::find(&view, round.id).await.unwrap();
    assert_eq!((again.state, again.opening), (RoundState::Open, 2));
    assert_eq!(again.reopen_motive.as_deref(), Some("Un prix était faux."));
    drop(view);
    let history = officer
        .get(&format!("{here}/historique"))
        .await
        .expect(200)
        .text();
    assert!(history.contains("Un prix était faux."), "{history}");
}

#[tokio::test]
async fn a_deadline_moves_later_for_all_and_never_sooner() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let path = format!("/campagnes/{}/prolonger", round.id);
    let sooner = [("date_limite", "05/09/2026"), ("heure", "12:00")];
    let page = officer.post(&path, &sooner).await.expect(409).text();
    assert!(page.contains("Une prolongation repousse"), "{page}");
    let later = [("date_limite", "18/09/2026"), ("heure", "")];
    officer.post(&path, &later).await.expect(303);
    let view = test.app.store.view().await.unwrap();
    let told = outbox::list_about(&view, "round", round.id.0, 100)
        .await
        .unwrap();
    let extended = told.iter().filter(|m| m.kind == "round_extended").count();
    assert_eq!(extended, 2);
}

#[tokio::test]
async fn a_form_sent_back_unchanged_keeps_the_deadline_and_tells_nobody() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let path = format!("/campagnes/{}/modifier", round.id);
    let version = round.version.to_string();
    let typed = [
        ("titre", "Extincteurs 2027, tous sites"),
        ("date_limite", "11/09/2026"),
        ("heure", "10:00"),
        ("lancement", "15/10/2026"),
        ("version", version.as_str()),
    ];
    let page = officer.get(&path).await.expect(200).text();
    assert!(
        page.contains("11/09/2026") && page.contains("10:00"),
        "{page}"
    );
    officer.post(&path, &typed).await.expect(303);
    officer.post(&path, &typed).await.expect(412);
    let view = test.app.store.view().await.unwrap();
    let edited = rows::find(&view, round.id).await.unwrap();
    assert_eq!(edited.title, "Extincteurs 2027, tous sites");
    assert_eq!(
        (edited.deadline, edited.conditions_version),
        (round.deadline, 0)
    );
    let told = outbox::list_about(&view, "round", round.id.0, 100)
        .await
        .unwrap();
    assert!(told.iter().all(|message| message.kind == "round_opened"));
}

#[tokio::test]
async fn the_clock_closes_after_the_service_slept_a_week() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    test.later(TimeDelta::days(9)).await;
    let state = async || {
        let view = test.app.store.view().await.unwrap();
        rows::find(&view, round.id).await.unwrap()
    };
    assert_eq!(state().await.state, RoundState::Open);
    test.later(TimeDelta::days(8)).await;
    let closed = state().await;
    assert_eq!(closed.state, RoundState::Closed);
    assert_eq!(closed.closed.as_ref().unwrap().by, ClosedBy::Clock);
    test.later(TimeDelta::days(1)).await;
    assert_eq!(state().await, closed, "the clock closes once");
    let officer = test.signed_in("achats@mel.example").await;
    let refused = officer
        .post(&format!("/campagnes/{}/cloture", round.id), &[])
        .await
        .expect(409);
    assert!(
        refused.text().contains("déjà close à sa date limite"),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn who_leaves_takes_its_answer_out_of_open_rounds_alone() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let (closed, of_closed) = test.open_round(&trio).await;
    test.answered(&closed, trio.anstaing, &[(of_closed[0].id, 4)])
        .await;
    rounds::close(&test.app, &trio.officer, closed.id, None)
        .await
        .unwrap();
    let (open, of_open) = test.open_round(&trio).await;
    for member in [trio.anstaing, trio.madeleine] {
        test.answered(&open, member, &[(of_open[0].id, 5)]).await;
    }
    let id = test.membership(trio.grouping, trio.anstaing).await.id;
    memberships::end(&test.app, &trio.officer, id, None)
        .await
        .unwrap();
    let asked = async |round| {
        let view = test.app.store.view().await.unwrap();
        let asked = answers::asked(&view, round).await.unwrap();
        asked
            .iter()
            .map(|one| (one.member, one.quantity))
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(open.id).await, [(trio.madeleine, Quantity(5_000))]);
    assert_eq!(asked(closed.id).await, [(trio.anstaing, Quantity(4_000))]);
}

#[tokio::test]
async fn a_grouping_with_an_open_round_is_not_archived() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    let archive = async || groupings::archive(&test.app, &trio.officer, trio.grouping, None).await;
    let refused = archive().await;
    assert!(matches!(refused, Err(Error::Refused(r)) if r.code() == "grouping.open-rounds"));
    rounds::close(&test.app, &trio.officer, round.id, None)
        .await
        .unwrap();
    archive().await.unwrap();
}
