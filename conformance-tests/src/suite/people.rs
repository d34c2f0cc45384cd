//! The users and the group that checks of queries share: made once, never changed.

use serde_json::{Value, json};

use super::discovered::ENTERPRISE;
use super::{Listed, Made, Probe, Stop, fail};

/// Made by the first check that asks for them.
#[derive(Debug)]
pub(crate) struct People {
    /// In the order of [`NAMES`].
    pub(crate) users: Vec<Made>,
    /// Ada and Ben are in it.
    pub(crate) staff: Made,
    /// A filter that selects exactly the users.
    pub(crate) filter: String,
}

/// Their keys. The `displayName` of each begins with it.
pub(crate) const NAMES: [&str; 5] = ["ada", "ben", "cem", "dora", "emil"];

impl People {
    /// The keys of those in a list, sorted; strangers are passed over.
    pub(crate) fn among(&self, listed: &Listed) -> Vec<&'static str> {
        let ids = listed.ids();
        let pairs = NAMES.into_iter().zip(&self.users);
        let found = pairs.filter(|(_, user)| ids.contains(&user.id));
        found.map(|(name, _)| name).collect()
    }

    /// The keys of those in a list, in its order.
    pub(crate) fn in_order(&self, listed: &Listed) -> Vec<&'static str> {
        let name = |id: &String| {
            let at = self.users.iter().position(|user| user.id == *id)?;
            NAMES.get(at).copied()
        };
        listed.ids().iter().filter_map(name).collect()
    }

    pub(crate) fn id(&self, name: &str) -> Result<&str, Stop> {
        let at = NAMES.iter().position(|known| *known == name);
        match at.and_then(|at| self.users.get(at)) {
            Some(user) => Ok(&user.id),
            None => fail(format!("there is nobody called {name}")),
        }
    }

    /// Makes everybody. What the server's schema lacks is left out.
    pub(super) async fn make(probe: &Probe) -> Result<Self, Stop> {
        // In no order that a sort could be mistaken for.
        let bodies = bodies(probe.mark());
        let mut users: [Option<Made>; NAMES.len()] = Default::default();
        for at in [3, 0, 4, 2, 1] {
            if let (Some(body), Some(user)) = (bodies.get(at), users.get_mut(at)) {
                *user = Some(probe.user_with(known(probe, body.clone())).await?);
            }
        }
        let users: Vec<Made> = users.into_iter().flatten().collect();
        let staff = json!({"displayName": format!("{} staff", probe.mark())});
        let members: Vec<&Made> = users.iter().take(2).collect();
        let staff = match probe.endpoint("Group") {
            Ok(_) => probe.group_with(&members, staff).await?,
            Err(_) => Made::none(),
        };
        let filter = filter(probe, &users).await?;
        Ok(Self {
            users,
            staff,
            filter,
        })
    }
}

fn bodies(mark: &str) -> [Value; 5] {
    let person = |name: &str,
                  display: &str,
                  given: &str,
                  active: bool,
                  title: Option<&str>,
                  mails: Value| {
        json!({
            "userName": format!("{mark}-{name}@example.com"),
            "externalId": format!("{mark}-X-{name}"),
            "displayName": format!("{display} {mark}"),
            "name": {"givenName": given, "familyName": format!("{mark}-family")},
            "active": active,
            "title": title.map(|title| format!("{title} {mark}")),
            "emails": mails,
            ENTERPRISE: {"employeeNumber": format!("{mark}-{name}"), "department": format!("{mark}-{}", if active { "sales" } else { "parked" })},
        })
    };
    let work = |name: &str| json!([{"value": format!("{mark}-{name}@work.example"), "type": "work", "primary": true}]);
    let both = json!([
        {"value": format!("{mark}-ada@work.example"), "type": "work", "primary": true},
        {"value": format!("{mark}-ada@home.example"), "type": "home"},
    ]);
    [
        person("ada", "ada", "Ada", true, Some("Engineer"), both),
        person("ben", "ben", "Ben", false, None, work("ben")),
        person(
            "cem+1",
            "cem",
            "Çem",
            true,
            Some("O'Neil \"Ace\""),
            work("cem+1"),
        ),
        person(
            "dora",
            "dora",
            "Dora",
            true,
            Some("engineer lead"),
            work("dora"),
        ),
        person(
            "emil",
            "Emil",
            "emil",
            true,
            Some("Architect"),
            work("emil"),
        ),
    ]
}

/// The body without what the schema does not have.
fn known(probe: &Probe, mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, value| {
            let path = if name == ENTERPRISE {
                format!("{ENTERPRISE}:department")
            } else {
                name.clone()
            };
            !value.is_null() && probe.has("User", &path)
        });
    }
    body
}

/// Servers differ in what they filter by, so the first that works is taken.
async fn filter(probe: &Probe, users: &[Made]) -> Result<String, Stop> {
    let mark = probe.mark();
    let tries = [
        format!(r#"name.familyName eq "{mark}-family""#),
        format!(r#"userName sw "{mark}-""#),
        format!(r#"displayName co "{mark}""#),
    ];
    for filter in tries {
        let said = probe.find("User", &filter).await?;
        let Ok(listed) = said.list() else { continue };
        let all = users.iter().all(|user| listed.ids().contains(&user.id));
        if all && listed.resources.len() == users.len() {
            return Ok(filter);
        }
    }
    Ok(String::new())
}
