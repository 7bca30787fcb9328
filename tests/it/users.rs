//! Colleagues: invited, given roles, disabled; and what no organisation may do to another.
use domain::{
    identity::{Email, OrganisationId},
    permission::Role,
    user::{LinkKind, UserState},
};
use encommun::actions::{Actor, Error, sessions, users};

use crate::support::TestApp;

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
