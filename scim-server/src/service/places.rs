//! What somebody reaches who was given something for some places alone.

use std::collections::BTreeSet;

use scim_core::{Filter, ResourceId, TypedFilter, filter};

use super::asked::Asked;
use super::{Grants, Scopes};
use crate::Error;
use crate::store::{Stored, answer};

/// The places for which something was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Their ids.
    pub locations: Vec<ResourceId>,
    /// What was given for all others too.
    pub elsewhere: Scopes,
}

/// How a resource type has a place, as a hook [says](super::Hook::place).
///
/// ```
/// use scim_server::service::Place;
///
/// // Desks stand somewhere, and rules hold somewhere or everywhere.
/// let (desk, rule) = (Place::At("site.value"), Place::AtOrEverywhere("site.value"));
/// # let _ = (desk, rule);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is one itself.
    Itself,
    /// It is where this attribute says; without one, nowhere.
    At(&'static str),
    /// It is where this attribute says; without one, everywhere.
    AtOrEverywhere(&'static str),
    /// It is nowhere: for those alone who were given something for all places.
    Nowhere,
}

impl Grants {
    /// The places in which this may be done; `None`: in all of them.
    pub fn places_for(&self, area: &str, action: &str) -> Option<&[ResourceId]> {
        let places = self.locations.as_ref()?;
        let is_bound = !places.elsewhere.allow(area, action);
        is_bound.then_some(places.locations.as_slice())
    }
}

impl Asked {
    /// What a resource must be for the caller to do this with it; `None` where every one will do.
    pub(super) fn bounds(&self, action: &str) -> Result<Option<TypedFilter>, Error> {
        if self.caller.grants.locations.is_none() {
            return Ok(None);
        }
        let resource_type = &self.served.resource_type;
        let area = Scopes::area(resource_type.endpoint());
        let Some(own) = self.caller.grants.places_for(&area, action) else {
            return Ok(None);
        };
        let place = self.hooks.iter().find_map(|hook| hook.place(self.kind()));
        let read = |text: String| -> Result<TypedFilter, Error> {
            let filter = Filter::parse(&text).map_err(scim_core::Error::from)?;
            Ok(filter.resolve(resource_type)?)
        };
        let at = |path: &str| -> Result<Vec<TypedFilter>, Error> {
            own.iter()
                .map(|id| read(format!("{path} eq \"{id}\"")))
                .collect()
        };
        Ok(match place {
            None => None,
            Some(Place::Nowhere) => Some(TypedFilter::Ids(BTreeSet::new())),
            Some(Place::Itself) => {
                let ids = own.iter().map(ResourceId::to_string);
                Some(TypedFilter::Ids(ids.collect()))
            }
            Some(Place::At(path)) => Some(TypedFilter::Or(at(path)?)),
            Some(Place::AtOrEverywhere(path)) => {
                let mut any = at(path)?;
                any.push(read(format!("not ({path} pr)"))?);
                Some(TypedFilter::Or(any))
            }
        })
    }

    /// Does the caller see this resource: is it theirs, or nobody's, and where they may read?
    pub(super) fn sees(&self, stored: &Stored) -> Result<bool, Error> {
        Ok(self.caller.sees(stored.owner) && self.is_within("read", stored)?)
    }

    /// May the caller do this where the resource is?
    pub(super) fn is_within(&self, action: &str, stored: &Stored) -> Result<bool, Error> {
        match self.bounds(action)? {
            Some(bounds) => Ok(filter::matches(&bounds, &answer::whole(stored)?)),
            None => Ok(true),
        }
    }
}
