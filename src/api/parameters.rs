//! The parameters of each operation: one that the document does not name is refused.
//!
//! A filter that is ignored answers more than was asked, and nobody sees it. What is known is
//! read from the OpenAPI document, so that the two cannot part.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use axum::{
    extract::{FromRequestParts, MatchedPath, Query, Request, State},
    http::{Method, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::field::{Field, FieldProblem};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{Operation, ParameterIn, PathItem},
};

use super::{extract::Bearer, problem::Problem};
use crate::actions::App;

/// The names that each operation reads in a query, by method and path.
pub(super) type Known = Arc<BTreeMap<String, BTreeSet<String>>>;

/// Reads them in the document.
pub(super) fn known(document: &OpenApi) -> Known {
    let mut known = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in operations(item) {
            if let Some(operation) = operation {
                known.insert(key(&method, path), names(operation));
            }
        }
    }
    Arc::new(known)
}

fn operations(item: &PathItem) -> [(Method, Option<&Operation>); 5] {
    [
        (Method::GET, item.get.as_ref()),
        (Method::POST, item.post.as_ref()),
        (Method::PUT, item.put.as_ref()),
        (Method::PATCH, item.patch.as_ref()),
        (Method::DELETE, item.delete.as_ref()),
    ]
}

fn names(operation: &Operation) -> BTreeSet<String> {
    let parameters = operation.parameters.iter().flatten();
    parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(own) if own.parameter_in == ParameterIn::Query => Some(own.name.clone()),
            RefOr::T(_) | RefOr::Ref(_) => None,
        })
        .collect()
}

/// HEAD is GET without the body.
fn key(method: &Method, path: &str) -> String {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    format!("{method} {path}")
}

/// Refuses an address that carries a parameter unknown to its operation.
pub(super) async fn known_only(
    State((app, known)): State<(App, Known)>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let operation = path.and_then(|path| known.get(&key(request.method(), path.as_str())));
    let unknown = operation.map_or_else(Vec::new, |names| unknown(request.uri(), names));
    if unknown.is_empty() {
        return next.run(request).await;
    }
    // Nobody learns anything without a token, not even the names that an address reads.
    let (mut parts, _) = request.into_parts();
    match Bearer::from_request_parts(&mut parts, &app).await {
        Ok(_) => Problem::parameters(&unknown).into_response(),
        Err(problem) => problem.into_response(),
    }
}

fn unknown(uri: &Uri, names: &BTreeSet<String>) -> Vec<Field> {
    // What cannot even be taken apart is for the operation itself to refuse.
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
        return Vec::new();
    };
    let strange = pairs.into_iter().filter(|(name, _)| !names.contains(name));
    strange
        .take(SHOWN_MAX)
        .map(|(name, typed)| {
            let known = names.iter().cloned().collect();
            let name: String = name.chars().take(NAME_CHARS_MAX).collect();
            Field::new(name, &typed, FieldProblem::Unknown { known })
        })
        .collect()
}

/// How many unknown parameters are named in one answer.
const SHOWN_MAX: usize = 20;
/// How much of the name of one is said back.
const NAME_CHARS_MAX: usize = 100;
