//! Colleagues: invited, given roles, disabled; and what no organisation may do to another.
use axum::http::Method;
use domain::{
    identity::{Email, OrganisationId},
    permission::Role,
    user::{LinkKind, UserState},
};
use encommun::actions::{Actor, Error, sessions, users};
use serde_json::json;

use crate::support::{Client, TestApp};

fn someone(email: &str, organisation: OrganisationId, role: Role) -> users::NewUser {
    users::NewUser {
        email: Email::parse(email).unwrap(),
        name: "Marie Lambert".to_owned(),
        phone: None,
        roles: vec![(organisation, role)],
        operator: false,
    }
}

fn code(error: &Error) -> &'static str {
    encommun::api::problem::code(error)
}

async fn two_communes(test: &TestApp) -> (OrganisationId, OrganisationId) {
    let first = test.commune("Anstaing", "59013", "215900135").await;
    let second = test.commune("La Madeleine", "59368", "215903683").await;
    (first, second)
}

#[tokio::test]
async fn inviting_someone_who_has_an_account_elsewhere_gives_no_link_to_it() {
    let test = TestApp::new().await;
    let (anstaing, madeleine) = two_communes(&test).await;
    let admin = test
        .user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    test.user(
        "clerk@madeleine.example",
        &[(madeleine, Role::Administrator)],
    )
    .await;
    let new = someone("clerk@madeleine.example", anstaing, Role::DeclaringAgent);
    let invited = users::invite(&test.app, &admin, new).await.unwrap();
    assert_eq!(invited.secret, None);

    // Nor when the other invitation was not used yet: its link would open La Madeleine.
    let operator = Actor::operator();
    let new = someone("mayor@madeleine.example", madeleine, Role::Approver);
    users::invite(&test.app, &operator, new).await.unwrap();
    let new = someone("mayor@madeleine.example", anstaing, Role::Approver);
    let invited = users::invite(&test.app, &admin, new).await.unwrap();
    assert_eq!(invited.secret, None);
    let link = users::make_link(&test.app, &admin, invited.user.id, LinkKind::SignIn).await;
    assert_eq!(code(&link.unwrap_err()), "forbidden");
    let closed = users::disable(&test.app, &admin, invited.user.id).await;
    assert_eq!(code(&closed.unwrap_err()), "forbidden");
}

#[tokio::test]
async fn a_new_link_makes_the_older_one_unusable() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    let admin = test
        .user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let new = someone("clerk@anstaing.example", anstaing, Role::DeclaringAgent);
    let invited = users::invite(&test.app, &admin, new).await.unwrap();
    let again = users::make_link(&test.app, &admin, invited.user.id, LinkKind::PasswordReset)
        .await
        .unwrap();
    let old = sessions::read_link(&test.app, &invited.secret.unwrap()).await;
    assert_eq!(code(&old.unwrap_err()), "user.link-unusable");
    let (_, kind) = sessions::read_link(&test.app, &again.secret).await.unwrap();
    assert_eq!(kind, LinkKind::Invitation, "no password to reset yet");
}

#[tokio::test]
async fn the_last_administrator_keeps_the_role() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    let first = test
        .user("first@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let id = first.user().unwrap();
    let refused = users::take_role(&test.app, &first, id, anstaing, Role::Administrator).await;
    assert_eq!(code(&refused.unwrap_err()), "user.last-administrator");
    let refused = users::disable(&test.app, &first, id).await;
    assert_eq!(code(&refused.unwrap_err()), "user.last-administrator");
    test.user(
        "second@anstaing.example",
        &[(anstaing, Role::Administrator)],
    )
    .await;
    users::take_role(&test.app, &first, id, anstaing, Role::Administrator)
        .await
        .unwrap();
}

#[tokio::test]
async fn two_administrators_cannot_take_each_other_s_last_role_at_once() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    let first = test
        .user("first@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let second = test
        .user(
            "second@anstaing.example",
            &[(anstaing, Role::Administrator)],
        )
        .await;
    let (one, two) = (first.user().unwrap(), second.user().unwrap());
    let role = Role::Administrator;
    let (a, b) = tokio::join!(
        users::take_role(&test.app, &first, two, anstaing, role),
        users::take_role(&test.app, &second, one, anstaing, role),
    );
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1, "{a:?} {b:?}");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    let admin = test
        .user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let clerk = test
        .user(
            "clerk@anstaing.example",
            &[(anstaing, Role::DeclaringAgent)],
        )
        .await;
    let browser = test.signed_in("clerk@anstaing.example").await;
    browser.get("/").await.expect(200);
    let disabled = users::disable(&test.app, &admin, clerk.user().unwrap())
        .await
        .unwrap();
    assert_eq!(disabled.state, UserState::Disabled);
    browser.get("/").await.expect(303);
    let again = someone("clerk@anstaing.example", anstaing, Role::Accountant);
    let refused = users::invite(&test.app, &admin, again).await;
    assert_eq!(code(&refused.unwrap_err()), "user.disabled");
}

