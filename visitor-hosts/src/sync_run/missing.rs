//! People of earlier files who are not in this one: who they are, and that they are not active any more.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use scim_core::text::fold;
use scim_core::{ResourceId, ResourceType, TenantId};
use scim_server::Error;
use scim_server::store::{
    ListPart, ListQuery, Lock, Place, Reads, Seek, Start, Stored, Transaction, Unit, Way,
};
use serde_json::Value;

use super::connection;
use super::people::{user_name, writer};
use super::report::Item;
use super::work::Doing;
use crate::csv::person;

const AT_ONCE: usize = 500;

/// Has the type of people.
pub(super) trait Users: Send + Sync + 'static {
    fn users(&self) -> &ResourceType;
}

/// The Users of the connection who are active and not among those present.
pub(super) struct Absent<U> {
    pub(super) tenant: TenantId,
    pub(super) users: Arc<U>,
    /// userNames, folded.
    pub(super) present: HashSet<String>,
}

#[async_trait]
impl<U: Users> Unit for Absent<U> {
    type Output = Vec<ResourceId>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<ResourceId>, Error> {
        let Some(caller) = connection::existing(tx, &self.tenant).await? else {
            return Ok(Vec::new());
        };
        let part = ListPart {
            resource_type: self.users.users(),
            filter: None,
            sort: None,
        };
        let mut absent = Vec::new();
        let mut place: Option<Place> = None;
        loop {
            let start = match &place {
                None => Start::Offset(0),
                Some(place) => Start::At(Seek {
                    place,
                    way: Way::Forward,
                    total: 0,
                }),
            };
            let query = ListQuery {
                parts: &[part],
                owner: Some(caller.connection),
                start,
                count: AT_ONCE,
            };
            let page = tx.list(&query).await?;
            for stored in &page.resources {
                let name = user_name(tx, stored)?;
                if is_active(stored)? && !self.present.contains(&fold(&name)) {
                    absent.push(stored.id);
                }
            }
            let next = match page.resources.last() {
                Some(last) if page.more => Some(query.place(last)?),
                _ => None,
            };
            match next {
                Some(next) => place = Some(next),
                None => return Ok(absent),
            }
        }
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

fn is_active(stored: &Stored) -> Result<bool, Error> {
    Ok(stored.parse()?.get("active") != Some(&Value::Bool(false)))
}

/// Deactivates people; the guard of the change set looks at it as at any directory's doing.
pub(super) async fn deactivate(
    tx: &mut Transaction<'_>,
    doing: &mut Doing<'_>,
    ids: &[ResourceId],
) -> Result<(), Error> {
    let owner = doing.caller.as_ref().map(|caller| caller.connection);
    let writer = writer(doing, "User")?;
    for stored in tx.get_many(ids, Lock::ForUpdate).await? {
        if stored.owner != owner || !is_active(&stored)? {
            continue;
        }
        let mut user = stored.parse()?.into_map();
        doing.found.deactivated += 1;
        doing.found.items.push(Item {
            action: "deactivate",
            person: person::cell("userName", &user),
            attribute: Some("active"),
            before: person::cell("active", &user),
            after: "false".to_owned(),
            ..Item::default()
        });
        if let Some(writer) = &writer {
            person::declare_schemas(&mut user);
            person::set("active", "false", &mut user);
            writer.replace(tx, stored.id, Value::Object(user)).await?;
        }
    }
    Ok(())
}
