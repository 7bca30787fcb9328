//! « Utilisateurs » : who works for an organisation, their roles and their links.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    field::FieldProblem,
    identity::{Email, OrganisationId, Phone, UserId},
    organisation::Organisation,
    permission::Role,
    user::{LinkKind, UserState},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    entry::{Entry, Input, Kind},
    organisations::place,
};
use crate::{
    actions::{
        App, Error, organisations,
        users::{self, NewUser},
    },
    exchange::people::link,
    web::{
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page},
        routes::Routes,
        session::{self, Person},
    },
    wording,
};

mod list;

pub(super) use list::Asked;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/utilisateurs", list::list)
        .get("/utilisateurs/invitation", show_invite)
        .post("/utilisateurs/invitation", invite)
        .post("/utilisateurs/{id}/roles", change_roles)
        .post("/utilisateurs/{id}/lien", make_link)
        .post("/utilisateurs/{id}/desactivation", disable)
        .post("/utilisateurs/{id}/reactivation", enable)
}

/// The organisation asked for, else the one acted for.
pub(super) fn chosen(person: &Person, asked: Option<Uuid>) -> Result<OrganisationId, Error> {
    match asked {
        Some(id) => Ok(OrganisationId(id)),
        None => person.organisation(),
    }
}

/// An organisation to choose, told from its homonyms.
pub(super) fn organisation_choice(o: &Organisation) -> Choice {
    let place = place(o);
    let label = if place.is_empty() {
        o.name.clone()
    } else {
        format!("{} ({place})", o.name)
    };
    Choice::new(o.id.to_string(), label)
}

async fn show_invite(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let organisation = chosen(&person, asked.organisme)?;
    let typed = Typed::default().with("organisme", organisation.to_string());
    invite_form(&app, &person).await?.filled(typed).show()
}

async fn invite_form(app: &App, person: &Person) -> Result<Entry, Error> {
    let managed = organisations::managed(app, &person.actor).await?;
    if managed.is_empty() {
        return Err(Error::Forbidden);
    }
    let shell = person
        .shell("Inviter une personne")
        .crumb("Utilisateurs", "/utilisateurs");
    let roles = Role::ALL.map(|role| {
        Choice::new(role.code(), wording::role(role)).hint(wording::role_meaning(role))
    });
    Ok(
        Entry::new(app, shell, "Créer le lien d’invitation", "/utilisateurs")
            .intro("Vous obtiendrez un lien à lui transmettre\u{a0}: elle y choisira son mot de passe.")
            .inputs(vec![
                Input::new(Kind::List, "organisme", "Pour quel organisme")
                    .among(managed.iter().map(organisation_choice).collect()),
                Input::new(Kind::Text, "nom", "Prénom et nom"),
                Input::new(Kind::Email, "email", "Adresse électronique"),
                Input::new(Kind::Phone, "telephone", "Téléphone").optional(),
                Input::new(Kind::Several, "role", "Ce qu’elle pourra faire").among(roles.to_vec()),
            ]),
    )
}

async fn invite(State(app): State<App>, person: Person, mut fields: Fields) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match read_invitation(&mut fields) {
        Some(new) => users::invite(&app, &actor, new).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(invited) => {
            let hours = app.settings.login.invitation_hours;
            page(&LinkPage {
                shell: person
                    .shell("Invitation")
                    .crumb("Utilisateurs", "/utilisateurs"),
                name: invited.user.name,
                email: invited.user.email.to_string(),
                link: invited.secret.map(|secret| link(&app, &secret)),
                life: format!("{}\u{a0}jours", hours / 24),
            })
        }
        Err(error) => invite_form(&app, &person).await?.again(&fields, error),
    }
}

