//! The order of refusals: who may not is told so, whatever the body that came.
//!
//! A body is read before the action that looks at the right. When it cannot be, the right is
//! looked at here, so that 400, 413, 415, 422 and 428 are only said to those who may write.
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::permission::Right;

use super::{extract::Bearer, problem::Problem};
use crate::actions::{
    App,
    targets::{self, Target},
};

/// Answers a refused body by the refused right, if there is one.
pub(super) async fn rights_first(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(target) = target_of(&request) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if !is_unread(response.status()) {
        return response;
    }
    match check(&app, &mut asked, target).await {
        Ok(()) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn check(app: &App, asked: &mut Parts, target: Target) -> Result<(), Problem> {
    let Bearer(actor) = Bearer::from_request_parts(asked, app).await?;
    Ok(targets::check(app, &actor, target).await?)
}

fn is_unread(status: StatusCode) -> bool {
    [
        StatusCode::BAD_REQUEST,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY,
        StatusCode::PRECONDITION_REQUIRED,
    ]
    .contains(&status)
}

/// What the address of a write names; `None` for reading, and for what is anybody's to write.
fn target_of(request: &Request) -> Option<Target> {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return None;
    }
    let path = request.uri().path().strip_prefix("/api/v1/")?;
    let mut parts = path.split('/');
    let (noun, first, under) = (parts.next()?, parts.next(), parts.next().unwrap_or(""));
    match first {
        Some(id) => named(noun, id, under, parts.next()),
        None => new(noun),
    }
}

/// Something new: its owner is in the body.
fn new(noun: &str) -> Option<Target> {
    Some(match noun {
        "attachments" => Target::NewAttachment,
        "audits" => Target::Installation,
        "contracts" | "procedures" | "suppliers" => Target::New(Right::RunProcedures),
        "groupings" => Target::New(Right::RunGroupings),
        "invoices" => Target::New(Right::RunAllocations),
        "organisations" => Target::NewOrganisation,
        "rounds" => Target::New(Right::RunRounds),
        _ => return None,
    })
}

/// `rounds/{id}/declarations/{member}`: an object, and what of it is changed.
fn named(noun: &str, id: &str, under: &str, second: Option<&str>) -> Option<Target> {
    match (noun, id) {
        ("organisations", "from-reference") => return Some(Target::NewOrganisation),
        ("people", "import") => return Some(Target::New(Right::ManageUsers)),
        (_, _) => {}
    }
    Some(match (noun, under) {
        ("agreements", _) => Target::Agreement(id.parse().ok()?),
        ("attachments", _) => Target::Attachment(id.parse().ok()?),
        ("contracts", _) => Target::Contract(id.parse().ok()?),
        ("corrections", _) => Target::Correction(id.parse().ok()?),
        ("groupings", "keys" | "rules" | "rule-choices") => Target::GroupingKeys(id.parse().ok()?),
        ("groupings", _) => Target::Grouping(id.parse().ok()?),
        ("invoices", _) => Target::Invoice(id.parse().ok()?),
        ("items", _) => Target::Item(id.parse().ok()?),
        ("keys", _) => Target::Key(id.parse().ok()?),
        ("lots", _) => Target::Lot(id.parse().ok()?),
        ("memberships", "ask-to-leave") => Target::Leaving(id.parse().ok()?),
        ("memberships", _) => Target::Membership(id.parse().ok()?),
        ("organisations", "users") => Target::OrganisationUsers(id.parse().ok()?),
        ("organisations", _) => Target::Organisation(id.parse().ok()?),
        ("procedures", _) => Target::Procedure(id.parse().ok()?),
        ("recovery-orders", _) => Target::RecoveryOrder(id.parse().ok()?),
        ("rules", _) => Target::Rule(id.parse().ok()?),
        ("rounds", "declarations") => Target::Declaration(id.parse().ok()?, second?.parse().ok()?),
        ("rounds", "needs") => Target::Needs(id.parse().ok()?),
        ("rounds", _) => Target::Round(id.parse().ok()?),
        ("suppliers", _) => Target::Supplier(id.parse().ok()?),
        ("users", _) => Target::User(id.parse().ok()?),
        _ => return None,
    })
}
