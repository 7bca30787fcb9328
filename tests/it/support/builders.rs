//! Bodies and people for tests, made through the same actions as in life where one exists.
use domain::{
    identity::{Email, InseeCode, OrganisationId, Siren},
    organisation::{Organisation, OrganisationKind},
    permission::Role,
};
use encommun::{
    actions::{Actor, sessions, users},
    store::{Begun, Line, Scope, organisations},
};

use super::{Client, TestApp};

/// The password of everybody in tests.
pub const PASSWORD: &str = "quatre mots bien secrets";

impl TestApp {
    /// Adds a commune; the SIREN is a real one of the Métropole Européenne de Lille.
    pub async fn commune(&self, name: &str, insee: &str, siren: &str) -> OrganisationId {
        self.organisation(OrganisationKind::Commune, name, Some(insee), siren)
            .await
    }

    /// Adds an intercommunalité.
    pub async fn epci(&self, name: &str, siren: &str) -> OrganisationId {
        self.organisation(OrganisationKind::Epci, name, None, siren)
            .await
    }

    async fn organisation(
        &self,
        kind: OrganisationKind,
        name: &str,
        insee: Option<&str>,
        siren: &str,
    ) -> OrganisationId {
        let id = OrganisationId(self.app.clock.new_id());
        let insee = insee.map(|code| InseeCode::parse(code).unwrap());
        let organisation = Organisation {
            id,
            kind,
            name: name.to_owned(),
            siren: Some(Siren::parse(siren).unwrap()),
            department: insee.as_ref().map(|i| i.department().to_owned()),
            insee,
            epci_siren: None,
            time_zone: "Europe/Paris".to_owned(),
            email: None,
            phone: None,
            address: None,
            good_friday: false,
            local_law: false,
            active: true,
            created_at: self.app.clock.now(),
            version: 0,
        };
        let begun = self
            .app
            .begin(&Actor::operator(), "organisation.create")
            .await
            .unwrap();
        let Begun::Fresh(tx) = begun else {
            panic!("no operation key was given")
        };
        organisations::insert(&tx, &[organisation]).await.unwrap();
        let line = Line::about(Scope::Organisation(id), "organisation", id.0);
        tx.commit(line).await.unwrap();
        id
    }

    /// Invites someone and chooses the usual password for them.
    pub async fn user(&self, email: &str, roles: &[(OrganisationId, Role)]) -> Actor {
        let new = users::NewUser {
            email: Email::parse(email).unwrap(),
            name: email.split('@').next().unwrap().replace('.', " "),
            phone: None,
            roles: roles.to_vec(),
            operator: false,
        };
        let issued = users::invite(&self.app, &Actor::operator(), new)
            .await
            .unwrap();
        let id = sessions::choose_password(&self.app, &issued.secret.unwrap(), PASSWORD)
            .await
            .unwrap();
        sessions::actor_of(&self.app, id, None).await.unwrap()
    }

    /// Someone who was made before, as they are now.
    pub async fn actor(&self, email: &str) -> Actor {
        let view = self.app.store.view().await.unwrap();
        let email = Email::parse(email).unwrap();
        let user = encommun::store::users::find_by_email(&view, &email)
            .await
            .unwrap()
            .unwrap();
        drop(view);
        sessions::actor_of(&self.app, user.id, None).await.unwrap()
    }

    /// A browser signed in by address and the usual password.
    pub async fn signed_in(&self, email: &str) -> Client {
        let browser = self.browser();
        let fields = [("email", email), ("password", PASSWORD), ("suite", "/")];
        browser.post("/connexion", &fields).await.expect(303);
        browser
    }
}
