//! Who sends: by the name that the client gives itself, else by the shapes that only it sends.

use serde::Serialize;
use serde_json::Value;

use super::event::Event;
use super::said;

/// A client that is recognised.
///
/// ```
/// use visitor_hosts::compatibility::Client;
///
/// assert_eq!(Client::Entra.name(), "Microsoft Entra ID");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// `OneLogin`.
    OneLogin,
    /// `JumpCloud`.
    JumpCloud,
    /// Google Cloud Identity.
    Google,
    /// Somebody else, who says so.
    Other,
    /// Nothing tells.
    Unknown,
}

const KNOWN: [Client; 5] = [
    Client::Entra,
    Client::Okta,
    Client::OneLogin,
    Client::JumpCloud,
    Client::Google,
];

impl Client {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Client::Entra => "Microsoft Entra ID",
            Client::Okta => "Okta",
            Client::OneLogin => "OneLogin",
            Client::JumpCloud => "JumpCloud",
            Client::Google => "Google",
            Client::Other => "another client",
            Client::Unknown => "a client that is not recognised",
        }
    }

    fn by_name(user_agent: &str) -> Option<Client> {
        let name = user_agent.to_ascii_lowercase();
        let words = [
            ("okta", Client::Okta),
            ("onelogin", Client::OneLogin),
            ("jumpcloud", Client::JumpCloud),
            ("google", Client::Google),
            ("microsoft", Client::Entra),
            ("azure", Client::Entra),
            ("entra", Client::Entra),
        ];
        let found = words.into_iter().find(|(word, _)| name.contains(word));
        found.map(|(_, client)| client)
    }

    fn by_shape(body: &Value) -> Option<Client> {
        let has = |name: &str| body.get(name);
        let schemas = body["schemas"].as_array().map_or(&[][..], Vec::as_slice);
        let microsoft = |urn: &Value| {
            urn.as_str()
                .is_some_and(|urn| urn.contains("schemas.microsoft.com"))
        };
        if schemas.iter().any(microsoft)
            || (has("roles").is_some() && body["meta"]["resourceType"].is_string())
        {
            return Some(Client::Entra);
        }
        if has("password").is_some() && has("groups").is_some() {
            return Some(Client::Okta);
        }
        if has("id") == Some(&Value::Null) {
            return Some(Client::OneLogin);
        }
        let mut found = None;
        said::for_operations(body, &mut |op, path, value| {
            let capital = op.starts_with(char::is_uppercase);
            let names_itself =
                path.is_none() && value["id"].is_string() && value["displayName"].is_string();
            if capital {
                found = Some(Client::Entra);
            } else if names_itself {
                found = Some(Client::Okta);
            }
        });
        found
    }
}

/// What speaks for whom.
#[derive(Debug, Default)]
pub(super) struct Votes {
    names: [u64; KNOWN.len()],
    shapes: [u64; KNOWN.len()],
    named_otherwise: u64,
}

impl Votes {
    pub(super) fn count(&mut self, event: &Event) {
        if let Some(name) = event.user_agent.as_deref() {
            match Client::by_name(name) {
                Some(client) => add(&mut self.names, client),
                None => self.named_otherwise += 1,
            }
        }
        if let Some(client) = event.body.as_ref().and_then(Client::by_shape) {
            add(&mut self.shapes, client);
        }
    }

    pub(super) fn winner(&self) -> Client {
        let most = |votes: &[u64; KNOWN.len()]| {
            let best = votes.iter().zip(KNOWN).max_by_key(|(votes, _)| **votes);
            best.filter(|(votes, _)| **votes > 0)
                .map(|(_, client)| client)
        };
        most(&self.names)
            .or_else(|| most(&self.shapes))
            .unwrap_or(if self.named_otherwise > 0 {
                Client::Other
            } else {
                Client::Unknown
            })
    }
}

fn add(votes: &mut [u64; KNOWN.len()], client: Client) {
    for (votes, known) in votes.iter_mut().zip(KNOWN) {
        *votes += u64::from(known == client);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::compatibility::Outcome;

    fn guess(user_agent: Option<&str>, body: Value) -> Client {
        let mut event =
            Event::new(Timestamp::UNIX_EPOCH, "POST", "User", Outcome::Created).with_body(body);
        event.user_agent = user_agent.map(str::to_owned);
        let mut votes = Votes::default();
        votes.count(&event);
        votes.winner()
    }

    #[test]
    fn names_come_first_then_shapes() {
        for (user_agent, body, expected) in [
            (Some("Okta SCIM Client 1.0.0"), json!({}), Client::Okta),
            (
                Some("Okta SCIM Client 1.0.0"),
                json!({"Operations": [{"op": "Add"}]}),
                Client::Okta,
            ),
            (Some("curl/8"), json!({}), Client::Other),
            (
                None,
                json!({"roles": [], "meta": {"resourceType": "User"}}),
                Client::Entra,
            ),
            (
                None,
                json!({"Operations": [{"op": "Replace", "path": "active"}]}),
                Client::Entra,
            ),
            (
                None,
                json!({"password": "(discarded)", "groups": []}),
                Client::Okta,
            ),
            (
                None,
                json!({"Operations": [{"op": "replace", "value": {"id": "7", "displayName": "A"}}]}),
                Client::Okta,
            ),
            (None, json!({"id": null}), Client::OneLogin),
            (None, json!({"userName": "a"}), Client::Unknown),
        ] {
            assert_eq!(guess(user_agent, body.clone()), expected, "{body}");
        }
    }
}
