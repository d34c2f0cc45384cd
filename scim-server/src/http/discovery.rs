//! What the server says about itself (RFC 7644 §4), cut to what the caller sees.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use scim_core::schema::discovery::{
    AuthenticationScheme, Cursor, Supported, resource_type_json, schema_json,
    service_provider_config as config,
};
use scim_core::{ListResponse, Registry, ResourceType};
use serde_json::Value;

use super::extract::Name;
use super::query::{COUNT_DEFAULT, COUNT_MAX, Query};
use super::{App, bulk, response};
use crate::Error;
use crate::service::{CURSOR_TIMEOUT, Caller};

/// `GET /ServiceProviderConfig`.
pub(super) async fn service_provider_config(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Query,
) -> Result<Response, Error> {
    refuse_filter(&query)?;
    let supported = Supported {
        patch: true,
        bulk: Some(bulk::LIMITS),
        filter: Some(COUNT_MAX),
        sort: true,
        etag: true,
        cursor: Some(Cursor {
            page_size_default: COUNT_DEFAULT,
            page_size_max: COUNT_MAX,
            timeout_s: CURSOR_TIMEOUT.as_secs().unsigned_abs(),
        }),
        authentication_schemes: match &app.authenticate {
            None => vec![
                AuthenticationScheme::BEARER,
                AuthenticationScheme::OAUTH2,
                AuthenticationScheme::BASIC,
            ],
            Some(_) => vec![AuthenticationScheme::BEARER],
        },
        ..Supported::default()
    };
    let config = config(&supported, &app.base_url(&caller.tenant));
    Ok(response::scim(StatusCode::OK, &config))
}

/// `GET /ResourceTypes`.
pub(super) async fn resource_types(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Query,
) -> Result<Response, Error> {
    refuse_filter(&query)?;
    let base_url = app.base_url(&caller.tenant);
    let all = visible(&app, &caller)
        .map(|resource_type| resource_type_json(resource_type, &base_url))
        .collect();
    Ok(list(all))
}

/// `GET /ResourceTypes/{name}`.
pub(super) async fn resource_type(
    State(app): State<Arc<App>>,
    caller: Caller,
    Name(name): Name,
) -> Result<Response, Error> {
    let base_url = app.base_url(&caller.tenant);
    let found = visible(&app, &caller).find(|resource_type| resource_type.name() == name);
    let found = found.ok_or_else(|| not_found("ResourceType", &name))?;
    let shown = resource_type_json(found, &base_url);
    Ok(response::scim(StatusCode::OK, &shown))
}

/// `GET /Schemas`.
pub(super) async fn schemas(
    State(app): State<Arc<App>>,
    caller: Caller,
    query: Query,
) -> Result<Response, Error> {
    refuse_filter(&query)?;
    let base_url = app.base_url(&caller.tenant);
    let registry = registry(&app, &caller);
    let all = registry
        .schemas()
        .into_iter()
        .map(|schema| schema_json(schema, &base_url))
        .collect();
    Ok(list(all))
}

/// `GET /Schemas/{urn}`.
pub(super) async fn schema(
    State(app): State<Arc<App>>,
    caller: Caller,
    Name(urn): Name,
) -> Result<Response, Error> {
    let base_url = app.base_url(&caller.tenant);
    let registry = registry(&app, &caller);
    let found = registry.schema(&urn);
    let found = found.ok_or_else(|| not_found("Schema", &urn))?;
    Ok(response::scim(
        StatusCode::OK,
        &schema_json(found, &base_url),
    ))
}

/// Nobody changes what the server is.
pub(super) async fn other_method(method: Method) -> Error {
    Error::Method {
        method: method.to_string(),
        allowed: "GET, HEAD".to_owned(),
    }
}

fn visible<'a>(app: &'a App, caller: &Caller) -> impl Iterator<Item = &'a ResourceType> {
    let visible = app.engine.catalog().visible(caller.kind);
    visible.map(|served| &served.resource_type)
}

fn registry(app: &App, caller: &Caller) -> Registry {
    Registry::new(visible(app, caller).cloned().collect())
}

/// These lists are short and always whole.
fn list(all: Vec<Value>) -> Response {
    response::scim(StatusCode::OK, &ListResponse::new(all.len() as u64, all))
}

/// RFC 7644 §4: a client must not think that a filter was applied.
fn refuse_filter(query: &Query) -> Result<(), Error> {
    match query.filter {
        Some(_) => Err(Error::Forbidden(
            "discovery cannot be filtered; read the whole list",
        )),
        None => Ok(()),
    }
}

fn not_found(kind: &str, id: &str) -> Error {
    Error::NotFound {
        kind: kind.to_owned(),
        id: scim_core::error::echo(id),
    }
}
