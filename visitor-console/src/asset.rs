//! Styles and scripts: part of the program, under addresses that change when they do.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// Where they are found.
const PREFIX: &str = "/console/assets";
/// Characters of a hash in an address.
const HASH: usize = 16;

struct Asset {
    name: String,
    media_type: &'static str,
    text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| asset("console", "css", CSS, include_str!("assets/console.css")));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| asset("console", "js", JS, include_str!("assets/console.js")));
/// htmx 2.0.11, as its authors publish it; its licence stands beside it.
static HTMX: LazyLock<Asset> =
    LazyLock::new(|| asset("htmx", "js", JS, include_str!("assets/htmx.min.js")));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| asset("icon", "svg", SVG, include_str!("assets/icon.svg")));

fn asset(stem: &str, ending: &str, media_type: &'static str, text: &'static str) -> Asset {
    let mut hash = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(HASH / 2) {
        // Writing to a string does not fail.
        let _ = write!(hash, "{byte:02x}");
    }
    Asset {
        name: format!("{stem}.{hash}.{ending}"),
        media_type,
        text,
    }
}

pub(crate) fn style() -> String {
    format!("{PREFIX}/{}", STYLE.name)
}

pub(crate) fn script() -> String {
    format!("{PREFIX}/{}", SCRIPT.name)
}

pub(crate) fn htmx() -> String {
    format!("{PREFIX}/{}", HTMX.name)
}

pub(crate) fn icon() -> String {
    format!("{PREFIX}/{}", ICON.name)
}

/// What serves them, to everybody: they say nothing of anybody.
pub(crate) fn routes() -> Router {
    Router::new().route("/console/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let all: [&Asset; 4] = [&STYLE, &SCRIPT, &HTMX, &ICON];
    match all.into_iter().find(|asset| asset.name == name) {
        Some(asset) => {
            let headers = [
                (CONTENT_TYPE, asset.media_type),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
