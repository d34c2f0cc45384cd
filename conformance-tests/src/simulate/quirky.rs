//! A provider with habits: what it wants is bent before it is planned, and requests before they go out.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::bend;
use super::provider::{Change, Leaver, Managers, Mapped, OnRefusal, Provider, Test};
use super::quirk::{Quirk, Quirks};
use super::values::{Attribute, Group, User};
use crate::client::Call;

/// The value of the role that [`Quirk::RolesAsJsonString`] gives everybody.
const ROLE: &str = "visitor.host";

/// A provider, its habits, and how many requests showed each.
pub(super) struct Quirky<'p> {
    inner: &'p dyn Provider,
    quirks: &'p Quirks,
    shown: BTreeMap<Quirk, AtomicU64>,
}

impl<'p> Quirky<'p> {
    pub(super) fn new(inner: &'p dyn Provider, quirks: &'p Quirks) -> Self {
        let shown = quirks.iter().map(|quirk| (quirk, AtomicU64::new(0)));
        Self {
            inner,
            quirks,
            shown: shown.collect(),
        }
    }

    /// Requests that showed each habit.
    pub(super) fn shown(&self) -> BTreeMap<String, u64> {
        let shown = self.shown.iter();
        shown
            .map(|(quirk, count)| (quirk.name(), count.load(Ordering::Relaxed)))
            .collect()
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.has(quirk)
    }

    /// Bends a body, if the habit is there, and counts if that made a difference.
    fn bend(&self, quirk: Quirk, body: &mut Value, bend: impl FnOnce(&mut Value) -> bool) {
        if self.has(quirk) && bend(body) {
            self.count(quirk);
        }
    }

    fn count(&self, quirk: Quirk) {
        if let Some(count) = self.shown.get(&quirk) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What cannot be seen in the making, since it is about what is wanted.
    fn count_wants(&self, body: &Value) {
        let names = |attribute: Attribute| attribute.read(body).is_some();
        if body.get("userName").is_some() {
            if !names(Attribute::Mail) {
                self.count(Quirk::NeverSent);
            }
            if !names(Attribute::Title) && !names(Attribute::MobilePhone) {
                self.count(Quirk::StaleAttribute);
            }
            self.count(Quirk::SpecialCharacterFilter);
        }
        if body.to_string().contains("manager\"") {
            self.count(Quirk::ManagerUnresolved);
        }
    }
}

impl Provider for Quirky<'_> {
    fn connection_test(&self, nonce: &str) -> Test {
        self.inner.connection_test(nonce)
    }

    fn imports(&self) -> Vec<Call> {
        self.inner.imports()
    }

    fn leaver(&self) -> Leaver {
        self.inner.leaver()
    }

    fn managers(&self) -> Managers {
        if self.has(Quirk::ManagerUnresolved) {
            return Managers::Exported;
        }
        self.inner.managers()
    }

    fn mapped(&self, mut user: User, about: &Mapped<'_>) -> User {
        if self.has(Quirk::NeverSent) {
            for attribute in [Attribute::Mail, Attribute::EmployeeNumber] {
                user.attributes.remove(&attribute);
            }
        }
        if self.has(Quirk::StaleAttribute) && !about.first {
            for attribute in [Attribute::Title, Attribute::MobilePhone] {
                let last = about.last.and_then(|last| last.attributes.get(&attribute));
                match last {
                    Some(value) => drop(user.attributes.insert(attribute, value.clone())),
                    None => drop(user.attributes.remove(&attribute)),
                }
            }
        }
        if self.has(Quirk::SpecialCharacterFilter)
            && let Some(name) = user.attributes.get_mut(&Attribute::UserName)
        {
            *name = format!("o'é+&{name}");
        }
        if self.has(Quirk::ManagerUnresolved) {
            let last = about.last.and_then(|last| last.manager.as_deref());
            user.manager = about.manager.or(last).map(str::to_owned);
        }
        user
    }

    fn shaped(&self, mut call: Call) -> Call {
        let Some(body) = &mut call.body else {
            return call;
        };
        self.count_wants(body);
        self.bend(Quirk::RolesAsJsonString, body, |body| {
            bend::give_role(ROLE, &call.method, body)
        });
        self.bend(Quirk::ValuePathWithoutType, body, bend::without_type);
        self.bend(Quirk::MemberRemoveByFilter, body, bend::remove_by_filter);
        self.bend(Quirk::UrnFlattening, body, bend::flatten);
        self.bend(Quirk::ExtensionUndeclared, body, bend::undeclare);
        self.bend(Quirk::BoolString, body, bend::booleans_as_text);
        self.bend(Quirk::OpCase, body, bend::capital_ops);
        call
    }

    fn role(&self) -> Option<&str> {
        self.has(Quirk::RolesAsJsonString).then_some(ROLE)
    }

    fn look_up_user(&self, user: &User) -> Vec<Call> {
        self.inner.look_up_user(user)
    }

    fn create_user(&self, user: &User) -> Call {
        self.inner.create_user(user)
    }

    fn update_user(&self, id: &str, from: &User, to: &User) -> Vec<Change<User>> {
        self.inner.update_user(id, from, to)
    }

    fn group_external_id(&self, anchor: &str) -> Option<String> {
        self.inner.group_external_id(anchor)
    }

    fn look_up_group(&self, group: &Group) -> Vec<Call> {
        self.inner.look_up_group(group)
    }

    fn create_group(&self, group: &Group) -> Call {
        self.inner.create_group(group)
    }