fn read_invitation(fields: &mut Fields) -> Option<NewUser> {
    let organisation = fields.choice("organisme", |id| Uuid::parse_str(id).ok());
    let name = fields.text("nom", 200);
    let email = fields.read("email", Email::parse);
    let phone = fields.read_optional("telephone", Phone::parse);
    let typed: Vec<String> = fields.all("role").map(str::to_owned).collect();
    let roles: Option<Vec<Role>> = typed.iter().map(|code| Role::from_code(code)).collect();
    let roles = roles.filter(|roles| !roles.is_empty());
    if roles.is_none() {
        fields.refuse("role", FieldProblem::not_one_of(&typed.join(", ")));
    }
    let organisation = OrganisationId(organisation?);
    let roles = roles?.into_iter().map(|role| (organisation, role));
    Some(NewUser {
        email: email?,
        name: name?,
        phone: phone?,
        roles: roles.collect(),
        operator: false,
    })
}

/// A link, shown once.
#[derive(Template)]
#[template(path = "people/link.html")]
struct LinkPage {
    shell: Shell,
    name: String,
    email: String,
    link: Option<String>,
    life: String,
}

async fn make_link(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let kind = match fields.typed("nature") {
        "connexion" => LinkKind::SignIn,
        _ => LinkKind::PasswordReset,
    };
    let issued = match users::make_link(&app, &actor, UserId(id), kind).await {
        Ok(issued) => issued,
        Err(error) => return refused(&app, &person, &fields, error).await,
    };
    let login = &app.settings.login;
    let life = match (issued.user.state, kind) {
        (UserState::Invited, _) => format!("{}\u{a0}jours", login.invitation_hours / 24),
        (_, LinkKind::SignIn) => format!("{}\u{a0}minutes", login.sign_in_minutes),
        (_, LinkKind::Invitation | LinkKind::PasswordReset) => {
            format!("{}\u{a0}minutes", login.reset_minutes)
        }
    };
    page(&LinkPage {
        shell: person
            .shell("Nouveau lien")
            .crumb("Utilisateurs", "/utilisateurs"),
        name: issued.user.name,
        email: issued.user.email.to_string(),
        link: Some(link(&app, &issued.secret)),
        life,
    })
}

/// Gives the roles that are ticked and takes the others back.
async fn change_roles(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let organisation = of_form(&fields)?;
    let user = UserId(id);
    let wanted: Vec<Role> = fields.all("role").filter_map(Role::from_code).collect();
    let actor = person.actor.clone().with_operation(fields.operation());
    match users::set_roles(&app, &actor, user, organisation, &wanted).await {
        Ok(()) => {
            session::tell(&session, FlashKind::Done, "Rôles enregistrés.").await?;
            Ok(back(organisation))
        }
        Err(error) => refused(&app, &person, &fields, error).await,
    }
}

async fn disable(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let organisation = of_form(&fields)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    match users::disable(&app, &actor, UserId(id)).await {
        Ok(user) => {
            let text = format!(
                "Le compte de {} est désactivé, ses sessions sont closes.",
                user.name
            );
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(back(organisation))
        }
        Err(error) => refused(&app, &person, &fields, error).await,
    }
}

async fn enable(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let organisation = of_form(&fields)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    match users::enable(&app, &actor, UserId(id)).await {
        Ok(user) => {
            let next = match user.state {
                UserState::Invited => "Créez-lui un nouveau lien d’invitation.",
                UserState::Active | UserState::Disabled => "Son mot de passe n’a pas changé.",
            };
            let text = format!("Le compte de {} est rouvert. {next}", user.name);
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(back(organisation))
        }
        Err(error) => refused(&app, &person, &fields, error).await,
    }
}

fn of_form(fields: &Fields) -> Result<OrganisationId, Error> {
    let id = Uuid::parse_str(fields.typed("organisme")).ok();
    id.map(OrganisationId).ok_or(Error::NotFound)
}

fn back(organisation: OrganisationId) -> axum::response::Response {
    Redirect::to(&format!("/utilisateurs?organisme={organisation}")).into_response()
}

/// The list again, with the rule that refused above it.
async fn refused(app: &App, person: &Person, fields: &Fields, error: Error) -> Answer {
    let Error::Refused(_) = &error else {
        return Err(error.into());
    };
    let organisation = of_form(fields)?;
    let sentence = wording::error(&error).1;
    let asked = Asked::default();
    let list = list::list_page(app, person, organisation, asked, sentence).await?;
    crate::web::page::page_with(axum::http::StatusCode::CONFLICT, &list)
}
