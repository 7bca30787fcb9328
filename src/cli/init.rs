//! `encommun init`: the coordinator, its communes and its first administrator, in one go.
use std::process::ExitCode;

use clap::Args;
use domain::{
    identity::{Email, InseeCode, Siren},
    permission::Role,
};

use super::{open, parse, refused, say};
use crate::{
    actions::{
        Actor, App, Error,
        organisations::{self, Created, Wanted},
        users::{self, Invited, NewUser},
    },
    exchange::people::link,
    settings::Settings,
};

/// Crée l’intercommunalité, ses communes et son administrateur.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// SIREN de l’intercommunalité ; toutes ses communes sont créées avec elle.
    #[arg(long, value_name = "SIREN", required_unless_present = "commune")]
    epci: Option<String>,
    /// Code INSEE d’une commune à créer seule (elle pourra coordonner un groupement).
    #[arg(long, value_name = "INSEE", conflicts_with = "epci")]
    commune: Option<String>,
    /// Adresse électronique de l’administrateur.
    #[arg(long, value_name = "ADRESSE")]
    admin_email: Option<String>,
    /// Nom de l’administrateur.
    #[arg(long, value_name = "NOM", default_value = "Administrateur")]
    admin_name: String,
}

pub(super) async fn run(settings: Settings, arguments: InitArguments) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    app.store.migrate(app.clock.now()).await?;
    match init(&app, &arguments).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(Error::Internal(cause)) => Err(cause),
        Err(error) => Ok(refused(&error)),
    }
}

async fn init(app: &App, arguments: &InitArguments) -> Result<(), Error> {
    let wanted = match (&arguments.epci, &arguments.commune) {
        (Some(siren), _) => Wanted::Epci(parse("epci", siren, Siren::parse)?),
        (None, Some(insee)) => Wanted::Commune(parse("commune", insee, InseeCode::parse)?),
        (None, None) => return Err(Error::NotFound), // clap asks for one of them
    };
    let email = arguments
        .admin_email
        .as_deref()
        .map(|typed| parse("admin-email", typed, Email::parse))
        .transpose()?;
    let operator = Actor::operator();
    let created = organisations::create_from_reference(app, &operator, &wanted).await?;
    say(&told(&created));
    if let Some(email) = email {
        let new = NewUser {
            email,
            name: arguments.admin_name.clone(),
            phone: None,
            roles: [Role::Administrator, Role::PurchasingOfficer]
                .map(|role| (created.main.id, role))
                .to_vec(),
            operator: true,
        };
        let invited = users::invite(app, &operator, new).await?;
        say(&invitation(app, &invited));
    }
    Ok(())
}

fn told(created: &Created) -> String {
    let name = &created.main.name;
    let communes = match created.members.len() {
        0 => String::new(),
        1 => " et sa commune".to_owned(),
        n => format!(" et ses {n} communes"),
    };
    match created.added {
        0 => format!("{name}{communes}\u{a0}: tout existe déjà, rien n’a été ajouté."),
        1 => format!("{name}{communes}\u{a0}: 1 organisme créé."),
        added => format!(
            "{name}{communes}\u{a0}: {added} organismes créés, populations au 1er janvier {}.",
            created.vintage
        ),
    }
}

/// The link to hand over, or why there is none.
pub(super) fn invitation(app: &App, invited: &Invited) -> String {
    let user = &invited.user;
    match &invited.secret {
        Some(secret) => format!(
            "Lien d’invitation de {} (utilisable {}\u{a0}jours, une seule fois)\u{a0}:\n{}",
            user.email,
            app.settings.login.invitation_hours / 24,
            link(app, secret)
        ),
        None => format!(
            "{} a déjà un compte\u{a0}: ses rôles sont à jour, son mot de passe ne change pas.",
            user.email
        ),
    }
}
