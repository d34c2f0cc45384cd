//! What an orchestrator asks: does the process live, may it get requests, what has it counted?

use axum::http::Method;
use axum::response::{IntoResponse, Response};

use super::call::{READING, allow};
use super::{App, error};
use crate::Error;

/// `GET /healthz`: the process answers.
pub(super) fn alive(method: &Method) -> Result<&'static str, Error> {
    allow(method, READING).map(|()| "ok")
}

/// `GET /readyz`: the database answers too, and nobody has asked the process to stop.
pub(super) async fn ready(app: &App, method: &Method) -> Result<Response, Error> {
    allow(method, READING)?;
    if !app.readiness.is_on() {
        return Ok(error::not_ready("stopping"));
    }
    Ok(match app.engine.store().ready().await {
        Ok(()) => "ready".into_response(),
        Err(_) => error::not_ready("the database does not answer"),
    })
}

/// `GET /metrics`, in the format of Prometheus.
pub(super) fn metrics(app: &App, method: &Method) -> Result<String, Error> {
    let show = app.metrics.as_ref().ok_or(Error::NoSuchPath)?;
    allow(method, READING).map(|()| show())
}
