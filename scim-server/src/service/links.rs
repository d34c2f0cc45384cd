//! What an answer shows from rows: the members of groups, the groups of users.

use std::collections::HashMap;

use scim_core::ResourceId;

use super::asked::Asked;
use crate::Error;
use crate::resource::Link;
use crate::store::{Links, MemberLink, Stored, Transaction};

type Shown = Vec<(String, Vec<Link>)>;

/// The links of one resource, as far as its answer shows them.
pub(super) async fn of_one(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    stored: &Stored,
) -> Result<Shown, Error> {
    let mut all = of_many(tx, asked, &[stored.id]).await?;
    Ok(all.remove(&stored.id).unwrap_or_default())
}

/// The links of many resources with one statement for each attribute.
pub(super) async fn of_many(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    ids: &[ResourceId],
) -> Result<HashMap<ResourceId, Shown>, Error> {
    let mut shown: HashMap<ResourceId, Shown> = HashMap::new();
    if ids.is_empty() {
        return Ok(shown);
    }
    let resource_type = &asked.served.resource_type;
    if let Some(rows) = resource_type.rows()
        && asked.projection.wants(&rows.attribute)
    {
        let links = tx.members(&rows.attribute, ids).await?;
        gather(&mut shown, asked, &rows.attribute, links, Role::Member);
    }
    if let Some(reverse) = resource_type.reverse()
        && asked.projection.wants(&reverse.attribute)
    {
        let links = tx.owners(&reverse.of_rows, ids).await?;
        gather(&mut shown, asked, &reverse.attribute, links, Role::Group);
    }
    Ok(shown)
}

#[derive(Clone, Copy)]
enum Role {
    Member,
    Group,
}

fn gather(
    shown: &mut HashMap<ResourceId, Shown>,
    asked: &Asked,
    attribute: &str,
    links: Links,
    role: Role,
) {
    let definition = asked.served.resource_type.attribute(attribute);
    let typed = definition.is_some_and(|definition| definition.sub("type").is_some());
    // Another connection may have put the resource into a group of its own.
    let visible = |link: &MemberLink| asked.caller.sees(link.owner);
    for (id, link) in links.into_iter().filter(|(_, link)| visible(link)) {
        let label = match role {
            // RFC 7643 §4.1.2: a membership that is not inherited.
            Role::Group => "direct".to_owned(),
            Role::Member => link.kind.clone(),
        };
        let link = Link {
            label: typed.then_some(label),
            link,
        };
        let attributes = shown.entry(id).or_default();
        match attributes.iter_mut().find(|(name, _)| name == attribute) {
            Some((_, links)) => links.push(link),
            None => attributes.push((attribute.to_owned(), vec![link])),
        }
    }
}
