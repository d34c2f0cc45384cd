//! What an answer shows from rows: the members of groups, the groups of users.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use scim_core::{ResourceId, TypedFilter};

use super::asked::Asked;
use crate::Error;
use crate::resource::Link;
use crate::store::{Links, Lock, MemberLink, Stored, Transaction};

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

/// The links of one resource from rows that were read with it: its members, or its groups.
pub(super) fn of_rows(asked: &Asked, members: bool, rows: Vec<MemberLink>) -> Shown {
    let resource_type = &asked.served.resource_type;
    let (attribute, role) = if members {
        (resource_type.rows().map(|it| &it.attribute), Role::Member)
    } else {
        (resource_type.reverse().map(|it| &it.attribute), Role::Group)
    };
    let Some(attribute) = attribute.filter(|_| !rows.is_empty()) else {
        return Vec::new();
    };
    let shown = rows.into_iter();
    let shown: Vec<Link> = shown
        .filter_map(|link| self::shown(asked, attribute, link, role))
        .collect();
    if shown.is_empty() {
        return Vec::new();
    }
    vec![(attribute.clone(), shown)]
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

/// Members and groups that one filter may look for: each is a list of its own.
const LINKS_MAX: usize = 10;

/// The filter with the ids of the resources that it looks for by their members or groups.
pub(super) async fn looked_up<'f>(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    filter: &'f TypedFilter,
) -> Result<Cow<'f, TypedFilter>, Error> {
    let links = filter.links();
    if links.is_empty() {
        return Ok(Cow::Borrowed(filter));
    }
    let links: BTreeSet<(&str, &str)> = links.into_iter().collect();
    if links.len() > LINKS_MAX {
        let reason = format!("a filter asks for {LINKS_MAX} members or groups at most");
        return Err(scim_core::Error::invalid_filter(reason).into());
    }
    let mut found: HashMap<(&str, &str), Vec<String>> = HashMap::new();
    for (attribute, id) in links {
        let ids = match id.parse() {
            Ok(id) => linked(tx, asked, attribute, id).await?,
            Err(_) => Vec::new(),
        };
        found.insert((attribute, id), ids);
    }
    Ok(Cow::Owned(filter.with_links(&|attribute, id| {
        found.get(&(attribute, id)).cloned().unwrap_or_default()
    })))
}

/// The resources that show this one in `attribute`; none to a caller who does not see it.
async fn linked(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    attribute: &str,
    id: ResourceId,
) -> Result<Vec<String>, Error> {
    let named = tx.get_many(&[id], Lock::None).await?;
    if !named.iter().any(|stored| asked.caller.sees(stored.owner)) {
        return Ok(Vec::new());
    }
    let resource_type = &asked.served.resource_type;
    Ok(match (resource_type.rows(), resource_type.reverse()) {
        (Some(rows), _) if rows.attribute == attribute => {
            let owners = tx.owners(attribute, &[id]).await?;
            owners.iter().map(|(_, link)| link.id.to_string()).collect()
        }
        (_, Some(reverse)) => {
            let members = tx.member_ids(id, &reverse.of_rows).await?;
            members.iter().map(ResourceId::to_string).collect()
        }
        _ => Vec::new(),
    })
}

/// A member as the answer shows it; `None` where the caller does not see it.
pub(super) fn member(asked: &Asked, attribute: &str, link: MemberLink) -> Option<Link> {
    shown(asked, attribute, link, Role::Member)
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
    for (id, link) in links {
        let Some(link) = self::shown(asked, attribute, link, role) else {
            continue;
        };
        let attributes = shown.entry(id).or_default();
        match attributes.iter_mut().find(|(name, _)| name == attribute) {
            Some((_, links)) => links.push(link),
            None => attributes.push((attribute.to_owned(), vec![link])),
        }
    }
}

fn shown(asked: &Asked, attribute: &str, link: MemberLink, role: Role) -> Option<Link> {
    // Another connection may have put the resource into a group of its own.
    if !asked.caller.sees(link.owner) {
        return None;
    }
    let definition = asked.served.resource_type.attribute(attribute);
    let typed = definition.is_some_and(|definition| definition.sub("type").is_some());
    let label = typed.then(|| match role {
        // RFC 7643 §4.1.2: a membership that is not inherited.
        Role::Group => "direct".to_owned(),
        Role::Member => link.kind.clone(),
    });
    Some(Link { link, label })
}
