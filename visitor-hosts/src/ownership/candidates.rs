//! Which Hosts may be the person that a connection brings, and by what evidence?
//!
//! A Host that nobody keeps any more comes back with its person: the employee number decides; without one, the
//! same userName does, unless the numbers contradict each other. An e-mail address alone never brings
//! anybody back: addresses are given to new people. A Host keeps what the product knows of a person, so only
//! the connection that brought the person brings them back; another one may when that connection was revoked.
//!
//! A Host that somebody keeps is a candidate by any evidence, unless the same connection keeps it: whoever brings
//! two people says that they are two.

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::{ConnectionId, Stored, Transaction};
use serde_json::{Map, Value};

use super::match_order::MatchKey;
use crate::reference;
use crate::source::{channel, rank};

/// A Host that may be the person.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) stored: Stored,
    pub(super) host: Map<String, Value>,
    pub(super) evidence: Evidence,
    pub(super) standing: Standing,
}

/// Why a Host may be the person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// What is the same; never nothing.
    pub(super) same: Vec<MatchKey>,
    /// Both have an employee number, and not the same.
    pub(super) contradicts: bool,
}

/// Who keeps a Host that may be the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody; this connection brought it, and brings it back whoever else is there: whoever is deleted and made
    /// again is the same person.
    Own(Fit),
    /// Nobody, and the connection may bring it back.
    Former(Fit),
    /// Another connection, of this channel.
    Kept(&'static str),
}

impl Standing {
    /// How well a Host fits that may come back.
    pub(super) fn fit(self) -> Option<Fit> {
        match self {
            Standing::Own(fit) | Standing::Former(fit) => Some(fit),
            Standing::Kept(_) => None,
        }
    }
}

/// How well a Host that nobody keeps fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    UserName,
    EmployeeNumber,
}

impl Evidence {
    pub(super) fn between(
        order: &[MatchKey],
        one: &Map<String, Value>,
        other: &Map<String, Value>,
    ) -> Option<Evidence> {
        let same = |key: &MatchKey| {
            key.value(one)
                .is_some_and(|is| key.value(other) == Some(is))
        };
        let same: Vec<MatchKey> = order.iter().copied().filter(same).collect();
        let number = |of: &Map<String, Value>| MatchKey::EmployeeNumber.value(of);
        let contradicts = match (number(one), number(other)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        (!same.is_empty()).then_some(Evidence { same, contradicts })
    }

    /// Is it a hint and no more?
    pub(super) fn is_weak(&self) -> bool {
        self.contradicts || self.same == [MatchKey::Email]
    }

    fn fit(&self) -> Option<Fit> {
        if self.same.contains(&MatchKey::EmployeeNumber) {
            return Some(Fit::EmployeeNumber);
        }
        let by_name = self.same.contains(&MatchKey::UserName) && !self.contradicts;
        by_name.then_some(Fit::UserName)
    }
}

/// A User of a Host, and who brings it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostUser<'h> {
    pub(crate) id: ResourceId,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) channel: &'h str,
}

/// The Users of a Host: the one that it mirrors, if there is one, and its further sources.
pub(crate) fn users_of(host: &Map<String, Value>) -> Vec<HostUser<'_>> {
    let text = |of: Option<&'_ Value>| -> Option<String> { Some(of?.as_str()?.to_owned()) };
    let mirrored = reference::target(host.get("user")).map(|id| HostUser {
        id,
        connection: reference::connection(host.get("managedBy")),
        channel: host.get("source").and_then(Value::as_str).unwrap_or("idp"),
    });
    let further = host.get("furtherSources").and_then(Value::as_array);
    let further = further.into_iter().flatten().filter_map(|source| {
        Some(HostUser {
            id: reference::target(Some(source))?,
            connection: text(source.get("managedBy")).and_then(|id| id.parse().ok()),
            channel: source
                .get("source")
                .and_then(Value::as_str)
                .unwrap_or("idp"),
        })
    });
    mirrored.into_iter().chain(further).collect()
}

/// Those of the Hosts found that may be who `identity` describes.
pub(super) async fn candidates(
    tx: &mut Transaction<'_>,
    order: &[MatchKey],
    identity: &Map<String, Value>,
    by: ConnectionId,
    found: Vec<Stored>,
) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    for stored in found {
        let host = stored.parse()?.into_map();
        let Some(evidence) = Evidence::between(order, identity, &host) else {
            continue;
        };
        let Some(standing) = standing(tx, &host, &evidence, by).await? else {
            continue;
        };
        candidates.push(Candidate {
            stored,
            host,
            evidence,
            standing,
        });
    }
    let is_own = |candidate: &Candidate| matches!(candidate.standing, Standing::Own(_));
    if candidates.iter().any(is_own) {
        candidates.retain(is_own);
    }
    // Of those who may come back, the one that fits best.
    let fit = |candidate: &Candidate| candidate.standing.fit();
    let best = candidates.iter().filter_map(fit).max();
    candidates.retain(|candidate| fit(candidate).is_none() || fit(candidate) == best);
    // As the tenant orders what people are known by.
    candidates.sort_by_key(|candidate| {
        let first = candidate.evidence.same.first();
        order.iter().position(|key| Some(key) == first)
    });
    Ok(candidates)
}

