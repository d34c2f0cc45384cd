//! May a host be picked, and why: the first reason that holds decides.

use serde_json::{Map, Value, json};

/// What the product acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// May be picked as a host.
    Visible,
    /// Is kept out of every choice.
    Hidden,
}

impl Status {
    /// The value of `effectiveStatus`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Visible => "visible",
            Status::Hidden => "hidden",
        }
    }
}

/// Why a host has its status; those of a visible host are warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The directory deleted the User.
    IdpDeleted,
    /// The directory says `active=false`.
    IdpInactive,
    /// The directory says `hostVisible=false`.
    HostVisibleFalse,
    /// Neither a work address nor another channel: notices reach nobody.
    NoContactRoute,
    /// The office name leads to no location.
    OfficeUnresolved,
}

impl Reason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::IdpDeleted => "idpDeleted",
            Reason::IdpInactive => "idpInactive",
            Reason::HostVisibleFalse => "hostVisibleFalse",
            Reason::NoContactRoute => "noContactRoute",
            Reason::OfficeUnresolved => "officeUnresolved",
        }
    }

    fn from_code(code: &str) -> Option<Reason> {
        [
            Reason::IdpDeleted,
            Reason::IdpInactive,
            Reason::HostVisibleFalse,
            Reason::NoContactRoute,
            Reason::OfficeUnresolved,
        ]
        .into_iter()
        .find(|reason| reason.code() == code)
    }
}

/// What the decision is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Is there a User?
    pub user_exists: bool,
    /// Its `active`; a User that does not say is active.
    pub active: bool,
    /// Its `hostVisible`; a User that does not say is visible.
    pub host_visible: bool,
}

impl Facts {
    /// The decision, as far as the directory makes it: the first hit wins.
    fn hidden_because(self) -> Option<Reason> {
        if !self.user_exists {
            Some(Reason::IdpDeleted)
        } else if !self.active {
            Some(Reason::IdpInactive)
        } else if !self.host_visible {
            Some(Reason::HostVisibleFalse)
        } else {
            None
        }
    }

    /// What was decided for a Host before, read back from its reasons.
    fn of(host: &Map<String, Value>) -> Facts {
        let given = |wanted: Reason| reasons(host).any(|(reason, _)| reason == Some(wanted));
        Facts {
            user_exists: !given(Reason::IdpDeleted),
            active: !given(Reason::IdpInactive),
            host_visible: !given(Reason::HostVisibleFalse),
        }
    }
}

/// Decides anew and writes `effectiveStatus` and `effectiveReasons`. A reason that held before
/// keeps the time since when it holds; `source` is who caused a new one.
pub(super) fn decide(host: &mut Map<String, Value>, facts: Facts, now: &str, source: Option<&str>) {
    let (status, why) = match facts.hidden_because() {
        Some(reason) => (Status::Hidden, vec![reason]),
        None => (Status::Visible, warnings(host)),
    };
    let reasons: Vec<Value> = why
        .into_iter()
        .map(|reason| {
            let before = reasons(host).find(|(found, _)| *found == Some(reason));
            before.map_or_else(
                || new_reason(reason, now, source),
                |(_, value)| value.clone(),
            )
        })
        .collect();
    host.insert("effectiveStatus".to_owned(), json!(status.as_str()));
    if reasons.is_empty() {
        host.shift_remove("effectiveReasons");
    } else {
        host.insert("effectiveReasons".to_owned(), Value::Array(reasons));
    }
}

/// Decides anew after the Host itself changed: what the directory said stays.
pub(super) fn decide_again(host: &mut Map<String, Value>, now: &str) {
    decide(host, Facts::of(host), now, None);
}

fn new_reason(reason: Reason, now: &str, source: Option<&str>) -> Value {
    let mut value = Map::new();
    value.insert("code".to_owned(), json!(reason.code()));
    value.insert("since".to_owned(), json!(now));
    if let Some(source) = source {
        value.insert("source".to_owned(), json!(source));
    }
    Value::Object(value)
}

fn warnings(host: &Map<String, Value>) -> Vec<Reason> {
    let mut found = Vec::new();
    if !host.contains_key("email") && !has_own_channel(host) {
        found.push(Reason::NoContactRoute);
    }
    if host.contains_key("officeLocation") && !host.contains_key("location") {
        found.push(Reason::OfficeUnresolved);
    }
    found
}

/// A channel that does not need the directory's address.
fn has_own_channel(host: &Map<String, Value>) -> bool {
    let channels = host.get("notify").and_then(Value::as_array);
    channels
        .into_iter()
        .flatten()
        .any(|channel| channel.get("address").is_some())
}

fn reasons(host: &Map<String, Value>) -> impl Iterator<Item = (Option<Reason>, &Value)> {
    let values = host.get("effectiveReasons").and_then(Value::as_array);
    values.into_iter().flatten().map(|value| {
        let code = value.get("code").and_then(Value::as_str);
        (code.and_then(Reason::from_code), value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL_WELL: Facts = Facts {
        user_exists: true,
        active: true,
        host_visible: true,
    };

    fn decided(mut host: Value, facts: Facts, now: &str) -> String {
        let host = host.as_object_mut().unwrap();
        decide(host, facts, now, Some("entra"));
        let told = |(reason, value): (Option<Reason>, &Value)| {
            format!(
                " {} since {}",
                reason.unwrap().code(),
                value["since"].as_str().unwrap()
            )
        };
        let status = host["effectiveStatus"].as_str().unwrap().to_owned();
        status + &reasons(host).map(told).collect::<String>()
    }

    macro_rules! check {
        ($host:tt, $facts:expr, @$shown:literal) => {
            insta::assert_snapshot!(decided(json!($host), $facts, "now"), @$shown)
        };
    }

    #[test]
    fn visible() {
        check!({ "email": "a@b.example" }, ALL_WELL, @"visible");
    }

    #[test]
    fn the_first_hit_wins() {
        check!({ "email": "a" }, Facts { active: false, ..ALL_WELL }, @"hidden idpInactive since now");
        check!({ "email": "a" }, Facts { host_visible: false, ..ALL_WELL }, @"hidden hostVisibleFalse since now");
        check!({}, Facts { active: false, host_visible: false, ..ALL_WELL }, @"hidden idpInactive since now");
        let gone = Facts {
            user_exists: false,
            active: false,
            host_visible: false,
        };
        check!({}, gone, @"hidden idpDeleted since now");
    }

    #[test]
    fn warnings_of_a_visible_host() {
        check!({}, ALL_WELL, @"visible noContactRoute since now");
        check!({ "officeLocation": "Quay" }, ALL_WELL, @"visible noContactRoute since now officeUnresolved since now");
        check!({ "notify": [{ "channel": "sms", "address": "+41" }] }, ALL_WELL, @"visible");
    }

    #[test]
    fn a_reason_keeps_its_beginning() {
        let reasons = json!([{ "code": "idpInactive", "since": "before" }]);
        check!({ "effectiveReasons": reasons }, Facts { active: false, ..ALL_WELL }, @"hidden idpInactive since before");
        check!({ "effectiveReasons": reasons, "email": "a" }, ALL_WELL, @"visible");
    }

    #[test]
    fn a_change_of_the_host_keeps_what_the_directory_said() {
        let mut host = json!({
            "deskOrFloor": "3",
            "effectiveReasons": [{ "code": "hostVisibleFalse", "since": "before" }]
        });
        let host = host.as_object_mut().unwrap();
        decide_again(host, "now");
        assert_eq!(host["effectiveStatus"], "hidden");
        assert_eq!(host["effectiveReasons"][0]["since"], "before");
    }
}