    fn update_group(&self, id: &str, from: &Group, to: &Group) -> Vec<Change<Group>> {
        let changes = self.inner.update_group(id, from, to);
        if changes.is_empty() || !self.has(Quirk::MemberOutOfScope) {
            return changes;
        }
        let mut with_stranger = from.clone();
        with_stranger.members.insert(stranger(id));
        let tries = self
            .inner
            .update_group(id, from, &with_stranger)
            .into_iter();
        self.count(Quirk::MemberOutOfScope);
        let tries = tries.map(|change| Change {
            then: from.clone(),
            on_refusal: OnRefusal::GoOn,
            ..change
        });
        tries.chain(changes).collect()
    }
}

/// An id as servers make them, of somebody who is not there.
fn stranger(group: &str) -> String {
    let mut hasher = DefaultHasher::new();
    group.hash(&mut hasher);
    format!("0190f3c2-0000-7000-8000-{:012x}", hasher.finish() >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::entra::Entra;
    use crate::simulate::okta::Okta;
    use crate::simulate::provider::Request;
    use crate::simulate::testing::{group, user};

    /// The body of the first request that has one, as it goes out.
    fn sent<T>(quirk: Quirk, changes: impl Fn(&dyn Provider) -> Vec<Change<T>>) -> String {
        let quirks: Quirks = [quirk].into_iter().collect();
        let provider = Quirky::new(&Entra::Usual, &quirks);
        let calls = changes(&provider)
            .into_iter()
            .filter_map(|change| match change.request {
                Request::Send(call) => Some(call),
                Request::Rewrite(_) => None,
            });
        let bodies = calls.filter_map(|call| provider.shaped(call).body);
        let mut bodies = bodies.map(|body| body["Operations"].to_string());
        bodies.next().unwrap_or_default()
    }

    fn created(provider: &dyn Provider, quirk: Quirk, words: &str) -> Value {
        let quirks: Quirks = [quirk].into_iter().collect();
        let provider = Quirky::new(provider, &quirks);
        provider
            .shaped(provider.create_user(&user(words)))
            .body
            .unwrap()
    }

    macro_rules! check {
        ($quirk:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(sent(Quirk::$quirk, |provider| provider.update_user("7", &user($from), &user($to))), @$shown)
        };
        (group $quirk:ident: $from:expr, $to:expr, @$shown:literal) => {
            insta::assert_snapshot!(sent(Quirk::$quirk, |provider| provider.update_group("7", &$from, &$to)), @$shown)
        };
    }

    #[test]
    fn changes_are_bent() {
        check!(ValuePathWithoutType: "mail=a@b active", "mail=c@b active", @r#"[{"op":"Replace","path":"emails.value","value":"c@b"}]"#);
        check!(ValuePathWithoutType: "active", "mail=c@b active", @r#"[{"op":"Add","path":"emails[type eq \"work\"].value","value":"c@b"}]"#);
        check!(UrnFlattening: "department=X active", "department=Y active", @r#"[{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department","value":"Y"}]"#);
        check!(BoolString: "active", "", @r#"[{"op":"Replace","path":"active","value":"False"}]"#);
        check!(group MemberRemoveByFilter: group("A", ["1", "2"]), group("A", []), @r#"[{"op":"Remove","path":"members[value eq \"1\"]"},{"op":"Remove","path":"members[value eq \"2\"]"}]"#);
        check!(group MemberOutOfScope: group("A", []), group("A", ["1"]), @r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"0190f3c2-0000-7000-8000-1118bb32b841"}]}]"#);
    }

    #[test]
    fn what_is_created_is_bent() {
        let words = "userName=a department=X employeeNumber=1 active";
        insta::assert_snapshot!(created(&Okta::Put, Quirk::UrnFlattening, words), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"a","locale":"en-US","active":true,"groups":[],"password":"30406ea523c53def","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department":"X","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"1"}"#);
        insta::assert_snapshot!(created(&Entra::Usual, Quirk::ExtensionUndeclared, words), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"X","employeeNumber":"1"},"active":true,"meta":{"resourceType":"User"},"roles":[]}"#);
        insta::assert_snapshot!(created(&Entra::Usual, Quirk::RolesAsJsonString, "userName=a active"), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"a","active":true,"meta":{"resourceType":"User"},"roles":[{"value":"{\"id\":\"18d14569\",\"value\":\"visitor.host\",\"displayName\":\"Visitor Host\"}","display":"Visitor Host"}]}"#);
        insta::assert_snapshot!(created(&Okta::Put, Quirk::BoolString, "userName=a mail=b active"), @r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","emails":[{"type":"work","value":"b","primary":"True"}],"locale":"en-US","active":"True","groups":[],"password":"30406ea523c53def"}"#);
    }

    #[test]
    fn what_is_wanted_is_bent() {
        let wanted = |quirk, about: &Mapped<'_>| {
            let quirks: Quirks = [quirk].into_iter().collect();
            let provider = Quirky::new(&Entra::Usual, &quirks);
            provider.mapped(user("userName=a mail=b title=Boss active"), about)
        };
        let last = user("userName=a title=Guide active");
        let first = Mapped {
            manager: Some("m"),
            last: None,
            first: true,
        };
        let later = Mapped {
            manager: None,
            last: Some(&last),
            first: false,
        };
        assert_eq!(
            wanted(Quirk::NeverSent, &first),
            user("userName=a title=Boss active")
        );
        assert_eq!(
            wanted(Quirk::StaleAttribute, &first),
            user("userName=a mail=b title=Boss active")
        );
        assert_eq!(
            wanted(Quirk::StaleAttribute, &later),
            user("userName=a mail=b title=Guide active")
        );
        assert_eq!(
            wanted(Quirk::ManagerUnresolved, &first).manager.as_deref(),
            Some("m")
        );
        assert_eq!(
            wanted(Quirk::SpecialCharacterFilter, &first).text(Attribute::UserName),
            "o'é+&a"
        );
    }
}
