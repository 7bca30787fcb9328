//! The signed-in browser: its cookie, its limits, and who is looking.
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{
    identity::{OrganisationId, UserId},
    permission::Right,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::SameSite,
    session::{Id, Record},
    session_store,
};

use super::{
    layout::{Counts, Places, Shell, Switch, Theme, Viewer},
    page::WebError,
};
use crate::{
    actions::{Actor, App, Error, organisations, sessions, todo},
    wording::clocks,
};

mod kept;

use kept::{FLASH, Kept, Shown};
pub use kept::{forget_shown, tell, tell_undo};

const KEY: &str = "browser";
/// A session's last use is written at most this often.
const TOUCH_S: i64 = 60;

/// What the cookie stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Browser {
    user: UserId,
    acting_for: Option<OrganisationId>,
    signed_in_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

/// Sessions in our own table, by the hash of their identifier.
#[derive(Clone, Debug)]
pub struct Sessions(pub App);

impl Sessions {
    /// What our table keeps of a record.
    fn session(&self, record: &Record) -> session_store::Result<sessions::Session> {
        let data = serde_json::to_string(&record.data)
            .map_err(|e| session_store::Error::Encode(e.to_string()))?;
        let browser = record
            .data
            .get(KEY)
            .cloned()
            .map(serde_json::from_value::<Browser>);
        let browser = browser
            .transpose()
            .map_err(|e| session_store::Error::Encode(e.to_string()))?;
        let now = self.0.clock.now();
        let settings = &self.0.settings.sessions;
        Ok(sessions::Session {
            id: record.id.to_string(),
            user: browser.as_ref().map(|b| b.user),
            data,
            created_at: browser.as_ref().map_or(now, |b| b.signed_in_at),
            last_seen_at: now,
            expires_at: now + TimeDelta::minutes(settings.idle_minutes),
        })
    }
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // 128 random bits: two sessions never meet, and the key of the table would refuse it.
        let session = self.session(record)?;
        sessions::create(&self.0, session).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let session = self.session(record)?;
        sessions::save(&self.0, session).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let found = sessions::find(&self.0, &id.to_string())
            .await
            .map_err(backend)?;
        let Some(session) = found else {
            return Ok(None);
        };
        let data = serde_json::from_str(&session.data)
            .map_err(|e| session_store::Error::Decode(e.to_string()))?;
        let idle = time::Duration::minutes(self.0.settings.sessions.idle_minutes);
        // Our table decides what is live; the library only needs a date to come.
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: OffsetDateTime::now_utc() + idle,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        sessions::delete(&self.0, &id.to_string())
            .await
            .map_err(backend)
    }
}

fn backend(error: Error) -> session_store::Error {
    session_store::Error::Backend(format!("{error:#}"))
}

/// The layer of every page: `__Host-` and Secure as soon as people come over TLS.
pub fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    let https = app.settings.is_https();
    let idle = time::Duration::minutes(app.settings.sessions.idle_minutes);
    SessionManagerLayer::new(Sessions(app.clone()))
        .with_name(if https { "__Host-encommun" } else { "encommun" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(idle))
}

/// Someone signed in, and the frame of their pages.
#[derive(Clone, Debug)]
pub struct Person {
    pub actor: Actor,
    viewer: Viewer,
    counts: Counts,
    coordinates: bool,
    zone: Tz,
    path: String,
    flash: Option<Kept>,
    shown: Shown,
}

impl Person {
    /// The organisation acted for.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for someone without any role.
    pub fn organisation(&self) -> Result<OrganisationId, Error> {
        self.actor.acting_for.ok_or(Error::Forbidden)
    }

    /// Whether the organisation acted for runs purchases, and so sees the coordinator's pages.
    #[must_use]
    pub fn coordinates(&self) -> bool {
        self.coordinates
    }

    /// The clocks of the organisation acted for.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// What day it is on these clocks.
    #[must_use]
    pub fn today(&self, app: &App) -> NaiveDate {
        super::format::local(app.clock.now(), self.zone).date()
    }

    /// What the menu calls the rounds: a member goes there for its needs.
    #[must_use]
    pub fn rounds_name(&self) -> &'static str {
        if self.coordinates {
            "Campagnes"
        } else {
            "Mes besoins"
        }
    }

    /// The frame of a page with this title.
    #[must_use]
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        let (viewer, counts) = (self.viewer.clone(), self.counts);
        let shell = match self.actor.acting_for {
            Some(organisation) if !self.coordinates => {
                Shell::for_member(viewer, counts, organisation.0, &self.path)
            }
            Some(_) | None => Shell::for_purchaser(viewer, counts, &self.path),
        };
        if let Some(kept) = &self.flash {
            self.shown.show(kept);
        }
        shell
            .titled(title)
            .flash(self.flash.clone().map(kept::flash))
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let session = session_of(parts, app).await?;
        match person(parts, app, &session).await {
            Ok(Some(person)) => {
                clocks::tell_on(person.zone());
                Ok(person)
            }
            Ok(None) => Err(to_sign_in(parts)),
            Err(error) => Err(WebError(error).into_response()),
        }
    }
}

