//! Who brings a User: a connection, the channel it is, and what it wants of people who are here already.

use scim_core::ResourceId;
use scim_server::service::Caller;
use scim_server::store::{ConnectionId, Stored, Token};
use serde_json::{Map, Value};

use crate::change_set::Connection;
use crate::mirror;

/// A connection that brings people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) id: ConnectionId,
    pub(crate) name: &'a str,
    /// The value of `source`: idp, hr, csv, manual.
    pub(crate) channel: &'static str,
    wish: Wish<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Wish<'a> {
    /// What the product keeps with the connection.
    Settings(Option<&'a str>),
    Known(OnExisting),
}

/// What happens to people of a connection who are here already: `ApiToken.onExisting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnExisting {
    /// The Host is theirs from now on.
    AutoLink,
    /// Somebody decides.
    Ask,
    /// They are refused until somebody decides.
    Reject,
}

impl OnExisting {
    const ALL: [OnExisting; 3] = [OnExisting::AutoLink, OnExisting::Ask, OnExisting::Reject];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            OnExisting::AutoLink => "autoLink",
            OnExisting::Ask => "ask",
            OnExisting::Reject => "reject",
        }
    }

    pub(crate) fn named(name: &str) -> Option<OnExisting> {
        let mut all = OnExisting::ALL.into_iter();
        all.find(|one| one.as_str().eq_ignore_ascii_case(name))
    }

    /// As the settings of a connection say; to ask is what happens otherwise.
    fn of(settings: Option<&str>) -> OnExisting {
        let settings = settings.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let wish = settings.as_ref().and_then(|all| all.get("onExisting"));
        let wish = wish.and_then(Value::as_str).and_then(OnExisting::named);
        wish.unwrap_or(OnExisting::Ask)
    }
}

impl<'a> Source<'a> {
    pub(crate) fn of_caller(caller: &'a Caller) -> Source<'a> {
        Source {
            id: caller.connection,
            name: &caller.name,
            channel: mirror::channel(caller.kind),
            wish: Wish::Settings(caller.grants.settings.as_deref()),
        }
    }

    pub(crate) fn of_token(token: &'a Token) -> Source<'a> {
        Source {
            id: token.id,
            name: &token.name,
            channel: mirror::channel(token.kind),
            wish: Wish::Settings(token.settings.as_deref()),
        }
    }

    /// As it was when it was last heard of: a log-in of one's own has connections without tokens.
    pub(crate) fn known(
        id: ConnectionId,
        name: &'a str,
        channel: &'static str,
        wish: OnExisting,
    ) -> Source<'a> {
        let wish = Wish::Known(wish);
        Source {
            id,
            name,
            channel,
            wish,
        }
    }

    pub(crate) fn on_existing(&self) -> OnExisting {
        match self.wish {
            Wish::Settings(settings) => OnExisting::of(settings),
            Wish::Known(wish) => wish,
        }
    }

    /// As change sets know it.
    pub(crate) fn connection(&self) -> Connection<'a> {
        Connection {
            id: self.id,
            name: self.name,
            channel: self.channel,
        }
    }
}

/// A User and who brings it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) user: &'a Stored,
    pub(crate) document: &'a Map<String, Value>,
    pub(crate) source: Source<'a>,
}

impl Incoming<'_> {
    pub(crate) fn id(&self) -> ResourceId {
        self.user.id
    }
}

/// Which channel a Host follows of two: the directory before HR, CSV and what is kept by hand.
pub(crate) fn rank(channel: &str) -> u8 {
    match channel {
        "idp" => 3,
        "hr" => 2,
        "csv" => 1,
        _ => 0,
    }
}

/// A channel by its name.
pub(crate) fn channel(name: &str) -> &'static str {
    let mut all = ["idp", "hr", "csv", "manual"].into_iter();
    all.find(|one| *one == name).unwrap_or("manual")
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($settings:expr, $policy:ident) => {
            assert_eq!(OnExisting::of($settings), OnExisting::$policy)
        };
    }

    #[test]
    fn who_says_nothing_is_asked() {
        check!(None, Ask);
        check!(Some("{}"), Ask);
        check!(Some("no JSON"), Ask);
        check!(Some(r#"{"onExisting":"perhaps"}"#), Ask);
        check!(Some(r#"{"onExisting":"autoLink"}"#), AutoLink);
        check!(
            Some(r#"{"onExisting":"reject","guard":{"mode":"hold"}}"#),
            Reject
        );
    }
}
