//! What Okta sends.

use scim_core::resource::Policy;

use crate::check_also;

macro_rules! okta {
    ($before:tt, $operations:tt, @$shown:literal) => {
        check_also!(Policy::okta(), $before, $operations, @$shown)
    };
}

#[test]
fn deactivate() {
    okta!({"active": true}, [{"op": "replace", "value": {"active": false}}], @r#"{"active":false}"#);
}
#[test]
fn a_new_password_is_thrown_away() {
    okta!({}, [{"op": "replace", "value": {"password": "no-complexity-at-all"}}], @"unchanged {} [passwordDiscarded]");
}
#[test]
fn the_password_by_path() {
    okta!({}, [{"op": "replace", "path": "password", "value": 5}], @"unchanged {} [passwordDiscarded]");
}
#[test]
fn what_the_server_writes_is_passed_over() {
    okta!({"title": "Dr"}, [{"op": "replace", "value": {"id": "someone-else", "meta": {"version": "9"}, "groups": [], "schemas": [], "title": "Mr"}}],
        @r#"{"title":"Mr"} [readOnlyIgnored]"#);
}
