//! What the server says about itself (RFC 7644 §4), cut to what the caller sees.

use axum::http::StatusCode;
use axum::response::Response;
use scim_core::schema::discovery::{
    AuthenticationScheme, Cursor, Supported, resource_type_json, schema_json,
    service_provider_config as config,
};
use scim_core::{ListResponse, Registry, ResourceType};
use serde_json::Value;

use super::call::Call;
use super::query::{COUNT_DEFAULT, COUNT_MAX, Query};
use super::{bulk, response};
use crate::Error;
use crate::service::CURSOR_TIMEOUT;

/// `GET /ServiceProviderConfig`.
pub(super) fn service_provider_config(call: &Call<'_>) -> Result<Response, Error> {
    refuse_filter(call)?;
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
        authentication_schemes: match &call.app.authenticate {
            None => vec![
                AuthenticationScheme::BEARER,
                AuthenticationScheme::OAUTH2,
                AuthenticationScheme::BASIC,
            ],
            Some(_) => vec![AuthenticationScheme::BEARER],
        },
        ..Supported::default()
    };
    let config = config(&supported, &call.base_url());
    Ok(response::scim(StatusCode::OK, &config))
}

/// `GET /ResourceTypes`.
pub(super) fn resource_types(call: &Call<'_>) -> Result<Response, Error> {
    refuse_filter(call)?;
    let base_url = call.base_url();
    let all = visible(call).map(|resource_type| resource_type_json(resource_type, &base_url));
    Ok(list(all.collect()))
}

/// `GET /ResourceTypes/{name}`.
pub(super) fn resource_type(call: &Call<'_>, name: &str) -> Result<Response, Error> {
    let found = visible(call).find(|resource_type| resource_type.name() == name);
    let found = found.ok_or_else(|| not_found("ResourceType", name))?;
    let shown = resource_type_json(found, &call.base_url());
    Ok(response::scim(StatusCode::OK, &shown))
}

/// `GET /Schemas`.
pub(super) fn schemas(call: &Call<'_>) -> Result<Response, Error> {
    refuse_filter(call)?;
    let base_url = call.base_url();
    let registry = registry(call);
    let all = registry.schemas().into_iter();
    let all = all.map(|schema| schema_json(schema, &base_url));
    Ok(list(all.collect()))
}

/// `GET /Schemas/{urn}`.
pub(super) fn schema(call: &Call<'_>, urn: &str) -> Result<Response, Error> {
    let registry = registry(call);
    let found = registry.schema(urn);
    let found = found.ok_or_else(|| not_found("Schema", urn))?;
    let shown = schema_json(found, &call.base_url());
    Ok(response::scim(StatusCode::OK, &shown))
}

fn visible<'r>(call: &Call<'r>) -> impl Iterator<Item = &'r ResourceType> {
    call.reachable().map(|served| &served.resource_type)
}

fn registry(call: &Call<'_>) -> Registry {
    Registry::new(visible(call).cloned().collect())
}

/// These lists are short and always whole.
fn list(all: Vec<Value>) -> Response {
    response::scim(StatusCode::OK, &ListResponse::new(all.len() as u64, all))
}

/// RFC 7644 §4: a client must not think that a filter was applied.
fn refuse_filter(call: &Call<'_>) -> Result<(), Error> {
    match Query::of(call.parts)?.filter {
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
