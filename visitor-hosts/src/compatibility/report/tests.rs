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
    check!([changed("User", &json!({"op": "Replace", "path": "title", "value": "x"}))], @"");
}

#[test]
fn bool_string() {
    check!([changed("User", &json!({"op": "replace", "path": "active", "value": "False"}))], @"");
}

#[test]
fn value_path_without_type() {
    check!([changed("User", &json!({"op": "replace", "path": "emails.value", "value": "a"}))], @"");
}

#[test]
fn member_remove_by_value() {
    check!([changed("Group", &json!({"op": "remove", "path": "members", "value": [{"value": "7"}]}))], @"");
}

#[test]
fn member_remove_by_filter() {
    check!([changed("Group", &json!({"op": "remove", "path": "members[value eq \"7\"]"}))], @"");
}

#[test]
fn urn_flattening() {
    check!([changed("User", &json!({"op": "replace", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "X"}}))], @"");
}

#[test]
fn extension_undeclared() {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    check!([created(with(person(), "schemas", schemas))], @"");
}

#[test]
fn roles_as_json_string() {
    check!([changed("User", &json!({"op": "add", "path": "roles", "value": "{\"value\":\"x\"}"}))], @"");
}

#[test]
fn special_character_filter() {
    check!([created(with(person(), "userName", json!("o'neil@contoso.example")))], @"");
}

#[test]
fn manager_unresolved() {
    let manager = json!({"department": "X", "employeeNumber": "1", "manager": {"value": "max@contoso.example"}});
    check!([created(with(person(), ENTERPRISE, manager))], @"");
}

#[test]
fn member_out_of_scope() {
    let many = std::iter::repeat_with(|| created(person())).take(30);
    let stranger = refused("Group", "members: no User or Group has the id 0190f3c2-1111-7000-8000-000000000001");
    insta::assert_snapshot!(findings(many.chain([stranger])), @"");
}

#[test]
fn never_sent() {
    let events = [created(without(without(person(), "emails"), "title"))];
    let lines: Vec<String> = report(events).findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.concat(), @"");
}

#[test]
fn stale_attribute() {
    let mut before = created(person());
    before.at = at(20);
    let after = std::iter::repeat_with(|| created(without(person(), "title"))).take(3);
    let told = report(std::iter::once(before).chain(after));
    let lines: Vec<String> = told.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.concat(), @"");
}

#[test]
fn refusals_break_a_connection() {
    let nine = std::iter::repeat_with(|| created(person())).take(9);
    let conflict = || refused("User", "another User already uses userName \"ann\"");
    insta::assert_snapshot!(findings(nine.chain([conflict()])), @"");
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
    check!([slow], @"");
}

#[test]
fn okta_is_told_in_its_own_words() {
    let mut event = created(without(person(), "emails"));
    event.user_agent = Some("Okta SCIM Client 1.0.0".to_owned());
    let told = report([event]);
    assert_eq!(told.client, Client::Okta);
    let lines: Vec<String> = told.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.concat(), @"");
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
