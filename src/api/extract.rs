//! What the API reads from a request: the bearer, the operation key, JSON, paths and queries.
//!
//! Each rejection is a problem document, never a bare text.
use axum::{
    Json,
    body::{Bytes, to_bytes},
    extract::{
        FromRequest, FromRequestParts, Request,
        path::Path,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::field::{Field, FieldProblem};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{body, problem::Problem};
use crate::{
    actions::{Actor, App, Error, organisations, sessions},
    store::OperationKey,
    wording::clocks,
};

/// The longest operation key.
pub(super) const KEY_CHARS_MAX: usize = 100;

/// Who calls, by the bearer token.
#[derive(Clone, Debug)]
pub struct Bearer(pub Actor);

impl FromRequestParts<App> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let secret = bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        let actor = sessions::actor_of_token(app, secret).await?;
        if let Some(organisation) = actor.roles.keys().next() {
            clocks::tell_on(organisations::zone(app, *organisation).await?);
        }
        Ok(Self(actor))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

/// A JSON body of the documented shape, with the caller and the key of the operation.
#[derive(Debug)]
pub struct Write<T> {
    pub actor: Actor,
    pub body: T,
    /// The version that the caller read.
    pub if_match: IfMatch,
}

/// The body of an operation that needs none; an empty object says the same.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What `If-Match` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    Absent,
    /// `*`: whatever the version.
    Any,
    Version(i32),
}

impl IfMatch {
    /// The version that the caller read; `None` if any will do.
    ///
    /// # Errors
    /// 428 when the header is missing, which every PUT and PATCH requires.
    pub fn require(self) -> Result<Option<i32>, Problem> {
        match self {
            Self::Absent => Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "precondition-required",
                "Version non précisée",
                "Renvoyez dans l’en-tête If-Match la valeur d’ETag que vous avez lue.",
            )),
            Self::Any => Ok(None),
            Self::Version(version) => Ok(Some(version)),
        }
    }

    /// The version if the header gives one, for an action that does without.
    #[must_use]
    pub fn version(self) -> Option<i32> {
        match self {
            Self::Absent | Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }
}

/// A JSON body with its version as `ETag`.
#[derive(Clone, Debug)]
pub struct Tagged<T> {
    pub version: i32,
    pub body: T,
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let tag = [(header::ETAG, format!("\"{}\"", self.version))];
        (tag, Json(self.body)).into_response()
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Bearer(actor) = Bearer::from_request_parts(&mut parts, app).await?;
        let max = app.settings.http.body_bytes_max;
        let Ok(bytes) = to_bytes(body, max).await else {
            return Err(too_large(max));
        };
        let operation = operation(&parts.headers, &parts.method, &parts.uri, &bytes)?;
        let if_match = if_match(&parts.headers)?;
        let body = if bytes.is_empty() {
            read_nothing(&parts.method)?
        } else {
            read_json(&parts.headers, &bytes)?
        };
        Ok(Self {
            actor: actor.with_operation(operation),
            body,
            if_match,
        })
    }
}

/// An absent body is an empty object: `POST …/close` needs none. A PUT replaces what stands, so
/// that one without a body would erase it.
fn read_nothing<T: DeserializeOwned>(method: &Method) -> Result<T, Problem> {
    if method == Method::PUT {
        return Err(Problem::malformed("Le corps de la demande manque."));
    }
    serde_json::from_str("{}").map_err(|e| unreadable(&e))
}

fn read_json<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, Problem> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let media = kind.split(';').next().unwrap_or("").trim();
    if !media.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Format non pris en charge",
            "Envoyez le corps de la demande en application/json.",
        ));
    }
    let mut value = serde_json::from_slice(bytes).map_err(|e| unreadable(&e))?;
    body::make_whole(&mut value);
    let fields = body::out_of_range(&value);
    let read = serde_json::from_value(value).map_err(|e| unreadable(&e))?;
    if fields.is_empty() {
        return Ok(read);
    }
    Err(Error::Invalid(fields).into())
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Problem::malformed(format!(
        "Le corps de la demande n’est pas lisible\u{a0}: {error}."
    ))
}

fn too_large(max: usize) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "Demande trop volumineuse",
        format!("Le corps de la demande dépasse {max} octets."),
    )
}

/// The `Idempotency-Key` with the hash of the request it comes with.
pub(super) fn operation(
    headers: &HeaderMap,
    method: &Method,
    uri: &Uri,
    body: &Bytes,
) -> Result<Option<OperationKey>, Problem> {
    keyed(headers, method, uri, &String::from_utf8_lossy(body))
}

/// The same over anything that stands for the body.
pub(super) fn keyed(
    headers: &HeaderMap,
    method: &Method,
    uri: &Uri,
    body: &str,
) -> Result<Option<OperationKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or("");
    let fits = (1..=KEY_CHARS_MAX).contains(&key.len());
    if !fits || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::malformed(
            "L’en-tête Idempotency-Key a de 1 à 100 caractères ASCII, sans espace.",
        ));
    }
    let request = format!("{method} {} {body}", uri.path());
    Ok(Some(OperationKey {
        key: key.to_owned(),
        request_hash: sessions::digest(&request),
    }))
}

/// `If-Match: "3"`; `*` asks for no version in particular.
fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(IfMatch::Absent);
    };
    let text = value.to_str().unwrap_or("").trim();
    if text == "*" {
        return Ok(IfMatch::Any);
    }
    match text.trim_start_matches("W/").trim_matches('"').parse() {
        Ok(version) => Ok(IfMatch::Version(version)),
        Err(_) => {
            let expected = "L’en-tête If-Match attend la valeur d’ETag, par exemple \"3\".";
            Err(Problem::malformed(expected))
        }
    }
}

/// A path parameter; one that is not an identifier names nothing, hence "not found".
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        match read {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Error::NotFound.into()),
        }
    }
}

/// A filter among codes; absent, it filters nothing.
///
/// # Errors
/// A code that is not one of them, named.
pub(super) fn code_of<T>(
    name: &str,
    typed: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(typed) = typed else {
        return Ok(None);
    };
    let refused = || Field::new(name, typed, FieldProblem::not_one_of(typed));
    parse(typed)
        .map(Some)
        .ok_or_else(|| Problem::parameters(&[refused()]))
}

/// Query parameters of the documented shape.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|e| unreadable_query(&e))
    }
}

/// Names the parameter at fault, which the rejection says in English only.
fn unreadable_query(rejection: &QueryRejection) -> Problem {
    let text = rejection.body_text();
    let missing = text.split_once("missing field `");
    if let Some((name, _)) = missing.and_then(|(_, rest)| rest.split_once('`')) {
        let field = Field::new(name, "", FieldProblem::Missing);
        return Problem::parameters(&[field]);
    }
    let mut parts = text.split(": ").skip(1);
    let is_name = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    Problem::malformed(match parts.next().filter(is_name) {
        Some(name) => format!("Le paramètre {name} ne peut pas être lu."),
        None => "Un paramètre de l’adresse ne peut pas être lu.".to_owned(),
    })
}
