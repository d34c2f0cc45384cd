//! May a host be picked, and why: the first reason that holds decides.

use scim_core::ResourceId;
use serde_json::{Map, Value, json};

/// What the product acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// May be picked as a host.
    Visible,
    /// Is kept out of every choice.
    Hidden,
    /// May be picked although the directory says no: the guard holds that back.
    HeldVisible,
    /// Is kept out of every choice by a person, whatever the directory says.
    Suspended,
}

impl Status {
    /// The value of `effectiveStatus`.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Visible => "visible",
            Status::Hidden => "hidden",
            Status::HeldVisible => "heldVisible",
            Status::Suspended => "suspended",
        }
    }
}

/// Why a host has its status, in the order in which they decide; those of a visible host are warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Somebody suspended the host.
    ManualSuspension,
    /// The directory hides too many at once, and the guard holds the effect.
    MassDeactivationHold,
    /// Somebody undid the change set that hid the host.
    Undo,
    /// Somebody undid the change set that showed the host.
    UndoHides,
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
            Reason::ManualSuspension => "manualSuspension",
            Reason::MassDeactivationHold => "massDeactivationHold",
            Reason::Undo => "undo",
            Reason::UndoHides => "undoHides",
            Reason::IdpDeleted => "idpDeleted",
            Reason::IdpInactive => "idpInactive",
            Reason::HostVisibleFalse => "hostVisibleFalse",
            Reason::NoContactRoute => "noContactRoute",
            Reason::OfficeUnresolved => "officeUnresolved",
        }
    }

    /// All of them.
    pub(super) const ALL: [Reason; 9] = [
        Reason::ManualSuspension,
        Reason::MassDeactivationHold,
        Reason::Undo,
        Reason::UndoHides,
        Reason::IdpDeleted,
        Reason::IdpInactive,
        Reason::HostVisibleFalse,
        Reason::NoContactRoute,
        Reason::OfficeUnresolved,
    ];

    fn from_code(code: &str) -> Option<Reason> {
        let mut all = Reason::ALL.into_iter();
        all.find(|reason| reason.code() == code)
    }

    /// The status of a host for which this is the first reason; none for a warning.
    pub(super) fn status(self) -> Option<Status> {
        match self {
            Reason::ManualSuspension => Some(Status::Suspended),
            Reason::MassDeactivationHold | Reason::Undo => Some(Status::HeldVisible),
            Reason::UndoHides
            | Reason::IdpDeleted
            | Reason::IdpInactive
            | Reason::HostVisibleFalse => Some(Status::Hidden),
            Reason::NoContactRoute | Reason::OfficeUnresolved => None,
        }
    }
}

/// What the directory says. Of a User that is gone it says nothing more.
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
    /// Of a User that was deleted.
    pub(super) const GONE: Facts = Facts {
        user_exists: false,
        active: true,
        host_visible: true,
    };

    /// Does the directory show the host?
    pub(super) fn is_shown(self) -> bool {
        self.user_exists && self.active && self.host_visible
    }

    /// What the directory was last known to say of a Host, read back from its reasons.
    pub(super) fn of(host: &Map<String, Value>) -> Facts {
        Facts {
            user_exists: !has(host, Reason::IdpDeleted),
            active: !has(host, Reason::IdpInactive),
            host_visible: !has(host, Reason::HostVisibleFalse),
        }
    }
}

/// What there is to decide.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) facts: Facts,
    pub(super) suspended: bool,
    pub(super) now: &'a str,
    /// Who causes what holds from now on.
    pub(super) source: Option<&'a str>,
}

/// Decides anew and writes `effectiveStatus` and `effectiveReasons`: every reason that holds, of which
/// the first decides. One that held before keeps the time since when it holds, and its source.
pub(super) fn decide(host: &mut Map<String, Value>, question: &Question<'_>) {
    let holding = holding(host, question.facts, question.suspended);
    let status = holding.iter().find_map(|reason| reason.status());
    let reasons: Vec<Value> = holding
        .into_iter()
        .filter(|reason| status.is_none() || reason.status().is_some())
        .map(|reason| {
            let before = reasons(host).find(|(found, _)| *found == Some(reason));
            before.map_or_else(
                || new_reason(reason, question.now, question.source),
                |(_, value)| value.clone(),
            )
        })
        .collect();
    let status = status.unwrap_or(Status::Visible);
    host.insert("effectiveStatus".to_owned(), json!(status.as_str()));
    if reasons.is_empty() {
        host.shift_remove("effectiveReasons");
    } else {
        host.insert("effectiveReasons".to_owned(), Value::Array(reasons));
    }
}

/// Decides anew after the directory said something: a suspension stays.
pub(super) fn decide_for_directory(
    host: &mut Map<String, Value>,
    facts: Facts,
    now: &str,
    source: Option<&str>,
) {
    let suspended = is_suspended(host);
    decide(
        host,
        &Question {
            facts,
            suspended,
            now,
            source,
        },
    );
}

/// Decides anew after the Host itself changed: what the directory said stays.
pub(crate) fn decide_again(host: &mut Map<String, Value>, now: &str) {
    decide_for_directory(host, Facts::of(host), now, None);
}

