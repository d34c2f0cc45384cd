//! What an orchestrator asks: does the process live, may it get requests, what has it counted?

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{App, error};
use crate::Error;

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database answers too, and nobody has asked the process to stop.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    if !app.readiness.is_on() {
        return error::not_ready("stopping");
    }
    match app.engine.store().ready().await {
        Ok(()) => "ready".into_response(),
        Err(_) => error::not_ready("the database does not answer"),
    }
}

/// `GET /metrics`, in the format of Prometheus.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    match &app.metrics {
        Some(show) => show().into_response(),
        None => Error::NoSuchPath.into_response(),
    }
}
