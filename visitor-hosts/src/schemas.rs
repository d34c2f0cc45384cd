//! The resource types of the product: schemas, what is indexed, and who sees them.

use scim_core::{ResourceType, Schema, SchemaError, schema};
use scim_server::service::{Audience, Served};
use scim_server::{Error, StoreError};

/// URN of the extension that an identity provider may send with a User.
pub const HOST_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User";
/// URN of the Host schema.
pub const HOST_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:Host";
/// URN of the `ApiToken` schema.
pub const API_TOKEN_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ApiToken";
/// URN of the `OAuthClient` schema.
pub const OAUTH_CLIENT_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:OAuthClient";
/// URN of the `TenantSettings` schema.
pub const TENANT_SETTINGS_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:TenantSettings";
/// URN of the `ProvisioningEvent` schema.
pub const PROVISIONING_EVENT_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ProvisioningEvent";
/// URN of the `AuditEvent` schema.
pub const AUDIT_EVENT_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:AuditEvent";
/// URN of the `ChangeSet` schema.
pub const CHANGE_SET_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ChangeSet";
/// URN of the `ProvisioningConflict` schema.
pub const CONFLICT_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ProvisioningConflict";
/// URN of the `UnknownOffice` schema.
pub const UNKNOWN_OFFICE_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:UnknownOffice";
/// URN of the `SyncRun` schema.
pub const SYNC_RUN_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:SyncRun";
pub(crate) const SYNC_RUN_PART_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:SyncRunPart";
/// URN of the `ProvisioningDay` schema.
pub const PROVISIONING_DAY_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ProvisioningDay";
/// URN of the `RoleAssignment` schema.
pub const ROLE_ASSIGNMENT_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:RoleAssignment";
/// URN of the HostGroup schema.
pub const HOST_GROUP_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:HostGroup";

/// Users, as connections push them.
pub fn user() -> Result<Served, SchemaError> {
    let resource_type = ResourceType::new("User", "/Users", schema::user())
        .description("A person as a connection describes them; becomes a host")
        .extension(schema::enterprise_user())
        .extension(Schema::from_json(include_str!("../schemas/HostUser.json"))?)
        .unique(["userName", "externalId"])
        .indexed(["emails.value", "displayName"])
        .reverse("groups", "members")
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Connections,
    })
}

/// Groups, as connections push them.
pub fn group() -> Result<Served, SchemaError> {
    let resource_type = ResourceType::new("Group", "/Groups", schema::group())
        .description("A group as a connection describes it; becomes a host group")
        .unique(["externalId"])
        .indexed(["displayName"])
        .rows("members", ["User", "Group"])
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Connections,
    })
}

/// Hosts, derived from Users.
pub fn host() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: host_type()?,
        audience: Audience::Apps,
    })
}

/// Host groups, derived from Groups.
pub fn host_group() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: host_group_type()?,
        audience: Audience::Apps,
    })
}

/// Locations, which applications keep.
pub fn location() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: location_type()?,
        audience: Audience::Kept,
    })
}

/// Office names that no location has, derived from Hosts.
pub fn unknown_office() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: unknown_office_type()?,
        audience: Audience::Apps,
    })
}

/// Change sets, which the guard keeps.
pub fn change_set() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: change_set_type()?,
        audience: Audience::Apps,
    })
}

/// Connections, which applications make and keep.
pub fn api_token() -> Result<Served, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/ApiToken.json"))?;
    let resource_type = ResourceType::new("ApiToken", "/ApiTokens", schema)
        .description("A connection: credential of an identity provider, an application or an agent")
        .strict()
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Kept,
    })
}

/// Whose JWTs connections take for their own, which applications say.
pub fn oauth_client() -> Result<Served, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/OAuthClient.json"))?;
    let resource_type = ResourceType::new("OAuthClient", "/OAuthClients", schema)
        .description("The issuer whose JWTs a connection takes for its own")
        .strict()
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Kept,
    })
}

/// Runs of imports, which applications begin.
pub fn sync_run() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: sync_run_type()?,
        audience: Audience::Kept,
    })
}

/// What a tenant wants, in one resource.
pub fn tenant_settings() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: tenant_settings_type()?,
        audience: Audience::Apps,
    })
}

/// Conflicts, which come about when somebody comes who is here already.
pub fn conflict() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: conflict_type()?,
        audience: Audience::Apps,
    })
}

