//! Style sheets, scripts and icons, embedded and named by their content.
//!
//! A URL carries the hash of the bytes it serves, so a browser keeps them for a year and still
//! sees a new version at once. An address of another version (a page drawn before an upgrade)
//! gets today's bytes, not to be kept.
use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::text::hex;
use sha2::{Digest, Sha256};

struct Asset {
    media_type: &'static str,
    bytes: &'static [u8],
    hash: String,
    url: String,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    BTreeMap::from([
        embed("tokens.css", CSS, include_bytes!("../../assets/tokens.css")),
        embed(
            "encommun.css",
            CSS,
            include_bytes!("../../assets/encommun.css"),
        ),
        embed(
            "encommun.js",
            SCRIPT,
            include_bytes!("../../assets/encommun.js"),
        ),
        embed(
            "invoice.js",
            SCRIPT,
            include_bytes!("../../assets/invoice.js"),
        ),
        embed(
            "htmx.min.js",
            SCRIPT,
            include_bytes!("../../assets/vendor/htmx.min.js"),
        ),
        embed("icons.svg", SVG, include_bytes!("../../assets/icons.svg")),
        embed(
            "favicon.svg",
            SVG,
            include_bytes!("../../assets/favicon.svg"),
        ),
    ])
});

/// Serves every asset under `/assets/{hash}/{name}`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{hash}/{name}", get(serve))
}

/// The address of an asset, for templates: `asset_url("encommun.css")`.
///
/// An unknown name gives an address that answers 404; a test reads the templates for them.
pub fn asset_url(name: &str) -> &'static str {
    ASSETS
        .get(name)
        .map_or("/assets/absent/absent", |asset| asset.url.as_str())
}

async fn serve(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(name.as_str()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", asset.hash);
    let keep = if hash == asset.hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|seen| *seen == etag);
    let caching = [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, keep.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (
        [(header::CONTENT_TYPE, asset.media_type)],
        caching,
        asset.bytes,
    )
        .into_response()
}

fn embed(
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
) -> (&'static str, Asset) {
    let digest = Sha256::digest(bytes);
    let hash: String = hex(digest).chars().take(16).collect();
    let url = format!("/assets/{hash}/{name}");
    (
        name,
        Asset {
            media_type,
            bytes,
            hash,
            url,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_that_a_template_names_is_embedded() {
        let mut named = 0;
        for file in walk(std::path::Path::new("templates")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for found in text.split("asset_url(\"").skip(1) {
                let name = found.split('"').next().unwrap();
                assert!(ASSETS.contains_key(name), "{} names {name}", file.display());
                named += 1;
            }
        }
        assert!(named > 4, "the templates name assets");
    }

    #[test]
    fn every_icon_that_a_template_names_is_in_the_sprite() {
        let sprite = include_str!("../../assets/icons.svg");
        for file in walk(std::path::Path::new("templates")) {
            let text = std::fs::read_to_string(&file).unwrap();
            for found in text.split("::icon(\"").skip(1) {
                let name = found.split('"').next().unwrap();
                assert!(
                    sprite.contains(&format!("id=\"{name}\"")),
                    "{} names {name}",
                    file.display()
                );
            }
        }
    }

    #[test]
    fn no_template_holds_a_style_or_a_script_that_the_policy_would_block() {
        for file in walk(std::path::Path::new("templates")) {
            let inside_mail = file.components().any(|part| part.as_os_str() == "mail");
            if inside_mail || file.extension().is_none_or(|ext| ext != "html") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            for blocked in [
                " style=",
                "<style",
                " onclick=",
                " onchange=",
                "javascript:",
            ] {
                assert!(
                    !text.contains(blocked),
                    "{} holds {blocked}",
                    file.display()
                );
            }
        }
    }

    fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(walk(&path));
            } else {
                files.push(path);
            }
        }
        files
    }
}
