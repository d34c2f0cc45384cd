//! What surrounds the handlers, outermost first: the log, the media type of the answer, its
//! deadline; and below a tenant the credential, the rate, and what a person reaches.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::call::{Call, READING, Target, allow, collection};
use super::query::Query;
use super::route::{Below, Route};
use super::{
    App, authenticate, bulk, discovery, health, limits, oauth, person, resources, response, search,
    trace,
};
use crate::Error;
use crate::service::{Caller, Origin};

/// An answer, and who got it, if that is known.
pub(super) struct Answered {
    pub(super) response: Response,
    pub(super) caller: Option<Caller>,
}

impl<R: IntoResponse> From<R> for Answered {
    fn from(response: R) -> Answered {
        Answered {
            response: response.into_response(),
            caller: None,
        }
    }
}

/// A request as it arrived.
#[derive(Clone)]
struct Arrival {
    id: Arc<str>,
    began: Instant,
}

/// The answer to any request.
pub(super) async fn answer(app: &Arc<App>, request: Request) -> Response {
    let began = Instant::now();
    let (mut parts, body) = request.into_parts();
    let id = trace::id(app, &parts);
    parts.extensions.insert(Arrival {
        id: id.clone(),
        began,
    });
    let route = Route::of(parts.uri.path());
    let answered = pin!(async {
        let (body, by) = limits::deadlines(app, body);
        let routed = pin!(routed(app, &parts, &route, body));
        let mut answered = match tokio::time::timeout_at(by, routed).await {
            Ok(answered) => answered,
            Err(_) => Error::AnswerTooLate.into(),
        };
        response::negotiate(&parts.headers, &mut answered.response);
        answered
    });
    let mut response = trace::trace((id, began), &parts, &route, answered).await;
    response::vary(&mut response);
    match parts.method {
        Method::HEAD => response::head(response),
        _ => response,
    }
}

async fn routed(app: &Arc<App>, parts: &Parts, route: &Route<'_>, body: Body) -> Answered {
    match route {
        Route::Alive => health::alive(&parts.method).into(),
        Route::Ready => health::ready(app, &parts.method).await.into(),
        Route::Metrics => health::metrics(app, &parts.method).into(),
        Route::OauthMetadata(tenant) => oauth::metadata(app, &parts.method, tenant).into(),
        Route::Tenant(tenant, below) => {
            let answer = pin!(tenant_path(app, parts, (tenant, below), body));
            limits::login_failures(app, parts, answer).await
        }
        Route::Nowhere => Error::NoSuchPath.into(),
    }
}

/// Everything below `/t/{tenant}`: only the token endpoint checks credentials itself.
async fn tenant_path(
    app: &Arc<App>,
    parts: &Parts,
    (tenant, below): (&str, &Below<'_>),
    body: Body,
) -> Answered {
    if *below == Below::OauthToken && app.authenticate.is_none() {
        return Box::pin(oauth::token(app, tenant, parts, body)).await;
    }
    let mut caller = match authenticate::caller(app, tenant, parts).await {
        Ok(caller) => caller,
        Err(error) => return error.into(),
    };
    if ![Method::GET, Method::HEAD].contains(&parts.method) {
        caller.origin = origin(parts).map(Arc::new);
    }
    let response = {
        let answer = pin!(async {
            // Rights are read from the database, which a tenant that asks too often does not reach.
            let caller = &app.engine.with_rights(caller.clone()).await?;
            person::only_their_own(caller, below)?;
            let call = Call { app, parts, caller };
            handled(&call, below, body).await
        });
        limits::tenant_rate(app, &caller, answer).await
    };
    Answered {
        response,
        caller: Some(caller),
    }
}

/// What the change feed keeps of a request to write besides what it asks for.
fn origin(parts: &Parts) -> Option<Origin> {
    let arrival = parts.extensions.get::<Arrival>()?;
    let path = parts.uri.path();
    let below = path.split_once("/scim/v2").map_or(path, |(_, below)| below);
    let user_agent = parts.headers.get(USER_AGENT);
    Some(Origin {
        path: below.to_owned(),
        correlation_id: arrival.id.to_string(),
        user_agent: user_agent
            .and_then(|name| name.to_str().ok())
            .map(str::to_owned),
        began: arrival.began,
    })
}

async fn handled(call: &Call<'_>, below: &Below<'_>, body: Body) -> Result<Response, Error> {
    let method = &call.parts.method;
    if below.is_discovery() {
        // Nobody changes what the server is.
        allow(method, READING)?;
    }
    match below {
        Below::Collection(endpoint) => {
            let target = Target::collection(call, endpoint)?;
            match *method {
                Method::POST => Box::pin(resources::create(call, &target, body)).await,
                _ => Box::pin(resources::list(call, &target)).await,
            }
        }
        Below::Resource(endpoint, id) => {
            let target = Target::resource(call, endpoint, id)?;
            resource(call, &target, body).await
        }
        Below::Action(endpoint, id, verb) => {
            let target = Target::action(call, endpoint, id)?;
            Box::pin(resources::action(call, &target, verb, body)).await
        }
        Below::Me => {
            let me = resource(call, &Target::me(call)?, body).await;
            me.map_err(|error| match error {
                Error::NotFound { .. } => Error::NoUser,
                error => error,
            })
        }
        Below::Root => {
            allow(method, READING)?;
            let query = Query::of(call.parts)?;
            Box::pin(search::all_types(call, &query)).await
        }
        Below::SearchAll => {
            allow(method, "POST")?;
            let query = search::sent(call, body).await?;
            Box::pin(search::all_types(call, &query)).await
        }
        Below::Search(endpoint) => {
            let served = collection(call, endpoint)?;
            allow(method, "POST")?;
            call.caller.permit(&served, "read")?;
            let query = search::sent(call, body).await?;
            Box::pin(search::one_type(call, served, &query)).await
        }
        Below::Bulk => {
            allow(method, "POST")?;
            Box::pin(bulk::bulk(call, body)).await
        }
        Below::ServiceProviderConfig => discovery::service_provider_config(call),
        Below::ResourceTypes => discovery::resource_types(call),
        Below::ResourceType(name) => discovery::resource_type(call, name),
        Below::Schemas => discovery::schemas(call),
        Below::Schema(urn) => discovery::schema(call, urn),
        Below::OauthToken | Below::Nowhere => Err(Error::NoSuchPath),
    }
}

/// Reading is what happens most, so only the other futures are apart from this one.
async fn resource(call: &Call<'_>, target: &Target, body: Body) -> Result<Response, Error> {
    match call.parts.method {
        Method::PUT => Box::pin(resources::replace(call, target, body)).await,
        Method::PATCH => Box::pin(resources::patch(call, target, body)).await,
        Method::DELETE => Box::pin(resources::delete(call, target)).await,
        _ => resources::get(call, target).await,
    }
}