/// Begins or ends a suspension.
pub(super) fn suspend(host: &mut Map<String, Value>, suspended: bool, now: &str, source: &str) {
    let question = Question {
        facts: Facts::of(host),
        suspended,
        now,
        source: Some(source),
    };
    decide(host, &question);
}

/// Lets a host that its directory hides stay in effect, because of a change set.
pub(crate) fn hold(host: &mut Map<String, Value>, set: ResourceId, now: &str) {
    let set = set.to_string();
    host.insert("hold".to_owned(), json!({ "changeSet": set }));
    decide_for_directory(host, Facts::of(host), now, Some(&set));
}

/// Keeps a host as it was before a change set that was undone: in effect, or not.
pub(crate) fn undo(host: &mut Map<String, Value>, set: ResourceId, visible: bool, now: &str) {
    let set = set.to_string();
    let reason = if visible {
        Reason::Undo
    } else {
        Reason::UndoHides
    };
    let hold = json!({ "changeSet": set, "reason": reason.code() });
    host.insert("hold".to_owned(), hold);
    decide_for_directory(host, Facts::of(host), now, Some(&set));
}

/// Is the host kept as it was before a change set that was undone?
pub(super) fn is_undone(host: &Map<String, Value>) -> bool {
    hold_reason(host).is_some_and(|reason| reason != Reason::MassDeactivationHold)
}

/// Why a hold keeps the host as it is.
fn hold_reason(host: &Map<String, Value>) -> Option<Reason> {
    let hold = host.get("hold")?;
    let said = hold.get("reason").and_then(Value::as_str);
    Some(
        said.and_then(Reason::from_code)
            .unwrap_or(Reason::MassDeactivationHold),
    )
}

/// Ends that: what the directory says is in effect.
pub(crate) fn let_go(host: &mut Map<String, Value>, now: &str) {
    host.shift_remove("hold");
    decide_again(host, now);
}

/// The change set that keeps a host in effect.
pub(crate) fn held_by(host: &Map<String, Value>) -> Option<ResourceId> {
    host.get("hold")?.get("changeSet")?.as_str()?.parse().ok()
}

/// Does the directory hide the host, whatever is in effect?
pub(crate) fn is_hidden_by_directory(host: &Map<String, Value>) -> bool {
    !Facts::of(host).is_shown()
}

/// May the host be picked?
pub(crate) fn is_in_effect(host: &Map<String, Value>) -> bool {
    let status = host.get("effectiveStatus").and_then(Value::as_str);
    [Status::Visible, Status::HeldVisible]
        .iter()
        .any(|effective| status == Some(effective.as_str()))
}

pub(super) fn is_suspended(host: &Map<String, Value>) -> bool {
    has(host, Reason::ManualSuspension)
}

fn has(host: &Map<String, Value>, wanted: Reason) -> bool {
    reasons(host).any(|(reason, _)| reason == Some(wanted))
}

/// All reasons that hold, in the order in which they decide.
fn holding(host: &Map<String, Value>, facts: Facts, suspended: bool) -> Vec<Reason> {
    let holds = |reason: &Reason| match reason {
        Reason::ManualSuspension => suspended,
        Reason::MassDeactivationHold | Reason::Undo | Reason::UndoHides => {
            hold_reason(host) == Some(*reason)
        }
        Reason::IdpDeleted => !facts.user_exists,
        Reason::IdpInactive => !facts.active,
        Reason::HostVisibleFalse => !facts.host_visible,
        Reason::NoContactRoute => !host.contains_key("email") && !has_own_channel(host),
        Reason::OfficeUnresolved => {
            host.contains_key("officeLocation") && !host.contains_key("location")
        }
    };
    Reason::ALL.into_iter().filter(holds).collect()
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

/// A channel that does not need the directory's address.
fn has_own_channel(host: &Map<String, Value>) -> bool {
    let channels = host.get("notify").and_then(Value::as_array);
    channels
        .into_iter()
        .flatten()
        .any(|channel| channel.get("address").is_some())
}

/// The reasons that are written, with what is known of them.
pub(super) fn reasons(host: &Map<String, Value>) -> impl Iterator<Item = (Option<Reason>, &Value)> {
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
        decide_for_directory(host, facts, now, Some("entra"));
        shown(host)
    }

    fn shown(host: &Map<String, Value>) -> String {
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
        check!({}, Facts { active: false, host_visible: false, ..ALL_WELL }, @"hidden idpInactive since now hostVisibleFalse since now");
        check!({}, Facts::GONE, @"hidden idpDeleted since now");
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
    fn a_suspension_stays_until_a_person_ends_it() {
        let mut host = json!({ "email": "a" });
        let host = host.as_object_mut().unwrap();
        suspend(host, true, "monday", "reception");
        insta::assert_snapshot!(shown(host), @"suspended manualSuspension since monday");
        let inactive = Facts {
            active: false,
            ..ALL_WELL
        };
        decide_for_directory(host, inactive, "tuesday", Some("entra"));
        insta::assert_snapshot!(shown(host), @"suspended manualSuspension since monday idpInactive since tuesday");
        decide_again(host, "wednesday");
        suspend(host, false, "thursday", "reception");
        insta::assert_snapshot!(shown(host), @"hidden idpInactive since tuesday");
        decide_for_directory(host, ALL_WELL, "friday", Some("entra"));
        insta::assert_snapshot!(shown(host), @"visible");
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
