//! Which connections were noted to be at work lately, as this process knows it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use scim_core::TenantId;
use scim_server::store::ConnectionId;

use super::guard::LOOKED_EVERY;

/// Connections that are remembered; more than that are asked for again.
const MOST: usize = 10_000;

/// When a process last saw a committed set of a connection. Whoever is not in here asks the database.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<(TenantId, ConnectionId), Timestamp>>);

impl Noted {
    /// Was a set seen within the last ten seconds?
    pub(super) fn is_lately(&self, tenant: &TenantId, id: ConnectionId, now: Timestamp) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.get(&(tenant.clone(), id));
        last.is_some_and(|last| {
            let ago = now.duration_since(*last);
            !ago.is_negative() && ago < LOOKED_EVERY
        })
    }

    /// Remembers when it was.
    pub(super) fn remember(&self, tenant: &TenantId, id: ConnectionId, at: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MOST {
            noted.clear();
        }
        noted.insert((tenant.clone(), id), at);
    }
}
