//! Each quirk by itself, with the finding that it must lead to.

use serde_json::{Value, json};

use super::*;
use crate::compatibility::Outcome;
use scim_core::ResourceId;
use uuid::Uuid;

const NOW: &str = "2026-11-26T08:00:00Z";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Whoever has a number is there.
struct Numbered;

impl People for Numbered {
    fn knows(&self, id: &str) -> bool {
        id.bytes().all(|byte| byte.is_ascii_digit())
    }
}

fn at(days_ago: i64) -> Timestamp {
    let now: Timestamp = NOW.parse().unwrap();
    now - SignedDuration::from_hours(24 * days_ago)
}

/// A person in order, as Entra creates one.
fn person() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "e1",
        "userName": "ann@contoso.example",
        "active": true,
        "displayName": "Ann",
        "name": {"givenName": "Ann", "familyName": "B"},
        "emails": [{"type": "work", "value": "ann@contoso.example", "primary": true}],
        "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
        "addresses": [{"type": "other", "formatted": "Quay"}],
        "title": "Guide",
        "preferredLanguage": "en",
        "roles": [],
        "meta": {"resourceType": "User"},
        ENTERPRISE: {"department": "X", "employeeNumber": "1", "manager": {"value": "7"}},
    })
}

fn created(body: Value) -> Event {
    let mut event = Event::new(at(1), "POST", "User", Outcome::Created).with_body(body);
    event.resource = Some(ResourceId::new(Uuid::from_u128(1)));
    event
}

fn changed(kind: &str, operation: &Value) -> Event {
    Event::new(at(1), "PATCH", kind, Outcome::Updated).with_body(json!({"Operations": [operation]}))
}

fn refused(kind: &str, detail: &str) -> Event {
    let outcome = Outcome::Refused {
        status: Some(400),
        detail: Some(detail.to_owned()),
    };
    Event::new(at(1), "PATCH", kind, outcome)
}

fn report(events: impl IntoIterator<Item = Event>) -> Report {
    let setting = Setting::until(NOW.parse().unwrap());
    Report::of(events, &Numbered, &setting)
}

/// The findings of a connection that is in order but for these events.
fn findings(events: impl IntoIterator<Item = Event>) -> String {
    let all = std::iter::once(created(person())).chain(events);
    let told = report(all);
    let grade = format!("{:?}\n", told.grade);
    let lines = told.findings.iter().map(ToString::to_string);
    std::iter::once(grade).chain(lines).collect()
}

macro_rules! check {
    ([$($event:expr),*], @$shown:literal) => { insta::assert_snapshot!(findings([$($event),*]), @$shown) };
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body.as_object_mut().unwrap().insert(name.to_owned(), value);
    body
}

#[test]
fn in_order() {
    check!([], @"Good");
    assert_eq!(report([]).grade, Grade::Unknown);
}