async fn session_of(parts: &mut Parts, app: &App) -> Result<tower_sessions::Session, Response> {
    tower_sessions::Session::from_request_parts(parts, app)
        .await
        .map_err(|(status, text)| (status, text).into_response())
}

/// A page asks to sign in and comes back; a form answers 401, since it cannot be replayed.
fn to_sign_in(parts: &Parts) -> Response {
    if parts.method != Method::GET {
        return WebError(Error::Unauthenticated).into_response();
    }
    let back = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let encoded: String = form_encode(back);
    Redirect::to(&format!("/connexion?suite={encoded}")).into_response()
}

pub(super) fn form_encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

async fn person(
    parts: &Parts,
    app: &App,
    session: &tower_sessions::Session,
) -> Result<Option<Person>, Error> {
    let Some(mut browser) = session.get::<Browser>(KEY).await.map_err(internal)? else {
        return Ok(None);
    };
    let now = app.clock.now();
    if now - browser.signed_in_at > TimeDelta::hours(app.settings.sessions.absolute_hours) {
        session.flush().await.map_err(internal)?;
        return Ok(None);
    }
    if now - browser.seen_at > TimeDelta::seconds(TOUCH_S) {
        browser.seen_at = now;
        session.insert(KEY, &browser).await.map_err(internal)?;
    }
    let actor = match sessions::actor_of(app, browser.user, browser.acting_for).await {
        Err(Error::Unauthenticated) => {
            session.flush().await.map_err(internal)?;
            return Ok(None);
        }
        other => other?,
    };
    let flash = session.get::<Kept>(FLASH).await.map_err(internal)?;
    let (viewer, coordinates, zone) = viewer(app, &actor, &parts.headers).await?;
    let figures = todo::figures(app, &actor).await?;
    let shown = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let counts = Counts {
        due: shown(figures.due),
        rounds: shown(figures.open_rounds),
    };
    let path = parts.uri.path().to_owned();
    Ok(Some(Person {
        actor,
        viewer,
        counts,
        coordinates,
        zone,
        path,
        flash,
        shown: parts.extensions.get().cloned().unwrap_or_default(),
    }))
}

async fn viewer(
    app: &App,
    actor: &Actor,
    headers: &HeaderMap,
) -> Result<(Viewer, bool, Tz), Error> {
    let organisations = organisations::of_actor(app, actor).await?;
    let current = organisations
        .iter()
        .find(|o| Some(o.id) == actor.acting_for);
    let coordinates = match actor.acting_for {
        Some(id) => organisations::coordinates(app, actor, id).await?,
        None => actor.operator,
    };
    let support = &app.settings.support;
    let contact = [support.name.as_str(), support.phone.as_str()];
    let viewer = Viewer {
        organisation_name: current.map_or_else(|| "Exploitation".to_owned(), |o| o.name.clone()),
        organisation_role: if coordinates {
            "Coordonnateur"
        } else {
            "Membre"
        }
        .to_owned(),
        organisations: organisations
            .iter()
            .map(|o| Switch {
                id: o.id.0,
                name: o.name.clone(),
                current: Some(o.id) == actor.acting_for,
            })
            .collect(),
        user_name: actor.name.clone(),
        places: places(actor),
        demo: app.demo,
        support: contact
            .into_iter()
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
        theme: Theme::of(headers),
    };
    let zone = current.map_or(chrono_tz::Europe::Paris, organisations::zone_of);
    Ok((viewer, coordinates, zone))
}

/// What the actor may open: users are of one organisation, the other lists are of all.
fn places(actor: &Actor) -> Places {
    let any = |right| actor.organisations_with(right).next().is_some();
    Places {
        users: actor
            .acting_for
            .is_some_and(|id| actor.may(Right::ManageUsers, id)),
        statements: any(Right::ReadStatements),
        journal: any(Right::ReadJournal),
    }
}

/// Signs a browser in under a new session identifier.
///
/// # Errors
/// Whatever the session store says.
pub async fn start(
    app: &App,
    session: &tower_sessions::Session,
    user: UserId,
) -> Result<(), Error> {
    let now = app.clock.now();
    session.cycle_id().await.map_err(internal)?;
    let browser = Browser {
        user,
        acting_for: None,
        signed_in_at: now,
        seen_at: now,
    };
    session.insert(KEY, browser).await.map_err(internal)
}

/// Chooses the organisation acted for.
///
/// # Errors
/// [`Error::NotFound`] for an organisation in which the user has no role.
pub async fn act_for(
    session: &tower_sessions::Session,
    actor: &Actor,
    organisation: OrganisationId,
) -> Result<(), Error> {
    actor.require(Right::See, organisation)?;
    let browser = session.get::<Browser>(KEY).await.map_err(internal)?;
    let mut browser = browser.ok_or(Error::Unauthenticated)?;
    browser.acting_for = Some(organisation);
    session.insert(KEY, browser).await.map_err(internal)
}

fn internal(error: tower_sessions::session::Error) -> Error {
    Error::Internal(error.into())
}
