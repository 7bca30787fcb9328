//! The description of the API: one reviewed picture, and promises that hold for every operation.
use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::Value;

use crate::{promises::sources, support::TestApp};

/// What any operation may answer instead of its result.
const READ: [&str; 6] = ["400", "401", "403", "404", "409", "503"];
/// What one that writes may answer besides.
const WRITE: [&str; 5] = ["412", "413", "415", "422", "428"];

async fn document() -> Value {
    let test = TestApp::new().await;
    let answer = test.browser().get("/api/openapi.json").await.expect(200);
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.json()
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter();
            methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

/// What stands there, or what it refers to.
fn resolved<'a>(document: &'a Value, here: &'a Value) -> &'a Value {
    match here["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => here,
    }
}

#[tokio::test]
async fn the_description_of_the_api_is_the_reviewed_one() {
    let document = document().await;
    let pretty = serde_json::to_string_pretty(&document).unwrap();
    insta::assert_snapshot!("openapi", pretty);
}

#[tokio::test]
async fn every_operation_says_its_problems_and_has_a_name_of_its_own() {
    let document = document().await;
    let mut names = BTreeSet::new();
    for (place, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{place}: {name} is taken");
        assert!(operation["summary"].is_string(), "{place} has no summary");
        let writes = !place.starts_with("get ");
        let wanted = READ.iter().chain(WRITE.iter().filter(|_| writes));
        for status in wanted {
            let said = &operation["responses"][status];
            let said = resolved(&document, said)["content"].clone();
            let schema = &said["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{place} {status}");
        }
        let mut headers = operation["parameters"].as_array().into_iter().flatten();
        let keyed = headers.any(|h| resolved(&document, h)["name"] == "Idempotency-Key");
        assert_eq!(keyed, writes, "{place}: Idempotency-Key");
    }
}

/// A filter misspelt would otherwise answer everything.
#[tokio::test]
async fn every_operation_refuses_a_parameter_that_it_does_not_know() {
    let test = TestApp::new().await;
    test.trio().await;
    let officer = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let document = document().await;
    let id = "0190f5d6-0000-7000-8000-000000000001";
    for (place, _) in operations(&document) {
        let (method, path) = place.split_once(' ').unwrap();
        let parts = path
            .split('/')
            .map(|p| if p.starts_with('{') { id } else { p });
        let address = format!("{}?inconnu=1", parts.collect::<Vec<_>>().join("/"));
        let method: Method = method.to_uppercase().parse().unwrap();
        let nobody = test.browser();
        let answer = nobody.send(method.clone(), &address, &[], "".into()).await;
        assert_eq!(answer.status.as_u16(), 401, "{place}");
        let answer = officer.send(method, &address, &[], "".into()).await;
        if [403, 404].contains(&answer.status.as_u16()) {
            // Rights first: what one may not write has no parameters either.
            assert!(!place.starts_with("get "), "{place}");
            continue;
        }
        let problem = answer.expect(400).json();
        assert_eq!(problem["type"], "/problems/malformed", "{place}");
        assert_eq!(problem["errors"][0]["field"], "inconnu", "{place}");
        assert_eq!(problem["errors"][0]["code"], "field.unknown", "{place}");
        let said = problem["detail"].as_str().unwrap();
        let told = "inconnu\u{a0}: Ce paramètre n’existe pas ici.";
        assert!(said.starts_with(told), "{place}: {said}");
    }
}

#[tokio::test]
async fn a_misspelt_parameter_is_told_those_that_exist() {
    let test = TestApp::new().await;
    test.trio().await;
    let officer = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let problem = officer.get("/api/v1/organisations?limite=2&q=a&Q=b").await;
    let problem = problem.expect(400).json();
    let errors = problem["errors"].as_array().unwrap().iter();
    let names: Vec<_> = errors
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["limite", "Q"]);
    let said = problem["errors"][0]["detail"].as_str().unwrap();
    assert!(
        said.ends_with("Paramètres possibles\u{a0}: cursor, limit, q."),
        "{said}"
    );
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_named_in_french() {
    let test = TestApp::new().await;
    test.trio().await;
    let officer = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    for (query, told) in [
        (
            "organisations?limit=dix",
            "Le paramètre limit ne peut pas être lu.",
        ),
        (
            "statements?round=42",
            "Le paramètre round ne peut pas être lu.",
        ),
        (
            "journal?limit=1&limit=2",
            "Un paramètre de l’adresse ne peut pas être lu.",
        ),
        (
            "attachments?subject_kind=round",
            "subject_id\u{a0}: Renseignez ce champ.",
        ),
        ("organisations?limit=0", "Le paramètre limit va de 1 à 100."),
    ] {
        let problem = officer.get(&format!("/api/v1/{query}")).await.expect(400);
        assert_eq!(problem.json()["detail"], told, "{query}");
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document = document().await;
    let mut waiting = vec![&document];
    while let Some(value) = waiting.pop() {
        if let Some(place) = value["$ref"].as_str() {
            assert!(
                document.pointer(place.trim_start_matches('#')).is_some(),
                "{place}"
            );
        }
        waiting.extend(value.as_array().into_iter().flatten());
        waiting.extend(value.as_object().into_iter().flat_map(|o| o.values()));
    }
}

/// A list without a cursor grows with the town; this one ends with the invoice.
#[tokio::test]
async fn every_list_has_pages_but_those_that_are_bounded() {
    let document = document().await;
    for (place, operation) in operations(&document) {
        let content = &operation["responses"]["200"]["content"]["application/json"];
        let listed = content["schema"]["type"] == "array";
        let name = &operation["operationId"];
        let bounded = name == "explain_shares" || name == "explain_statement";
        assert_eq!(listed, bounded, "{place}");
        let mut parameters = operation["parameters"].as_array().into_iter().flatten();
        if parameters.any(|p| resolved(&document, p)["name"] == "cursor") {
            let name = content["schema"]["$ref"].as_str().unwrap_or("");
            assert!(name.contains("/Page"), "{place} answers {name}");
        }
    }
}

/// Two shapes of one name would overwrite each other in the description, without a word.
#[test]
fn every_shape_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let faces = sources("src/api").into_iter();
    for (file, text) in faces.chain(sources("src/exchange")) {
        for part in text.split("ToSchema)]").skip(1) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let kind = words.iter().position(|w| matches!(*w, "struct" | "enum"));
            let name = words[kind.unwrap() + 1].split(['<', ';']).next().unwrap();
            assert!(names.insert(name.to_owned()), "{file}: {name} is taken");
        }
    }
    assert!(names.len() > 100, "{} shapes found", names.len());
}