#[tokio::test]
async fn a_disabled_account_is_opened_again_by_page_with_its_password() {
    let test = TestApp::new().await;
    let (anstaing, madeleine) = two_communes(&test).await;
    let admins = [
        ("admin@anstaing.example", anstaing),
        ("admin@madeleine.example", madeleine),
    ];
    for (email, organisation) in admins {
        test.user(email, &[(organisation, Role::Administrator)])
            .await;
    }
    let admin = test.actor("admin@anstaing.example").await;
    let email = "clerk@anstaing.example";
    let clerk = test.user(email, &[(anstaing, Role::DeclaringAgent)]).await;
    let id = clerk.user().unwrap();
    users::disable(&test.app, &admin, id).await.unwrap();
    let browser = test.signed_in("admin@anstaing.example").await;
    let list = browser.get("/utilisateurs").await.expect(200).text();
    let path = format!("/utilisateurs/{id}/reactivation");
    assert!(list.contains(&format!("action=\"{path}\"")), "{list}");
    let organisation = anstaing.to_string();
    let fields = [("organisme", organisation.as_str())];
    let stranger = test.signed_in("admin@madeleine.example").await;
    stranger.post(&path, &fields).await.expect(404);
    browser.post(&path, &fields).await.expect(303);
    let list = browser.get("/utilisateurs").await.expect(200).text();
    assert!(list.contains("est rouvert"), "{list}");
    assert!(!list.contains(&path), "{list}");
    // Opening it twice changes nothing, and the password is the one there was.
    browser.post(&path, &fields).await.expect(303);
    test.signed_in(email).await.get("/").await.expect(200);

    let new = someone("new@anstaing.example", anstaing, Role::Accountant);
    let new = users::invite(&test.app, &admin, new).await.unwrap().user;
    users::disable(&test.app, &admin, new.id).await.unwrap();
    let opened = users::enable(&test.app, &admin, new.id).await.unwrap();
    assert_eq!(opened.state, UserState::Invited, "no password was chosen");
}

#[tokio::test]
async fn a_program_closes_an_account_and_opens_it_again() {
    let test = TestApp::new().await;
    let (anstaing, madeleine) = two_communes(&test).await;
    let email = "clerk@anstaing.example";
    let clerk = test.user(email, &[(anstaing, Role::DeclaringAgent)]).await;
    test.user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    test.user(
        "admin@madeleine.example",
        &[(madeleine, Role::Administrator)],
    )
    .await;
    let program = async |email: &str| test.browser().with_token(&test.token(email).await);
    let (admin, stranger) = (
        program("admin@anstaing.example").await,
        program("admin@madeleine.example").await,
    );
    let own = program(email).await;
    let path = |verb: &str| format!("/api/v1/users/{}/{verb}", clerk.user().unwrap());
    let post = async |client: &Client, verb: &str, key: &str, status: u16| {
        let headers = [("idempotency-key", key)];
        let (path, body) = (path(verb), json!({}));
        let answer = client.json(Method::POST, &path, &headers, &body).await;
        answer.expect(status)
    };
    post(&stranger, "disable", "1", 404).await;
    post(&own, "disable", "1", 404).await;
    own.get("/api/v1/me").await.expect(200);
    for _ in 0..2 {
        let closed = post(&admin, "disable", "1", 200).await.json();
        assert_eq!(closed["state"], "disabled");
        assert_eq!(closed["email"], email);
    }
    own.get("/api/v1/me").await.expect(401);
    post(&stranger, "enable", "2", 404).await;
    let open = post(&admin, "enable", "2", 200).await.json();
    assert_eq!(open["state"], "active");
    own.get("/api/v1/me").await.expect(200);
    // The last administrator does not shut the door from inside.
    let last = test.actor("admin@anstaing.example").await.user().unwrap();
    let path = format!("/api/v1/users/{last}/disable");
    let refused = admin.json(Method::POST, &path, &[], &json!({})).await;
    let refused = refused.expect(409).json();
    assert_eq!(refused["type"], "/problems/user.last-administrator");
}

