//! Which members a write adds and removes, and who may be one.

use scim_core::{MemberChanges, ResourceId};

use super::MemberDelta;
use super::asked::Asked;
use crate::Error;
use crate::store::{MemberCandidate, Transaction};

/// Those of `ids` that are no members yet, all of them fit to be.
pub(super) async fn new_ones(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    owner: ResourceId,
    ids: &[ResourceId],
) -> Result<Vec<ResourceId>, Error> {
    let Some(rows) = asked.served.resource_type.rows() else {
        return Ok(Vec::new());
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let candidates = tx.member_candidates(owner, &rows.attribute, ids).await?;
    let mut added = Vec::with_capacity(ids.len());
    for id in ids {
        match find(&candidates, *id) {
            Some(candidate) if fits(asked, owner, candidate) => {
                if !candidate.is_member {
                    added.push(*id);
                }
            }
            _ => return Err(unknown(asked, *id)),
        }
    }
    Ok(added)
}

/// What a PATCH does to the rows, once the database has been asked.
pub(super) async fn delta(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    owner: ResourceId,
    changes: &MemberChanges,
) -> Result<MemberDelta, Error> {
    let Some(rows) = asked.served.resource_type.rows() else {
        return Ok(MemberDelta::default());
    };
    if changes.is_empty() {
        return Ok(MemberDelta::default());
    }
    if changes.cleared {
        let wanted: Vec<ResourceId> = changes.added.iter().copied().collect();
        return replacement(tx, asked, owner, &wanted).await;
    }
    let named: Vec<ResourceId> = changes.added.union(&changes.removed).copied().collect();
    let candidates = tx.member_candidates(owner, &rows.attribute, &named).await?;
    let mut delta = MemberDelta::default();
    for id in &changes.added {
        match find(&candidates, *id) {
            Some(candidate) if fits(asked, owner, candidate) => {
                if !candidate.is_member {
                    delta.added.push(*id);
                }
            }
            _ => return Err(unknown(asked, *id)),
        }
    }
    let members = candidates.iter().filter(|candidate| candidate.is_member);
    delta.removed = members
        .map(|candidate| candidate.id)
        .filter(|id| changes.removed.contains(id))
        .collect();
    Ok(delta)
}

/// From the members there are to those that are wanted.
pub(super) async fn replacement(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    owner: ResourceId,
    wanted: &[ResourceId],
) -> Result<MemberDelta, Error> {
    let Some(rows) = asked.served.resource_type.rows() else {
        return Ok(MemberDelta::default());
    };
    let mut removed = tx.member_ids(owner, &rows.attribute).await?;
    let kept: std::collections::HashSet<&ResourceId> = wanted.iter().collect();
    removed.retain(|id| !kept.contains(id));
    let added = new_ones(tx, asked, owner, wanted).await?;
    Ok(MemberDelta { added, removed })
}

pub(super) fn write(
    tx: &mut Transaction<'_>,
    asked: &Asked,
    owner: ResourceId,
    delta: &MemberDelta,
) {
    if delta.is_empty() {
        return;
    }
    if let Some(rows) = asked.served.resource_type.rows() {
        tx.remove_members(owner, &rows.attribute, delta.removed.iter().copied());
        tx.add_members(owner, &rows.attribute, delta.added.iter().copied());
    }
}

fn find(candidates: &[MemberCandidate], id: ResourceId) -> Option<&MemberCandidate> {
    let place = candidates.binary_search_by_key(&id, |candidate| candidate.id);
    place.ok().and_then(|place| candidates.get(place))
}

/// Of a type that the group takes, visible to the caller, and not the group itself.
fn fits(asked: &Asked, owner: ResourceId, candidate: &MemberCandidate) -> bool {
    let rows = asked.served.resource_type.rows();
    let type_fits = rows.is_some_and(|rows| rows.member_types.contains(&candidate.kind));
    let visible = asked.caller.sees(candidate.owner);
    type_fits && visible && candidate.id != owner
}

fn unknown(asked: &Asked, id: ResourceId) -> Error {
    let rows = asked.served.resource_type.rows();
    let types = rows.map_or_else(String::new, |rows| rows.member_types.join(" or "));
    let attribute = rows.map_or("members", |rows| rows.attribute.as_str());
    scim_core::Error::invalid_value(attribute, format!("no {types} has the id {id}")).into()
}