pub(crate) fn tenant_settings_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/TenantSettings.json"))?;
    ResourceType::new("TenantSettings", "/TenantSettings", schema)
        .description("What the tenant wants: one resource")
        .strict()
        .build()
}

pub(crate) fn sync_run_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/SyncRun.json"))?;
    ResourceType::new("SyncRun", "/SyncRuns", schema)
        .description("One run of an import, dry or real")
        .indexed(["status"])
        .strict()
        .build()
}

pub(crate) fn conflict_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/ProvisioningConflict.json"))?;
    ResourceType::new("ProvisioningConflict", "/ProvisioningConflicts", schema)
        .description("A directory or HR record meets a record that already exists")
        .unique(["openFor"])
        .indexed([
            "status",
            "kind",
            "incoming.value",
            "existing.value",
            "connection.value",
            "person",
            "existingUsers",
        ])
        .strict()
        .build()
}

/// What is kept beside a run; it is not served.
pub(crate) fn sync_run_part_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/SyncRunPart.json"))?;
    ResourceType::new("SyncRunPart", "/SyncRunParts", schema)
        .description("Differences of a SyncRun")
        .indexed(["run"])
        .strict()
        .build()
}

/// Requests of directories, as the change feed keeps them.
pub fn provisioning_event() -> Result<Served, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/ProvisioningEvent.json"))?;
    let resource_type = ResourceType::new("ProvisioningEvent", "/ProvisioningEvents", schema)
        .description("A request to write that a directory sent, and what came of it")
        .strict()
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Read,
    })
}

/// The change feed as an audit log.
pub fn audit_event() -> Result<Served, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/AuditEvent.json"))?;
    let resource_type = ResourceType::new("AuditEvent", "/AuditEvents", schema)
        .description("A line of the audit log")
        .strict()
        .build()?;
    Ok(Served {
        resource_type,
        audience: Audience::Read,
    })
}

/// Days, which the change feed is counted by.
pub fn provisioning_day() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: provisioning_day_type()?,
        audience: Audience::Read,
    })
}

pub(crate) fn provisioning_day_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/ProvisioningDay.json"))?;
    ResourceType::new("ProvisioningDay", "/ProvisioningDays", schema)
        .description("What directories did on one day, in numbers")
        .unique(["day"])
        .strict()
        .build()
}

/// Roles, which applications give.
pub fn role_assignment() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: role_assignment_type()?,
        audience: Audience::Kept,
    })
}

pub(crate) fn role_assignment_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/RoleAssignment.json"))?;
    ResourceType::new("RoleAssignment", "/RoleAssignments", schema)
        .description("A role that somebody has")
        .indexed(["principal.value", "role"])
        .strict()
        .build()
}

/// A schema of ours that cannot be used fails when the program starts, and so never here.
pub(crate) fn unusable(error: SchemaError) -> Error {
    StoreError::Failed(error.into()).into()
}

pub(crate) fn change_set_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/ChangeSet.json"))?;
    ResourceType::new("ChangeSet", "/ChangeSets", schema)
        .description("What a directory hides in one go, and whether the guard holds it")
        .unique(["openFor"])
        .indexed(["status", "token.value"])
        .rows("hosts", ["Host"])
        .strict()
        .build()
}

pub(crate) fn location_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/Location.json"))?;
    ResourceType::new("Location", "/Locations", schema)
        .description("A site with its own preferences")
        .unique(["name", "code"])
        .indexed(["aliases"])
        .strict()
        .build()
}

pub(crate) fn unknown_office_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/UnknownOffice.json"))?;
    ResourceType::new("UnknownOffice", "/UnknownOffices", schema)
        .description("An office name that no location has")
        .unique(["name"])
        .strict()
        .build()
}

pub(crate) fn host_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/Host.json"))?;
    ResourceType::new("Host", "/Hosts", schema)
        .description("A person who can receive visitors, derived from a User")
        .unique(["arrivedAs"])
        .indexed([
            "user.value",
            "furtherSources.value",
            "userName",
            "displayName",
            "email",
            "employeeNumber",
            "effectiveStatus",
            "officeLocation",
            "delegates.value",
        ])
        .reverse("groups", "members")
        .strict()
        .build()
}

pub(crate) fn host_group_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../schemas/HostGroup.json"))?;
    ResourceType::new("HostGroup", "/HostGroups", schema)
        .description("A group of hosts, derived from a Group")
        .indexed(["group.value", "displayName"])
        .rows("members", ["Host"])
        .strict()
        .build()
}
