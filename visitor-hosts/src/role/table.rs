//! What each role may do, as scopes: the columns of one table.

/// A role and its scopes.
pub(super) struct Role {
    pub(super) name: &'static str,
    /// As [`Scopes`](scim_server::service::Scopes) reads them.
    pub(super) scopes: &'static str,
}

/// All roles. What a role may do with a type that does not exist here stands with that type.
pub(super) const ROLES: [Role; 10] = [
    Role {
        name: "tenantAdmin",
        scopes: "*",
    },
    Role {
        name: "directoryAdmin",
        scopes: "apiTokens.* oAuthClients.* users.read groups.read hosts.* hostGroups.* unknownOffices.read \
            locations.read changeSets.* provisioningConflicts.* provisioningEvents.read \
            provisioningEvents.sensitive provisioningDays.read syncRuns.* \
            tenantSettings.read",
    },
    Role {
        name: "locationAdmin",
        scopes: "hosts.read hosts.write hostGroups.read locations.* unknownOffices.read",
    },
    Role {
        name: "inviter",
        scopes: "hosts.read locations.read",
    },
    Role {
        name: "approver",
        scopes: "hosts.read locations.read",
    },
    Role {
        name: "frontDesk",
        scopes: "hosts.read hostGroups.read locations.read",
    },
    Role {
        name: "complianceOfficer",
        scopes: "hosts.read locations.read",
    },
    Role {
        name: "hrAdmin",
        scopes: "hosts.read locations.read syncRuns.read syncRuns.sensitive",
    },
    Role {
        name: "integrationAgent",
        scopes: "locations.read",
    },
    Role {
        name: "auditor",
        scopes: "hosts.read hostGroups.read locations.read changeSets.read provisioningConflicts.read \
            provisioningEvents.read provisioningEvents.sensitive provisioningDays.read auditEvents.read auditEvents.sensitive \
            roleAssignments.read syncRuns.read syncRuns.sensitive",
    },
];

#[cfg(test)]
mod tests {
    use scim_server::service::Scopes;

    use super::ROLES;

    /// A row of the matrix: who may do it.
    fn who_may(area: &str, action: &str) -> String {
        let may = ROLES.iter().filter(|role| {
            let scopes: Scopes = role.scopes.parse().unwrap();
            scopes.allow(area, action)
        });
        may.map(|role| role.name).collect::<Vec<_>>().join(" ")
    }

    macro_rules! check {
        ($area:literal, $action:literal, @$who:literal) => {
            insta::assert_snapshot!(who_may($area, $action), @$who)
        };
    }

    #[test]
    fn the_matrix() {
        check!("apiTokens", "rotate", @"tenantAdmin directoryAdmin");
        check!("oAuthClients", "write", @"tenantAdmin directoryAdmin");
        check!("users", "write", @"tenantAdmin");
        check!("hosts", "read", @"tenantAdmin directoryAdmin locationAdmin inviter approver frontDesk complianceOfficer hrAdmin auditor");
        check!("hosts", "write", @"tenantAdmin directoryAdmin locationAdmin");
        check!("hosts", "sensitive", @"tenantAdmin directoryAdmin");
        check!("auditEvents", "sensitive", @"tenantAdmin auditor");
        check!("hosts", "suspend", @"tenantAdmin directoryAdmin");
        check!("changeSets", "release", @"tenantAdmin directoryAdmin");
        check!("changeSets", "read", @"tenantAdmin directoryAdmin auditor");
        check!("provisioningConflicts", "link", @"tenantAdmin directoryAdmin");
        check!("locations", "write", @"tenantAdmin locationAdmin");
        check!("roleAssignments", "write", @"tenantAdmin");
        check!("consoleAccounts", "read", @"tenantAdmin");
        check!("consoleAccounts", "endSessions", @"tenantAdmin");
        check!("tenantSettings", "write", @"tenantAdmin");
        check!("auditEvents", "read", @"tenantAdmin auditor");
    }
}
