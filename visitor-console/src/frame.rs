//! What surrounds every page: who reads it, and the ways to the other pages. Nobody is shown a way that is closed
//! to them.

use jiff::tz::TimeZone;
use scim_server::service::Scopes;

use crate::part::Link;
use crate::text as t;
use crate::url;

/// What surrounds a page.
pub(crate) struct Frame {
    pub(crate) tenant: String,
    /// What the reader is called.
    pub(crate) name: String,
    pub(crate) nav: Vec<Group>,
    pub(crate) zone: TimeZone,
}

/// Pages that belong together.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) places: Vec<(Place, Link)>,
}

/// A part of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Start,
    Hosts,
    HostGroups,
    Changes,
    Log,
    Conflicts,
    Provisioning,
    Locations,
    Roles,
    Audit,
}

impl Place {
    /// The part of the address that leads to it.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Place::Start => "",
            Place::Hosts => "hosts",
            Place::HostGroups => "host-groups",
            Place::Changes => "changes",
            Place::Log => "log",
            Place::Conflicts => "conflicts",
            Place::Provisioning => "provisioning",
            Place::Locations => "locations",
            Place::Roles => "roles",
            Place::Audit => "audit",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Place::Start => t::start::TITLE,
            Place::Hosts => t::hosts::TITLE,
            Place::HostGroups => t::host_groups::TITLE,
            Place::Changes => t::changes::TITLE,
            Place::Log => t::log::TITLE,
            Place::Conflicts => t::conflicts::TITLE,
            Place::Provisioning => t::provisioning::TITLE,
            Place::Locations => t::locations::TITLE,
            Place::Roles => t::roles::TITLE,
            Place::Audit => t::audit::TITLE,
        }
    }

    /// What must be readable for it to show anything.
    fn area(self) -> Option<&'static str> {
        match self {
            Place::Start => None,
            Place::Hosts => Some("hosts"),
            Place::HostGroups => Some("hostGroups"),
            Place::Changes => Some("changeSets"),
            Place::Log => Some("provisioningEvents"),
            Place::Conflicts => Some("provisioningConflicts"),
            Place::Provisioning => Some("apiTokens"),
            Place::Locations => Some("locations"),
            Place::Roles => Some("roleAssignments"),
            Place::Audit => Some("auditEvents"),
        }
    }

    fn is_open_to(self, scopes: &Scopes) -> bool {
        self.area().is_none_or(|area| scopes.allow(area, "read"))
    }
}

const GROUPS: [(&str, &[Place]); 4] = [
    ("", &[Place::Start, Place::Hosts, Place::HostGroups]),
    (
        t::layout::DIRECTORY,
        &[Place::Changes, Place::Log, Place::Conflicts],
    ),
    (
        t::layout::PREFERENCES,
        &[Place::Provisioning, Place::Locations],
    ),
    (t::layout::ACCESS, &[Place::Roles, Place::Audit]),
];

impl Frame {
    /// The frame of somebody who may do this.
    pub(crate) fn new(tenant: &str, name: &str, scopes: &Scopes, zone: TimeZone) -> Frame {
        let groups = GROUPS.into_iter().map(|(title, places)| {
            let open = places.iter().filter(|place| place.is_open_to(scopes));
            let places = open.map(|place| {
                let href = match place.segment() {
                    "" => url::path(&["console", tenant]),
                    segment => url::path(&["console", tenant, segment]),
                };
                (*place, Link::new(href, place.title()))
            });
            Group {
                title,
                places: places.collect(),
            }
        });
        Frame {
            tenant: tenant.to_owned(),
            name: name.to_owned(),
            nav: groups.filter(|group| !group.places.is_empty()).collect(),
            zone,
        }
    }

    /// The frame of nobody.
    pub(crate) fn bare(tenant: &str) -> Frame {
        Frame {
            tenant: tenant.to_owned(),
            name: String::new(),
            nav: Vec::new(),
            zone: TimeZone::UTC,
        }
    }
}