#[tokio::test]
async fn somebody_without_any_role_is_nobody_s_to_open() {
    let test = TestApp::new().await;
    let (anstaing, madeleine) = two_communes(&test).await;
    let operator = Actor::operator();
    let new = someone("gone@madeleine.example", madeleine, Role::Accountant);
    let gone = users::invite(&test.app, &operator, new).await.unwrap().user;
    users::take_role(&test.app, &operator, gone.id, madeleine, Role::Accountant)
        .await
        .unwrap();
    let admin = test
        .user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let link = users::make_link(&test.app, &admin, gone.id, LinkKind::SignIn).await;
    assert_eq!(code(&link.unwrap_err()), "not-found");
}

#[tokio::test]
async fn an_administrator_invites_gives_roles_and_makes_links_by_page() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    test.user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let browser = test.signed_in("admin@anstaing.example").await;
    let organisation = anstaing.to_string();
    let fields = [
        ("organisme", organisation.as_str()),
        ("nom", "Marie Lambert"),
        ("email", "marie@anstaing.example"),
        ("role", "declaring_agent"),
        ("role", "approver"),
    ];
    let page = browser
        .post("/utilisateurs/invitation", &fields)
        .await
        .expect(200)
        .text();
    assert!(page.contains("/lien/"), "{page}");
    let nobody = [
        ("organisme", organisation.as_str()),
        ("nom", ""),
        ("email", "x"),
    ];
    let refused = browser
        .post("/utilisateurs/invitation", &nobody)
        .await
        .expect(422)
        .text();
    assert!(refused.contains("3 champs à corriger"), "{refused}");

    let view = test.app.store.view().await.unwrap();
    let email = Email::parse("marie@anstaing.example").unwrap();
    let marie = encommun::store::users::find_by_email(&view, &email)
        .await
        .unwrap()
        .unwrap();
    drop(view);
    let path = format!("/utilisateurs/{}/roles", marie.id);
    let roles = [("organisme", organisation.as_str()), ("role", "accountant")];
    browser.post(&path, &roles).await.expect(303);
    let view = test.app.store.view().await.unwrap();
    let held = encommun::store::users::roles(&view, marie.id)
        .await
        .unwrap();
    assert!(held[&anstaing].iter().eq([&Role::Accountant]));
    drop(view);
    let path = format!("/utilisateurs/{}/lien", marie.id);
    let link = browser
        .post(&path, &[("organisme", organisation.as_str())])
        .await
        .expect(200)
        .text();
    assert!(link.contains("/lien/"), "{link}");
}

#[tokio::test]
async fn a_password_is_changed_knowing_the_present_one_and_ends_other_sessions() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    test.user("a@anstaing.example", &[(anstaing, Role::DeclaringAgent)])
        .await;
    let here = test.signed_in("a@anstaing.example").await;
    let there = test.signed_in("a@anstaing.example").await;
    let wrong = [
        ("actuel", "autre chose"),
        ("nouveau", "une phrase toute neuve"),
    ];
    let refused = here
        .post("/profil/mot-de-passe", &wrong)
        .await
        .expect(409)
        .text();
    assert!(
        refused.contains("Le mot de passe actuel n’est pas celui-ci"),
        "{refused}"
    );
    let right = [
        ("actuel", crate::support::builders::PASSWORD),
        ("nouveau", "une phrase toute neuve"),
    ];
    here.post("/profil/mot-de-passe", &right).await.expect(303);
    here.get("/profil").await.expect(200);
    there.get("/profil").await.expect(303);
}

#[tokio::test]
async fn a_program_learns_who_it_acts_for_and_invites() {
    let test = TestApp::new().await;
    let (anstaing, _) = two_communes(&test).await;
    let admin = test
        .user("admin@anstaing.example", &[(anstaing, Role::Administrator)])
        .await;
    let scope = domain::token::TokenScope::Write;
    let new = encommun::actions::tokens::NewToken {
        name: "Essai".to_owned(),
        scope,
        expires_at: None,
    };
    let created = encommun::actions::tokens::create(&test.app, &admin, new)
        .await
        .unwrap();
    let program = test.browser().with_token(&created.secret);
    let me = program.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["email"], "admin@anstaing.example");
    assert_eq!(me["roles"][0]["roles"][0], "administrator");
    let path = format!("/api/v1/organisations/{anstaing}/users");
    let body = serde_json::json!({
        "name": "Marie Lambert", "email": "marie@anstaing.example", "roles": ["approver"]
    });
    let post = axum::http::Method::POST;
    let invited = program
        .json(post.clone(), &path, &[], &body)
        .await
        .expect(201);
    assert!(invited.json()["link"].as_str().unwrap().contains("/lien/"));
    let wrong = serde_json::json!({ "name": "M", "email": "m@a.example", "roles": ["king"] });
    let problem = program
        .json(post, &path, &[], &wrong)
        .await
        .expect(422)
        .json();
    assert_eq!(problem["errors"][0]["field"], "roles.0");
    let list = program.get(&path).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
}
