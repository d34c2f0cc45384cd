//! Attributes that are returned on request alone (`returned: request`) are for those whose scopes say so: the
//! action `sensitive`, which `read` is no part of.

use scim_core::resource::project::Projection;
use scim_core::schema::Returned;
use scim_core::{AttributePath, ResourceType};

use super::{Caller, Scopes};
use crate::Error;

const SENSITIVE: &str = "sensitive";

impl Caller {
    /// May it see attributes of this type that are returned on request alone?
    fn sees_sensitive(&self, resource_type: &ResourceType) -> bool {
        let scopes = &self.grants.scopes;
        let area = || Scopes::area(resource_type.endpoint());
        scopes.are_all() || scopes.allow(&area(), SENSITIVE)
    }

    /// Refuses what tells attributes of this type that are returned on request alone.
    pub fn permit_sensitive(&self, resource_type: &ResourceType) -> Result<(), Error> {
        if self.sees_sensitive(resource_type) {
            return Ok(());
        }
        let area = Scopes::area(resource_type.endpoint());
        Err(Error::Scope(format!("{area}.{SENSITIVE}")))
    }

    /// May it see this attribute, wherever it stands?
    pub fn sees_attribute(&self, resource_type: &ResourceType, path: &str) -> bool {
        self.sees_sensitive(resource_type) || !is_requested(resource_type, path)
    }

    /// What it is shown where it asks for this: attributes that are not for it are left out.
    pub fn shown(&self, resource_type: &ResourceType, asked: Projection) -> Projection {
        if self.sees_sensitive(resource_type) {
            return asked;
        }
        asked.without_requested()
    }

    /// Refuses to look for, or sort by, what it is not shown: what matches would tell it all the same.
    pub(super) fn may_ask_by<'k>(
        &self,
        resource_type: &ResourceType,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Result<(), Error> {
        if self.sees_sensitive(resource_type) {
            return Ok(());
        }
        let mut keys = keys.into_iter();
        if keys.any(|key| is_requested(resource_type, key)) {
            return self.permit_sensitive(resource_type);
        }
        Ok(())
    }
}

/// Is what a path leads to, or what that is a part of, returned on request alone?
fn is_requested(resource_type: &ResourceType, path: &str) -> bool {
    let Ok(path) = AttributePath::parse(path) else {
        return false;
    };
    let Ok(path) = path.resolve_short(resource_type) else {
        return false;
    };
    let mut parts = path.attribute.into_iter().chain(path.sub);
    parts.any(|part| part.returned == Returned::Request)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scim_core::{Policy, Schema};
    use uuid::Uuid;

    use super::*;
    use crate::service::Grants;
    use crate::store::{ConnectionId, TokenKind};

    fn seen(scopes: &str) -> String {
        let schema = Schema::from_json(
            r#"{"id": "urn:example:Badge", "attributes": [
                {"name": "label", "type": "string"},
                {"name": "notes", "type": "string", "returned": "request"},
                {"name": "loan", "type": "complex", "subAttributes": [
                    {"name": "until", "type": "string"},
                    {"name": "to", "type": "string", "returned": "request"}]},
                {"name": "log", "type": "complex", "returned": "request", "subAttributes": [
                    {"name": "at", "type": "string"}]}]}"#,
        );
        let badges = ResourceType::new("Badge", "/Badges", schema.unwrap());
        let badges = badges.build().unwrap();
        let caller = Caller {
            tenant: "main".parse().unwrap(),
            connection: ConnectionId(Uuid::nil()),
            name: "Desk".into(),
            kind: TokenKind::App,
            policy: Policy::strict(),
            person: None,
            grants: Arc::new(Grants {
                scopes: scopes.parse().unwrap(),
                ..Grants::default()
            }),
            origin: None,
        };
        let all = ["label", "notes", "loan.until", "loan.to", "log", "log.at"];
        let seen = all.into_iter();
        let seen = seen.filter(|path| caller.sees_attribute(&badges, path));
        seen.collect::<Vec<_>>().join(" ")
    }

    macro_rules! check {
        ($scopes:literal, @$seen:literal) => { insta::assert_snapshot!(seen($scopes), @$seen) };
    }

    #[test]
    fn a_scope_says_so() {
        check!("*", @"label notes loan.until loan.to log log.at");
        check!("badges.*", @"label notes loan.until loan.to log log.at");
        check!("*.sensitive", @"label notes loan.until loan.to log log.at");
        check!("badges.read badges.sensitive", @"label notes loan.until loan.to log log.at");
        check!("*.read", @"label loan.until");
        check!("badges.read badges.write hosts.sensitive", @"label loan.until");
    }
}
