//! Who plays: the intercommunalité, its communes, and the people who act for them.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    identity::{Email, OrganisationId, Siren},
    organisation::Organisation,
    permission::Role,
    text,
};

use crate::{
    actions::{
        Actor, App, Error,
        organisations::{self, Wanted},
        sessions,
        users::{self, NewUser},
    },
    store::ActorRef,
};

/// Who coordinated the two sweepers in life; another EPCI's largest commune takes the part.
pub(super) const SWEEPER_BUYER: &str = "Marcq-en-Barœul";

/// A commune on the stage.
#[derive(Clone, Debug)]
pub(super) struct Commune {
    pub organisation: Organisation,
    pub inhabitants: i64,
}

/// Everybody.
pub(super) struct Cast {
    pub epci: Organisation,
    /// By population, the largest first; ties by SIREN.
    pub communes: Vec<Commune>,
    /// The purchasing officer of the intercommunalité.
    pub officer: Actor,
    /// When the story ends: the real present.
    pub end: DateTime<Utc>,
    clerks: BTreeMap<OrganisationId, Actor>,
}

impl Cast {
    /// Creates the organisations and the accounts.
    pub(super) async fn gather(app: &App, epci: &Siren, end: DateTime<Utc>) -> Result<Self, Error> {
        let operator = Actor::operator();
        let wanted = Wanted::Epci(epci.clone());
        let created = organisations::create_from_reference(app, &operator, &wanted).await?;
        let mut communes = with_populations(app, created.members).await?;
        communes.sort_by(|a, b| {
            let key = |c: &Commune| (-c.inhabitants, c.organisation.siren.clone());
            key(a).cmp(&key(b))
        });
        let main = created.main.id;
        let roles = [Role::PurchasingOfficer, Role::Administrator].map(|role| (main, role));
        let officer = person(app, "achats", "Service achats", &roles, true).await?;
        let comptable = [(main, Role::Accountant)];
        person(app, "comptable", "Service comptable", &comptable, true).await?;
        let mut cast = Self {
            epci: created.main,
            communes,
            officer,
            end,
            clerks: BTreeMap::new(),
        };
        let buyer = cast.named(SWEEPER_BUYER, 0)?.organisation.id;
        let last = cast.communes.last().map(|c| c.organisation.id);
        let neighbour = cast.named("La Madeleine", 1)?.organisation.id;
        let shared = cast
            .communes
            .get(cast.communes.len() / 2)
            .map(|c| c.organisation.id);
        for commune in &cast.communes {
            let id = commune.organisation.id;
            let opens = id == buyer || id == neighbour || Some(id) == last || Some(id) == shared;
            let clerk = clerk(app, commune, id == buyer, opens).await?;
            cast.clerks.insert(commune.organisation.id, clerk);
        }
        Ok(cast)
    }

    /// The clerk of a commune.
    pub(super) fn clerk(&self, commune: &Commune) -> Result<&Actor, Error> {
        self.clerks
            .get(&commune.organisation.id)
            .ok_or(Error::NotFound)
    }

    /// A commune by name, else the one at this rank by population.
    pub(super) fn named(&self, name: &str, rank: usize) -> Result<&Commune, Error> {
        let found = self.communes.iter().find(|c| c.organisation.name == name);
        found
            .or_else(|| self.communes.get(rank))
            .ok_or(Error::NotFound)
    }
}

async fn with_populations(app: &App, members: Vec<Organisation>) -> Result<Vec<Commune>, Error> {
    let mut communes = Vec::with_capacity(members.len());
    for organisation in members {
        let details = organisations::show(app, &Actor::operator(), organisation.id).await?;
        let municipale = details
            .populations
            .iter()
            .find(|p| p.series == "municipale");
        let inhabitants = municipale.map_or(0, |p| p.inhabitants);
        communes.push(Commune {
            organisation,
            inhabitants,
        });
    }
    Ok(communes)
}

/// A mairie's shared mailbox, as most have; one of them also buys for others.
async fn clerk(app: &App, commune: &Commune, buys: bool, opens: bool) -> Result<Actor, Error> {
    let name = &commune.organisation.name;
    let id = commune.organisation.id;
    let slug: String = text::search_text(name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let insee = commune.organisation.insee.as_ref().map(ToString::to_string);
    let local = format!("mairie.{slug}.{}", insee.unwrap_or_default().to_lowercase());
    let roles = [Role::DeclaringAgent, Role::PurchasingOfficer].map(|role| (id, role));
    let count = if buys { 2 } else { 1 };
    let roles: Vec<_> = roles.into_iter().take(count).collect();
    person(app, &local, &mairie(name), &roles, opens).await
}

/// « Mairie d’Annœullin », « Mairie du Maisnil », « Mairie de Lille ».
fn mairie(commune: &str) -> String {
    if let Some(rest) = commune.strip_prefix("Le ") {
        return format!("Mairie du {rest}");
    }
    if let Some(rest) = commune.strip_prefix("Les ") {
        return format!("Mairie des {rest}");
    }
    // A first h may be aspirate: it takes « de », which is right for most of the North.
    let vowel = text::search_text(commune).starts_with(['a', 'e', 'i', 'o', 'u', 'y']);
    if vowel {
        format!("Mairie d’{commune}")
    } else {
        format!("Mairie de {commune}")
    }
}

async fn person(
    app: &App,
    local: &str,
    name: &str,
    roles: &[(OrganisationId, Role)],
    opens: bool,
) -> Result<Actor, Error> {
    let email = Email::parse(&format!("{local}@demo.example"))
        .map_err(|e| Error::Internal(anyhow::Error::new(e).context(local.to_owned())))?;
    let new = NewUser {
        email,
        name: name.to_owned(),
        phone: None,
        roles: roles.to_vec(),
        operator: false,
    };
    let invited = users::invite(app, &Actor::operator(), new).await?;
    if let (true, Some(secret)) = (opens, &invited.secret) {
        // Nobody needs to type it: personas enter with one click.
        sessions::choose_password(app, secret, &app.clock.new_secret()).await?;
    }
    let mut by_organisation: BTreeMap<OrganisationId, BTreeSet<Role>> = BTreeMap::new();
    for (organisation, role) in roles {
        by_organisation
            .entry(*organisation)
            .or_default()
            .insert(*role);
    }
    Ok(Actor {
        who: ActorRef::User(invited.user.id),
        name: name.to_owned(),
        roles: by_organisation,
        acting_for: roles.first().map(|(organisation, _)| *organisation),
        operator: false,
        ..Actor::operator()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mairie_is_named_as_people_say_it() {
        for (commune, said) in [
            ("Annœullin", "Mairie d’Annœullin"),
            ("Émerchicourt", "Mairie d’Émerchicourt"),
            ("Le Maisnil", "Mairie du Maisnil"),
            ("Les Rues-des-Vignes", "Mairie des Rues-des-Vignes"),
            ("La Madeleine", "Mairie de La Madeleine"),
            ("Hem", "Mairie de Hem"),
        ] {
            assert_eq!(mairie(commune), said);
        }
    }
}
