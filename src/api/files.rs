//! Tables that leave by HTTP: the kind that is asked for, and how the answer is described.
use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::{
    IntoParams, IntoResponses,
    openapi::{
        ContentBuilder, RefOr,
        response::{Response, ResponseBuilder},
    },
};

use crate::exchange::download::Format;

/// The kind of the file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InFormat {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Format,
}

/// What an operation that gives a table answers: `responses(TableFile, ReadProblems)`.
#[derive(Clone, Copy, Debug)]
pub struct TableFile;

impl IntoResponses for TableFile {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let kinds = Format::ALL.into_iter();
        let described = kinds.fold(ResponseBuilder::new(), |response, format| {
            // A file has no schema: OpenAPI 3.1 leaves its bytes to the media type.
            response.content(format.media_type(), ContentBuilder::new().build())
        });
        let described = described
            .description("The table, as a file to save.")
            .build();
        [("200".to_owned(), described.into())].into()
    }
}
