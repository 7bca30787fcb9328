//! A form with a file: its fields, and the bytes, within the limit of the settings.
use axum::{
    extract::{FromRequest, Multipart, Request},
    response::{IntoResponse, Response},
};

use super::{form::Fields, page::WebError};
use crate::actions::{App, Error};

/// What a form with a file sends.
#[derive(Debug)]
pub struct Upload {
    pub fields: Fields,
    /// The first file; nothing when none was chosen.
    pub file: Option<File>,
}

/// A file as it came.
#[derive(Debug)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl FromRequest<App> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let path = request.uri().path().to_owned();
        let mut request = request;
        let max = app.settings.limits.upload_bytes_max;
        // The extractor has a limit of its own, smaller than ours.
        axum::extract::DefaultBodyLimit::max(max).apply(&mut request);
        match read(request, app, path).await {
            Ok(upload) => Ok(upload),
            Err(error) => Err(WebError(error).into_response()),
        }
    }
}

async fn read(request: Request, app: &App, path: String) -> Result<Upload, Error> {
    // A form cut short, or a file beyond the limit: nothing in it can be pointed at.
    let unreadable = |_cause| Error::Invalid(Vec::new());
    let parts = Multipart::from_request(request, app).await.ok();
    let mut parts = parts.ok_or(Error::Invalid(Vec::new()))?;
    let (mut typed, mut file) = (Vec::new(), None);
    while let Some(part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file_name) => {
                let bytes = part.bytes().await.map_err(unreadable)?.to_vec();
                if file.is_none() && !bytes.is_empty() {
                    file = Some(File {
                        name: file_name,
                        bytes,
                    });
                }
            }
            None => typed.push((name, part.text().await.map_err(unreadable)?)),
        }
    }
    Ok(Upload {
        fields: Fields::of(path, typed),
        file,
    })
}
