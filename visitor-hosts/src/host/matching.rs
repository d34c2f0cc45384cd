//! Is a new User somebody whose Host is still here, without a User?
//!
//! The employee number decides; without one, the same userName does, unless the numbers
//! contradict each other. An e-mail address alone never joins: addresses are given to new
//! people. Two Hosts that fit equally well are joined to nobody.
//!
//! A Host keeps what the product knows of a person, so only the connection that brought the
//! person brings them back; another one may when that connection was revoked.

use scim_core::text::fold;
use scim_server::Error;
use scim_server::store::{ConnectionId, Lock, Stored, Transaction};
use serde_json::{Map, Value};

use crate::reference;

/// The Host to join, locked.
pub(super) async fn former_host(
    tx: &mut Transaction<'_>,
    host: &Map<String, Value>,
    connection: ConnectionId,
) -> Result<Option<Stored>, Error> {
    let text = |name: &str| host.get(name).and_then(Value::as_str);
    let mut keys = Vec::new();
    if let Some(number) = text("employeeNumber") {
        keys.push(("employeeNumber".to_owned(), number.to_owned()));
    }
    if let Some(name) = text("userName") {
        keys.push(("userName".to_owned(), fold(name)));
    }
    let mut candidates = Vec::new();
    for stored in tx.find("Host", &keys, Lock::ForUpdate).await? {
        let document = stored.parse()?;
        let fit = fit(document.as_map(), host);
        if fit > Fit::None && may_bring_back(tx, document.as_map(), connection).await? {
            candidates.push((fit, stored));
        }
    }
    let Some(best) = candidates.iter().map(|(fit, _)| *fit).max() else {
        return Ok(None);
    };
    candidates.retain(|(fit, _)| *fit == best);
    match candidates.pop() {
        Some((_, stored)) if candidates.is_empty() => Ok(Some(stored)),
        _ => Ok(None),
    }
}

async fn may_bring_back(
    tx: &mut Transaction<'_>,
    candidate: &Map<String, Value>,
    connection: ConnectionId,
) -> Result<bool, Error> {
    let Some(before) = reference::connection(candidate.get("managedBy")) else {
        return Ok(true);
    };
    if before == connection {
        return Ok(true);
    }
    let token = tx.token(before.0).await?;
    Ok(token.is_some_and(|token| token.revoked.is_some()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    None,
    UserName,
    EmployeeNumber,
}

fn fit(candidate: &Map<String, Value>, host: &Map<String, Value>) -> Fit {
    if candidate.contains_key("user") {
        return Fit::None;
    }
    let both = |name: &str| (candidate.get(name), host.get(name));
    let same_name = match both("userName") {
        (Some(Value::String(one)), Some(Value::String(other))) => fold(one) == fold(other),
        _ => false,
    };
    match both("employeeNumber") {
        (Some(one), Some(other)) if one == other => Fit::EmployeeNumber,
        (Some(_), Some(_)) => Fit::None,
        _ if same_name => Fit::UserName,
        _ => Fit::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(candidate: &Value, host: &Value) -> String {
        let map = |value: &Value| value.as_object().unwrap().clone();
        format!("{:?}", fit(&map(candidate), &map(host)))
    }

    macro_rules! check {
        ($candidate:tt, $host:tt, @$shown:literal) => {
            insta::assert_snapshot!(fits(&json!($candidate), &json!($host)), @$shown)
        };
    }

    #[test]
    fn who_is_the_same_person() {
        check!({ "employeeNumber": "7" }, { "employeeNumber": "7" }, @"EmployeeNumber");
        check!({ "employeeNumber": "7", "userName": "old" }, { "employeeNumber": "7", "userName": "new" }, @"EmployeeNumber");
        check!({ "userName": "Ann" }, { "userName": "ann" }, @"UserName");
        check!({ "userName": "ann", "employeeNumber": "7" }, { "userName": "ann" }, @"UserName");
        check!({ "userName": "ann", "employeeNumber": "7" }, { "userName": "ann", "employeeNumber": "8" }, @"None");
        check!({ "email": "a@b" }, { "email": "a@b" }, @"None");
        check!({ "user": { "value": "u" }, "employeeNumber": "7" }, { "employeeNumber": "7" }, @"None");
    }
}
