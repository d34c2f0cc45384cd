//! What Okta sends.

use crate::check;

#[test]
fn deactivate() {
    check!({"active": true}, [{"op": "replace", "value": {"active": false}}], @r#"{"active":false}"#);
}
#[test]
fn a_new_password_is_thrown_away() {
    check!({}, [{"op": "replace", "value": {"password": "no-complexity-at-all"}}], @"unchanged {} [passwordDiscarded]");
}
#[test]
fn the_password_by_path() {
    check!({}, [{"op": "replace", "path": "password", "value": 5}], @"unchanged {} [passwordDiscarded]");
}
#[test]
fn what_the_server_writes_is_passed_over() {
    check!({"title": "Dr"}, [{"op": "replace", "value": {"id": "someone-else", "meta": {"version": "9"}, "groups": [], "schemas": [], "title": "Mr"}}],
        @r#"{"title":"Mr"} [readOnlyIgnored]"#);
}
