//! `encommun user`: accounts from the server's command line.
use std::process::ExitCode;

use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use domain::{
    field::FieldProblem,
    identity::Email,
    permission::Role,
    token::TokenScope,
    user::{LinkKind, UserState},
};

use super::{init::invitation, open, organisation, parse, refused, say};
use crate::{
    actions::{
        Actor, App, Error, organisations,
        tokens::{self, NewToken},
        users::{self, NewUser},
    },
    exchange::people::link,
    settings::Settings,
    web::format,
};

/// Gère les comptes des utilisateurs.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Invite une personne et affiche son lien d’invitation.
    Invite(InviteArguments),
    /// Affiche un nouveau lien pour une personne.
    Link {
        /// Adresse électronique du compte.
        #[arg(long, value_name = "ADRESSE")]
        email: String,
        /// Réinitialiser le mot de passe, ou se connecter une fois.
        #[arg(long, value_enum, default_value = "reset")]
        kind: LinkChoice,
    },
    /// Désactive un compte et ferme ses sessions.
    Disable {
        /// Adresse électronique du compte.
        #[arg(long, value_name = "ADRESSE")]
        email: String,
    },
    /// Rouvre un compte désactivé.
    Enable {
        /// Adresse électronique du compte.
        #[arg(long, value_name = "ADRESSE")]
        email: String,
    },
    /// Liste les comptes.
    List {
        /// Une ligne JSON par compte.
        #[arg(long)]
        json: bool,
    },
    /// Crée un jeton d’accès à l’interface de programmation, affiché une seule fois.
    Token {
        /// Adresse électronique du compte.
        #[arg(long, value_name = "ADRESSE")]
        email: String,
        /// À quoi servira ce jeton.
        #[arg(long, value_name = "NOM")]
        name: String,
        /// Interdire toute écriture.
        #[arg(long)]
        read_only: bool,
        /// Durée de validité, en jours ; sans elle le jeton reste valable.
        #[arg(long, value_name = "JOURS", value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
    },
}

#[derive(Debug, Args)]
pub(super) struct InviteArguments {
    /// Adresse électronique de la personne.
    #[arg(long, value_name = "ADRESSE")]
    email: String,
    /// Son nom.
    #[arg(long, value_name = "NOM")]
    name: String,
    /// SIREN de l’organisme pour lequel elle agit.
    #[arg(long, value_name = "SIREN")]
    organisation: String,
    /// Ses rôles : `declaring_agent`, `approver`, `purchasing_officer`, `equipment_manager`,
    /// `accountant`, `administrator`.
    #[arg(long, value_name = "ROLE", required = true, num_args = 1..)]
    role: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LinkChoice {
    Reset,
    SignIn,
}

pub(super) async fn run(settings: Settings, command: UserCommand) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    app.store.check_schema(env!("CARGO_PKG_VERSION")).await?;
    match execute(&app, command).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Error::Internal(cause)) => Err(cause),
        Err(error) => Ok(refused(&error)),
    }
}

async fn execute(app: &App, command: UserCommand) -> Result<(), Error> {
    let operator = Actor::operator();
    match command {
        UserCommand::Invite(arguments) => invite(app, &operator, arguments).await,
        UserCommand::Link { email, kind } => {
            let user = account(app, &operator, &email).await?;
            let kind = match kind {
                LinkChoice::Reset => LinkKind::PasswordReset,
                LinkChoice::SignIn => LinkKind::SignIn,
            };
            let issued = users::make_link(app, &operator, user.id, kind).await?;
            say(&link(app, &issued.secret));
            Ok(())
        }
        UserCommand::Disable { email } => {
            let user = account(app, &operator, &email).await?;
            users::disable(app, &operator, user.id).await?;
            say(&format!("Le compte {} est désactivé.", user.email));
            Ok(())
        }
        UserCommand::Enable { email } => {
            let user = account(app, &operator, &email).await?;
            let user = users::enable(app, &operator, user.id).await?;
            say(&format!("Le compte {} est rouvert.", user.email));
            Ok(())
        }
        UserCommand::List { json } => list(app, &operator, json).await,
        UserCommand::Token {
            email,
            name,
            read_only,
            days,
        } => {
            let user = account(app, &operator, &email).await?;
            let new = NewToken {
                name: parse("name", &name, |t| domain::text::clean(t, 100))?,
                scope: if read_only {
                    TokenScope::Read
                } else {
                    TokenScope::Write
                },
                expires_at: days.map(|days| app.clock.now() + TimeDelta::days(days)),
            };
            let created = tokens::create_for(app, &operator, user.id, new).await?;
            say(&created.secret);
            Ok(())
        }
    }
}

async fn invite(app: &App, operator: &Actor, arguments: InviteArguments) -> Result<(), Error> {
    let organisation = organisation(app, &arguments.organisation).await?;
    let mut roles = Vec::with_capacity(arguments.role.len());
    for typed in &arguments.role {
        let role = parse("role", typed, |typed| {
            Role::from_code(typed).ok_or_else(|| FieldProblem::not_one_of(typed))
        })?;
        roles.push((organisation, role));
    }
    let new = NewUser {
        email: parse("email", &arguments.email, Email::parse)?,
        name: parse("name", &arguments.name, |t| domain::text::clean(t, 200))?,
        phone: None,
        roles,
        operator: false,
    };
    let invited = users::invite(app, operator, new).await?;
    say(&invitation(app, &invited));
    Ok(())
}

async fn list(app: &App, operator: &Actor, json: bool) -> Result<(), Error> {
    let zone = organisations::home_zone(app).await?;
    for user in users::list_everyone(app, operator).await? {
        let line = if json {
            serde_json::json!({
                "email": user.email.as_str(),
                "name": user.name,
                "state": user.state.code(),
                "operator": user.operator,
                "created_at": user.created_at,
            })
            .to_string()
        } else {
            let state = match user.state {
                UserState::Invited => "invité",
                UserState::Active => "actif",
                UserState::Disabled => "désactivé",
            };
            let since = format::day_time_year(user.created_at, zone);
            format!("{}\t{}\t{state}\tdepuis le {since}", user.email, user.name)
        };
        say(&line);
    }
    Ok(())
}

async fn account(app: &App, operator: &Actor, typed: &str) -> Result<domain::user::User, Error> {
    let email = parse("email", typed, Email::parse)?;
    users::find_by_email(app, operator, &email).await
}
