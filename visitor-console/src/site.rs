//! What all pages share.

use std::sync::Arc;

use axum::Router;
use scim_core::TenantId;
use scim_server::Server;

use crate::page::changes::Live;

/// What all pages share.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) server: Server,
    /// The SCIM API of the same server.
    pub(crate) api: Router,
    /// Who looks at what happens now.
    pub(crate) live: Arc<Live>,
}

impl Site {
    pub(crate) fn new(server: &Server) -> Site {
        Site {
            server: server.clone(),
            api: server.router(),
            live: Arc::default(),
        }
    }

    /// What an identity provider is given as the address of a tenant.
    pub(crate) fn tenant_url(&self, tenant: &TenantId) -> String {
        self.server.base_url(tenant)
    }
}
