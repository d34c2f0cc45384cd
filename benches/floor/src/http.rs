//! The requests that are answered, with the least work that gives a right answer.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::bail;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::patch::Replace;
use crate::store::{Document, Failure, Key, Kind, Store, Write};

pub(crate) const TOKEN: &str = "floor";

/// `/Users` and `/Groups`, for whoever has the token.
pub(crate) async fn router(store: Store) -> anyhow::Result<Router> {
    let Ok(total) = store.total().await else {
        bail!("cannot count the users: is this a database of the floor?");
    };
    let floor = Arc::new(Floor {
        store,
        total: AtomicI64::new(total),
    });
    Ok(Router::new()
        .route("/{kind}", get(list).post(create))
        .route("/{kind}/{id}", get(read).patch(patch).delete(delete))
        .layer(DefaultBodyLimit::max(16 << 20))
        .layer(from_fn(known))
        .with_state(floor))
}

struct Floor {
    store: Store,
    /// Users, counted along.
    total: AtomicI64,
}

type Answer = Result<Response, Failure>;

async fn known(request: Request, next: Next) -> Response {
    let credential = request.headers().get(header::AUTHORIZATION);
    let credential = credential.and_then(|it| it.as_bytes().strip_prefix(b"Bearer "));
    if credential != Some(TOKEN.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

#[derive(Deserialize)]
struct Asked {
    filter: Option<String>,
    #[serde(rename = "startIndex")]
    start_index: Option<i64>,
    count: Option<i64>,
}

/// A filter is three words, of which the last is looked up.
async fn list(
    State(floor): State<Arc<Floor>>,
    Path(kind): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let (documents, total) = match asked.filter {
        Some(filter) => {
            let value = filter.splitn(3, ' ').nth(2).unwrap_or_default();
            let value = value.trim_matches('"').to_lowercase();
            let found = floor.store.one(kind_of(&kind)?, Key::Name, &value).await?;
            let total = i64::from(found.is_some());
            (Vec::from_iter(found), total)
        }
        None => {
            let before = asked.start_index.unwrap_or(1).max(1) - 1;
            let documents = floor.store.page(before, asked.count.unwrap_or(100)).await?;
            (documents, floor.total.load(Ordering::Relaxed))
        }
    };
    // Copied once, as pages are large.
    let length: usize = documents.iter().map(|it| it.len() + 1).sum();
    let mut text = String::with_capacity(length + 128);
    text.push_str(r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"#);
    text.push_str(&format!(r#""totalResults":{total},"Resources":["#));
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(document);
    }
    text.push_str("]}");
    Ok(json(StatusCode::OK, text))
}

#[derive(Deserialize)]
struct NamedUser<'a> {
    #[serde(rename = "userName", borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct NamedGroup<'a> {
    #[serde(rename = "displayName", borrow)]
    name: Cow<'a, str>,
}

/// Stores the body as it is, with an id.
async fn create(State(floor): State<Arc<Floor>>, Path(kind): Path<String>, body: Bytes) -> Answer {
    let kind = kind_of(&kind)?;
    let body = std::str::from_utf8(&body).map_err(|_| Failure::Missing)?;
    let name = match kind {
        Kind::Users => serde_json::from_str::<NamedUser<'_>>(body).map(|it| it.name),
        Kind::Groups => serde_json::from_str::<NamedGroup<'_>>(body).map(|it| it.name),
    };
    let name = name.map_err(|error| Failure::Broken(error.to_string()))?;
    let id = uuid::Uuid::new_v4().to_string();
    let text = format!(
        r#"{{"id":"{id}",{}"#,
        body.strip_prefix('{').unwrap_or(body)
    );
    let document = Document {
        name: name.to_lowercase(),
        id,
        text: text.clone(),
    };
    floor.store.write(Write::Create(kind, document)).await?;
    if kind == Kind::Users {
        floor.total.fetch_add(1, Ordering::Relaxed);
    }
    Ok(json(StatusCode::CREATED, text))
}

/// A group is shown with its members, which are rows.
async fn read(State(floor): State<Arc<Floor>>, Path((kind, id)): Path<(String, String)>) -> Answer {
    let kind = kind_of(&kind)?;
    let text = floor.store.one(kind, Key::Id, &id).await?;
    let mut text = text.ok_or(Failure::Missing)?;
    if kind == Kind::Groups {
        let members = floor.store.members(&id).await?;
        let members: Vec<_> = members
            .iter()
            .map(|it| format!(r#"{{"value":"{it}"}}"#))
            .collect();
        text.pop();
        text.push_str(&format!(r#","members":[{}]}}"#, members.join(",")));
    }
    Ok(json(StatusCode::OK, text))
}

#[derive(Deserialize)]
struct PatchRequest<Operation> {
    #[serde(rename = "Operations")]
    operations: Vec<Operation>,
}

/// Of members: those of a value, or the one that the path names.
#[derive(Deserialize)]
struct OfMembers {
    path: String,
    #[serde(default)]
    value: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    value: String,
}

async fn patch(
    State(floor): State<Arc<Floor>>,
    Path((kind, id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let unreadable = |error: serde_json::Error| Failure::Broken(error.to_string());
    if kind_of(&kind)? == Kind::Users {
        let request: PatchRequest<Replace> = serde_json::from_slice(&body).map_err(unreadable)?;
        let write = Write::Patch(id, request.operations);
        let text = floor.store.write(write).await?;
        return Ok(json(StatusCode::OK, text.unwrap_or_default()));
    }
    let request: PatchRequest<OfMembers> = serde_json::from_slice(&body).map_err(unreadable)?;
    for operation in request.operations {
        let write = match operation.path.split('"').nth(1) {
            Some(user) => Write::RemoveMember(id.clone(), user.to_owned()),
            None => {
                let users = operation.value.into_iter().map(|it| it.value);
                Write::AddMembers(id.clone(), users.collect())
            }
        };
        floor.store.write(write).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn delete(
    State(floor): State<Arc<Floor>>,
    Path((kind, id)): Path<(String, String)>,
) -> Answer {
    let kind = kind_of(&kind)?;
    floor.store.write(Write::Delete(kind, id)).await?;
    if kind == Kind::Users {
        floor.total.fetch_sub(1, Ordering::Relaxed);
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn kind_of(endpoint: &str) -> Result<Kind, Failure> {
    match endpoint {
        "Users" => Ok(Kind::Users),
        "Groups" => Ok(Kind::Groups),
        _ => Err(Failure::Missing),
    }
}

fn json(status: StatusCode, text: String) -> Response {
    let of = [(header::CONTENT_TYPE, "application/scim+json")];
    (status, of, text).into_response()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Missing => StatusCode::NOT_FOUND.into_response(),
            Self::Taken => StatusCode::CONFLICT.into_response(),
            Self::Broken(why) => (StatusCode::INTERNAL_SERVER_ERROR, why).into_response(),
        }
    }
}
