//! Who asks: found out before everything below `/t/{tenant}`, and only callers get through.

use axum::http::request::Parts;
use scim_core::TenantId;

use super::App;
use crate::Error;
use crate::auth::refusal;
use crate::service::Caller;

/// A tenant that does not exist has no token either: nobody can probe for tenants.
///
/// A [`Caller`] among the extensions of a request is who asks. Nothing that a network delivers becomes an
/// extension, so whoever put it there runs in this process and has found out who it is.
pub(super) async fn caller(app: &App, tenant: &str, request: &Parts) -> Result<Caller, Error> {
    let refused = || refusal(&request.headers);
    let tenant: TenantId = tenant.parse().map_err(|_| refused())?;
    let caller = match request.extensions.get::<Caller>() {
        Some(known) => known.clone(),
        None => app.authenticate().caller(&tenant, request).await?,
    };
    // Whoever asks, a URL never leads into another tenant.
    if caller.tenant != tenant {
        return Err(refused());
    }
    Ok(caller)
}
