//! The sentence kept for the next page: told once, forgotten when a page has shown it.
use std::sync::{Arc, OnceLock};

use axum::{extract::Request, middleware::Next, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    super::layout::{Flash, FlashKind, Undo},
    internal,
};
use crate::actions::Error;

pub(super) const FLASH: &str = "flash";

/// A sentence kept for the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    warning: bool,
    text: String,
    /// The way back, with its fields, when there is one.
    #[serde(default)]
    undo: Option<(String, Vec<(String, String)>)>,
}

/// Which sentence the page of this request shows, told by its frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown(Arc<OnceLock<Kept>>);

impl Shown {
    /// The frame of a page shows this sentence.
    pub(super) fn show(&self, kept: &Kept) {
        self.0.get_or_init(|| kept.clone());
    }
}

/// Forgets the sentence that a page has just shown; files, fragments and forms show none.
pub async fn forget_shown(
    session: tower_sessions::Session,
    mut request: Request,
    next: Next,
) -> Response {
    let shown = Shown::default();
    request.extensions_mut().insert(shown.clone());
    let response = next.run(request).await;
    if let Some(kept) = shown.0.get()
        && let Err(error) = forget(&session, kept).await
    {
        tracing::error!(
            error = format!("{error:#}"),
            "A shown sentence was not forgotten"
        );
    }
    response
}

/// The form that showed an old sentence may have left a new one for the next page.
async fn forget(
    session: &tower_sessions::Session,
    shown: &Kept,
) -> Result<(), tower_sessions::session::Error> {
    if session.get::<Kept>(FLASH).await?.as_ref() == Some(shown) {
        session.remove::<Kept>(FLASH).await?;
    }
    Ok(())
}

/// Says on the next page what was just done.
///
/// # Errors
/// Whatever the session store says.
pub async fn tell(
    session: &tower_sessions::Session,
    kind: FlashKind,
    text: impl Into<String>,
) -> Result<(), Error> {
    let kept = Kept {
        warning: kind == FlashKind::Warning,
        text: text.into(),
        undo: None,
    };
    session.insert(FLASH, kept).await.map_err(internal)
}

/// Says on the next page what was just done, with « Annuler », a form posted to `action`.
///
/// # Errors
/// Whatever the session store says.
pub async fn tell_undo(
    session: &tower_sessions::Session,
    text: impl Into<String>,
    action: String,
    fields: Vec<(String, String)>,
) -> Result<(), Error> {
    let kept = Kept {
        warning: false,
        text: text.into(),
        undo: Some((action, fields)),
    };
    session.insert(FLASH, kept).await.map_err(internal)
}

/// The sentence as the frame of a page draws it.
pub(super) fn flash(kept: Kept) -> Flash {
    Flash {
        kind: if kept.warning {
            FlashKind::Warning
        } else {
            FlashKind::Done
        },
        text: kept.text,
        undo: kept.undo.map(|(action, fields)| Undo { action, fields }),
    }
}
