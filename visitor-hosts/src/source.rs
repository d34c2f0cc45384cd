//! Who brings a User: a connection, the channel it is, and what it wants of people who are here already.

use scim_core::ResourceId;
use scim_server::service::Caller;
use scim_server::store::{ConnectionId, Stored, Token};
use serde_json::{Map, Value};

use crate::change_set::Connection;
use crate::connection::Settings;
use crate::mirror;

pub(crate) use crate::connection::OnExisting;

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
            Wish::Settings(settings) => Settings::of(settings).on_existing.unwrap_or_default(),
            Wish::Known(wish) => wish,
        }
    }

    /// As change sets know it.
    pub(crate) fn connection(&self) -> Connection<'a> {
        Connection {
            id: self.id,
            name: self.name,
            channel: self.channel,
            settings: match self.wish {
                Wish::Settings(settings) => settings,
                Wish::Known(_) => None,
            },
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
