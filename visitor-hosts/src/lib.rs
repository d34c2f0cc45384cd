//! Visitor management's people. What identity providers push as Users and Groups appears as
//! Hosts and HostGroups, derived in the same unit of work:
//!
//! - a **User** is what a connection said, exactly; only that connection writes it;
//! - a **Host** is what the product acts on. Its directory attributes are read-only for
//!   everybody, its own attributes (desk, delegates, notices …) are for applications to write;
//!   it outlives its User.
//!
//! Who comes while they are here already meets a **`ProvisioningConflict`**, unless their connection links
//! or refuses such people.
//!
//! A **Location** has the names by which offices are known; a Host whose office none of them fits waits
//! among the **`UnknownOffices`**.
//!
//! A **`SyncRun`** brings people and groups from a file; they belong to a connection of their own.
//! [`doctor`] tells beforehand how an identity provider would fare, [`compatibility`] afterwards how one does.
//!
//! [`served`] and [`hooks`] are what the server library needs to know.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod change_set;
pub mod command;
pub mod compatibility;
pub mod connection;
mod csv;
mod derived;
pub mod doctor;
mod export;
pub mod host;
pub mod host_group;
pub mod location;
pub mod log;
mod mirror;
pub mod oauth_client;
pub mod ownership;
mod reference;
pub mod role;
pub mod schemas;
mod source;
pub mod sync_run;
pub mod tenant;
mod verb;

use std::sync::Arc;

use scim_core::SchemaError;
use scim_server::service::{Hook, Served};

/// The resource types of the product, in the order that discovery lists them.
pub fn served() -> Result<Vec<Served>, SchemaError> {
    let mut served = vec![
        schemas::user()?,
        schemas::group()?,
        schemas::host()?,
        schemas::host_group()?,
        schemas::location()?,
        schemas::unknown_office()?,
        schemas::change_set()?,
        schemas::sync_run()?,
        schemas::api_token()?,
        schemas::oauth_client()?,
        schemas::tenant_settings()?,
        schemas::provisioning_event()?,
        schemas::audit_event()?,
        schemas::provisioning_day()?,
        schemas::role_assignment()?,
        schemas::conflict()?,
    ];
    served.extend(visitor_console::served()?);
    Ok(served)
}

/// The behaviour of the product, in the order that it runs.
pub fn hooks() -> Result<Vec<Arc<dyn Hook>>, SchemaError> {
    let mut hooks: Vec<Arc<dyn Hook>> = vec![
        Arc::new(host::HostHook::new()?),
        Arc::new(host_group::HostGroupHook::new()?),
        Arc::new(location::LocationHook::new()?),
        Arc::new(change_set::ChangeSetHook::new()?),
        Arc::new(sync_run::SyncRunHook::new()?),
        Arc::new(ownership::ConflictHook::new()?),
        Arc::new(connection::ApiTokenHook),
        Arc::new(oauth_client::OAuthClientHook),
        Arc::new(tenant::TenantHook::new()?),
        Arc::new(log::LogHook::new()?),
        Arc::new(role::RoleHook),
    ];
    hooks.extend(visitor_console::hooks()?);
    Ok(hooks)
}
