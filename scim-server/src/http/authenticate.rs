//! Who asks: found out before everything below `/t/{tenant}`, and only callers get through.

use axum::http::request::Parts;
use scim_core::TenantId;

use super::App;
use crate::Error;
use crate::auth::refusal;
use crate::service::Caller;

/// A tenant that does not exist has no token either: nobody can probe for tenants.
pub(super) async fn caller(app: &App, tenant: &str, request: &Parts) -> Result<Caller, Error> {
    let refused = || refusal(&request.headers);
    let tenant: TenantId = tenant.parse().map_err(|_| refused())?;
    let caller = app.authenticate().caller(&tenant, request).await?;
    // Whoever asks, a URL never leads into another tenant.
    if caller.tenant != tenant {
        return Err(refused());
    }
    Ok(caller)
}