#[test]
fn op_case() {
    check!([changed("User", &json!({"op": "Replace", "path": "title", "value": "x"}))], @r"
    Good
    note      opCase: 1 change with op in capitals (Add, Replace, Remove): that was understood.
              do: Nothing has to be done: Entra does so unless told otherwise. To have it as the RFC says, write ?aadOptscim062020 behind the Tenant URL (Provisioning > Admin Credentials).
    ");
}

#[test]
fn bool_string() {
    check!([changed("User", &json!({"op": "replace", "path": "active", "value": "False"}))], @r#"
    Good
    note      boolString: 1 request with a boolean as text ("True", "False"): that was understood.
              do: Nothing has to be done: Entra does so unless told otherwise, with the row Switch([IsSoftDeleted], , "False", "True", "True", "False") -> active too. To have it as the RFC says, write ?aadOptscim062020 behind the Tenant URL (Provisioning > Admin Credentials).
    "#);
}

#[test]
fn value_path_without_type() {
    check!([changed("User", &json!({"op": "replace", "path": "emails.value", "value": "a"}))], @r#"
    Attention
    attention valuePathWithoutType: 1 change of a list without saying which of its values is meant (emails.value): all of them were changed, whatever their type.
              do: Under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping open the row of that attribute (mail, physicalDeliveryOfficeName) and choose a Target attribute with a type: emails[type eq "work"].value, addresses[type eq "other"].formatted.
    "#);
}

#[test]
fn member_remove_by_value() {
    check!([changed("Group", &json!({"op": "remove", "path": "members", "value": [{"value": "7"}]}))], @r"
    Good
    note      memberRemoveByValue: 1 change that took members out by naming them in the value, not in the path: that was understood.
              do: Nothing has to be done: Entra does so unless told otherwise. To have it as the RFC says, write ?aadOptscim062020 behind the Tenant URL (Provisioning > Admin Credentials).
    ");
}

#[test]
fn member_remove_by_filter() {
    check!([changed("Group", &json!({"op": "remove", "path": "members[value eq \"7\"]"}))], @r#"
    Good
    note      memberRemoveByFilter: 1 change that took members out by paths such as members[value eq "…"]: that was understood.
              do: Nothing has to be done: this is what ?aadOptscim062020 in the Tenant URL brings, and what the RFC says.
    "#);
}

#[test]
fn urn_flattening() {
    check!([changed("User", &json!({"op": "replace", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "X"}}))], @r"
    Good
    note      urnFlattening: 1 request with an extension and its attribute as one key: that was understood.
              do: Nothing has to be done. If a Target attribute was typed by hand under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping > Show advanced options > Edit attribute list, write it with a colon before its last name: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department.
    ");
}

#[test]
fn extension_undeclared() {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    check!([created(with(person(), "schemas", schemas))], @r"
    Good
    note      extensionUndeclared: 1 request with an extension that schemas does not name: that was understood.
              do: Nothing has to be done: Entra does not list extensions in schemas that were added under Show advanced options > Edit attribute list.
    ");
}

#[test]
fn roles_as_json_string() {
    check!([changed("User", &json!({"op": "add", "path": "roles", "value": "{\"value\":\"x\"}"}))], @r#"
    Good
    note      rolesAsJsonString: 1 request with a role as JSON within a text: that was understood. Hosts need no roles.
              do: Delete the row AppRoleAssignmentsComplex([appRoleAssignments]) -> roles under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping, or use SingleAppRoleAssignment([appRoleAssignments]) -> roles[primary eq "True"].value.
    "#);
}

#[test]
fn special_character_filter() {
    check!([created(with(person(), "userName", json!("o'neil@contoso.example")))], @r"
    Attention
    attention specialCharacterFilter: 1 request with a login name that has special characters (apostrophe, plus, accents), by which people are looked for: they may not be found again, and be made twice.
              do: Under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping open the row externalId: Source attribute objectId, Match objects using this attribute: Yes, Matching precedence: 1, and give userName precedence 2. An objectId has only letters, digits and hyphens.
    ");
}

#[test]
fn manager_unresolved() {
    let manager = json!({"department": "X", "employeeNumber": "1", "manager": {"value": "max@contoso.example"}});
    check!([created(with(person(), ENTERPRISE, manager))], @r"
    Attention
    attention managerUnresolved: The manager of 1 of 1 people who have one was never provisioned.
              do: Assign the managers to the application too (Users and groups > Add user/group), then press Restart provisioning: Entra does not send a manager later by itself.
              row: manager -> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
    ");
}

#[test]
fn member_out_of_scope() {
    let many = std::iter::repeat_with(|| created(person())).take(30);
    let stranger = refused(
        "Group",
        "members: no User or Group has the id 0190f3c2-1111-7000-8000-000000000001",
    );
    insta::assert_snapshot!(findings(many.chain([stranger])), @r"
    Attention
    attention refused: 1 of 32 requests refused; most often (1): status 400, members: no User or Group has the id ….
              do: Open Provisioning > View provisioning logs, filter by Status: Failure, and look at Troubleshooting & Recommendations of one of them.
    attention memberOutOfScope: 1 change of 1 group refused, because of members who were never provisioned.
              do: Assign the members to the application too (Users and groups > Add user/group; nested groups are not expanded), or set Provisioning > Settings > Scope to Sync all users and groups; then press Restart provisioning.
    ");
}

#[test]
fn never_sent() {
    let events = [created(without(without(person(), "emails"), "title"))];
    let lines: Vec<String> = report(events)
        .findings
        .iter()
        .map(ToString::to_string)
        .collect();
    insta::assert_snapshot!(lines.concat(), @r#"
    attention neverSent: emails[type eq "work"].value is never sent: hosts get no notice by e-mail when their visitors arrive.
              do: Under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping press Add New Mapping: Source attribute mail, Target attribute emails[type eq "work"].value. If the row is there, the attribute is empty for everybody: Entra never sends what is empty.
              row: mail -> emails[type eq "work"].value
    note      neverSent: title is never sent: the kiosk shows no job titles.
              do: Under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping press Add New Mapping: Source attribute jobTitle, Target attribute title. If the row is there, the attribute is empty for everybody: Entra never sends what is empty.
              row: jobTitle -> title
    "#);
}

#[test]
fn stale_attribute() {
    let mut before = created(person());
    before.at = at(20);
    let after = std::iter::repeat_with(|| created(without(person(), "title"))).take(5);
    let told = report(std::iter::once(before).chain(after));
    let lines: Vec<String> = told.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.concat(), @r"
    attention staleAttribute: title was sent until 2026-11-06 and has not been since, although whole people were: what hosts show of it may be out of date.
              do: Under Provisioning > Mappings > Provision Microsoft Entra ID Users > Attribute Mapping look at the row jobTitle -> title: is it still there, and is Apply this mapping set to Always, not Only during creation? Then press Restart provisioning. Entra never sends that a value was emptied.
              row: jobTitle -> title
    ");
}

#[test]
fn refusals_break_a_connection() {
    let nine = std::iter::repeat_with(|| created(person())).take(9);
    let conflict = || refused("User", "another User already uses userName \"ann\"");
    insta::assert_snapshot!(findings(nine.chain([conflict()])), @r"
    Broken
    broken    refused: 1 of 11 requests refused; most often (1): status 400, another User already uses userName.
              do: Open Provisioning > View provisioning logs, filter by Status: Failure, and look at Troubleshooting & Recommendations of one of them.
    ");
    let told = report([created(person())]);
    assert_eq!(told.grade, Grade::Good);
    let many = std::iter::repeat_with(|| created(person())).take(99);
    assert_eq!(report(many.chain([conflict()])).grade, Grade::Attention);
}

#[test]
fn slow_answers() {
    let mut slow = created(person());
    slow.duration_ms = Some(4_000.0);
    slow.correlation_id = Some("c-1".to_owned());
    check!([slow], @r"
    Attention
    attention slowAnswers: 5 of 100 answers take longer than 4000 ms; the slowest took 4000 ms, the client calls it c-1.
              do: Nothing can be done in Entra; look at the load of this server and of its database.
    ");
}

#[test]
fn okta_is_told_in_its_own_words() {
    let mut event = created(without(person(), "emails"));
    event.user_agent = Some("Okta SCIM Client 1.0.0".to_owned());
    let told = report([event]);
    assert_eq!(told.client, Client::Okta);
    let lines: Vec<String> = told.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.concat(), @r#"
    attention neverSent: emails[type eq "work"].value is never sent: hosts get no notice by e-mail when their visitors arrive.
              do: Under Provisioning > To App > Attribute Mappings map email to the attribute with the External name emails.^[type=='work'].value; if the application has none, press Go to Profile Editor > Add Attribute and make it.
              row: email -> emails[type eq "work"].value
    "#);
}

#[test]
fn a_failed_test_breaks_a_connection_that_has_sent_nothing() {
    let mut setting = Setting::until(NOW.parse().unwrap());
    setting.test_failed = true;
    let told = Report::of([], &Numbered, &setting);
    assert_eq!(told.grade, Grade::Broken);
}

#[test]
fn what_is_older_does_not_count() {
    let mut old = created(person());
    old.at = at(31);
    assert_eq!(report([old]).requests, 0);
}

/// A million events take no more space than a thousand: what grows has a bound.
#[test]
fn nothing_grows_without_a_bound() {
    let events = (0..200_000_u128).map(|number| {
        let mut event = refused("Group", &format!("reason {number}"));
        event.resource = Some(ResourceId::new(Uuid::from_u128(number)));
        event.path = Some(format!("/Users?filter=a{number}%20eq%20%22x%22"));
        event.kind = if number % 2 == 0 { "Group" } else { "User" }.to_owned();
        event
    });
    let told = report(events);
    assert_eq!(told.requests, 200_000);
    assert_eq!(told.matching.len(), 16);
}
