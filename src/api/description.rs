//! What the OpenAPI document says of every operation alike: its token, its key, its version,
//! whether it does without a body.
use std::collections::BTreeMap;

use utoipa::{
    Modify,
    openapi::{
        Content, ObjectBuilder, OpenApi, Ref, RefOr, Required, Schema,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{Object, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{extract::KEY_CHARS_MAX, problem};

/// Every operation wants a personal token.
pub(super) struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Says what operations have in common, once they are all there.
pub(super) fn complete(openapi: &mut OpenApi) {
    let components = openapi.components.get_or_insert_default();
    components.responses.extend(problem::descriptions());
    for header in [if_match(), idempotency_key()] {
        let name = header.name.clone();
        components.parameters.insert(name, RefOr::T(header));
    }
    let schemas = components.schemas.clone();
    for path in openapi.paths.paths.values_mut() {
        if let Some(RefOr::T(body)) = path.post.as_mut().and_then(|o| o.request_body.as_mut()) {
            let optional = body.content.values().all(|c| asks_nothing(c, &schemas));
            body.required = Some(if optional {
                Required::False
            } else {
                Required::True
            });
        }
        for operation in writes(path) {
            let parameters = operation.parameters.get_or_insert_default();
            for parameter in parameters.iter_mut() {
                if matches!(parameter, RefOr::T(known) if known.name == "If-Match") {
                    *parameter = shared("If-Match");
                }
            }
            parameters.push(shared("Idempotency-Key"));
        }
    }
}

/// An absent body is an empty object, which does when no field is required.
fn asks_nothing(content: &RefOr<Content>, schemas: &BTreeMap<String, RefOr<Schema>>) -> bool {
    let RefOr::T(content) = content else {
        return false;
    };
    let Some(RefOr::Ref(named)) = &content.schema else {
        return false;
    };
    let name = named.ref_location.rsplit('/').next().unwrap_or("");
    matches!(schemas.get(name), Some(RefOr::T(Schema::Object(object))) if object.required.is_empty())
}

fn writes(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.put, &mut path.post, &mut path.delete]
        .into_iter()
        .flatten()
}

fn shared(header: &str) -> RefOr<Parameter> {
    RefOr::Ref(Ref::new(format!("#/components/parameters/{header}")))
}

fn if_match() -> Parameter {
    let pattern = r#"^(\*|(W/)?"[0-9]{1,9}")$"#;
    let about = "The ETag that was read, or * to write over any version.";
    header("If-Match", about, Required::True, text(pattern))
}

fn idempotency_key() -> Parameter {
    let mut key = text("^[!-~]+$");
    key.min_length = Some(1);
    key.max_length = Some(KEY_CHARS_MAX);
    let about = "The same key again gets the same answer, and is not done twice.";
    header("Idempotency-Key", about, Required::False, key)
}

fn text(pattern: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .build()
}

fn header(name: &str, about: &str, required: Required, schema: Object) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}