/// Who keeps the Host, if it may be the person at all.
async fn standing(
    tx: &mut Transaction<'_>,
    host: &Map<String, Value>,
    evidence: &Evidence,
    by: ConnectionId,
) -> Result<Option<Standing>, Error> {
    if !host.contains_key("user")
        && let Some(fit) = evidence.fit()
    {
        let before = reference::connection(host.get("managedBy"));
        if before == Some(by) {
            return Ok(Some(Standing::Own(fit)));
        }
        if is_gone(tx, before).await? {
            return Ok(Some(Standing::Former(fit)));
        }
    }
    let users = users_of(host);
    if users.iter().any(|user| user.connection == Some(by)) {
        return Ok(None);
    }
    let first = users.iter().max_by_key(|user| rank(user.channel));
    Ok(first.map(|user| Standing::Kept(channel(user.channel))))
}

/// Was the connection revoked? Then another one may bring its people back.
async fn is_gone(
    tx: &mut Transaction<'_>,
    connection: Option<ConnectionId>,
) -> Result<bool, Error> {
    let Some(connection) = connection else {
        return Ok(true);
    };
    let token = tx.token(connection.0).await?;
    Ok(token.is_some_and(|token| token.revoked.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORDER: [MatchKey; 3] = [
        MatchKey::EmployeeNumber,
        MatchKey::Email,
        MatchKey::UserName,
    ];

    fn told(one: &Value, other: &Value) -> String {
        let map = |value: &Value| value.as_object().unwrap().clone();
        let Some(evidence) = Evidence::between(&ORDER, &map(one), &map(other)) else {
            return "nobody".to_owned();
        };
        let same: Vec<&str> = evidence.same.iter().map(|key| key.evidence()).collect();
        let weak = if evidence.is_weak() { " weak" } else { "" };
        let back = match evidence.fit() {
            Some(fit) => format!(", back by {fit:?}"),
            None => String::new(),
        };
        format!("{}{weak}{back}", same.join(" "))
    }

    macro_rules! check {
        ($one:tt, $other:tt, @$shown:literal) => {
            insta::assert_snapshot!(told(&json!($one), &json!($other)), @$shown)
        };
    }

    #[test]
    fn who_may_be_the_same_person() {
        check!({ "employeeNumber": "7" }, { "employeeNumber": "7" }, @"employeeNumber=, back by EmployeeNumber");
        check!({ "employeeNumber": "7", "userName": "old" }, { "employeeNumber": "7", "userName": "new" }, @"employeeNumber=, back by EmployeeNumber");
        check!({ "employeeNumber": "a7" }, { "employeeNumber": "A7" }, @"nobody");
        check!({ "userName": "Ann" }, { "userName": "ann" }, @"userName=, back by UserName");
        check!({ "userName": "ann", "employeeNumber": "7" }, { "userName": "ann" }, @"userName=, back by UserName");
        check!({ "userName": "ann", "employeeNumber": "7" }, { "userName": "ann", "employeeNumber": "8" }, @"userName= weak");
        check!({ "email": "a@b" }, { "email": "A@b" }, @"email~ weak");
        check!({ "email": "a@b", "userName": "a@b" }, { "email": "a@b", "userName": "a@b" }, @"email~ userName=, back by UserName");
        check!({ "email": "a@b", "employeeNumber": "7" }, { "email": "a@b", "employeeNumber": "8" }, @"email~ weak");
        check!({ "email": "a@b" }, { "userName": "a@b" }, @"nobody");
    }

    #[test]
    fn whose_a_host_is() {
        let id = "01994c2b-0000-7000-8000-000000000001";
        let host = json!({
            "user": { "value": id }, "managedBy": { "value": id }, "source": "idp",
            "furtherSources": [{ "value": id, "source": "manual", "managedBy": id }]
        });
        let users = users_of(host.as_object().unwrap());
        let channels: Vec<&str> = users.iter().map(|user| user.channel).collect();
        assert_eq!(channels, ["idp", "manual"]);
        assert!(users.iter().all(|user| user.connection.is_some()));
    }
}
