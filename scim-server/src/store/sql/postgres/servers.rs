//! Which PostgreSQL servers a URL names, and which of them takes writes now.

use std::str::FromStr as _;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use super::super::OpenError;

/// A server that has not said what it is after this time is passed over.
const ANSWER_TIME: Duration = Duration::from_secs(2);
/// `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout`.
const SESSION: [(&str, &str); 3] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "10s"),
];
/// What libpq calls a server that takes writes.
const TARGETS: [&str; 2] = [
    "target_session_attrs=read-write",
    "target_session_attrs=primary",
];

/// The servers of one URL, of which one is the primary and the others follow it. Never empty.
pub(super) struct Servers(Vec<PgConnectOptions>);

/// The server that takes writes.
pub(super) struct Primary {
    pub(super) options: PgConnectOptions,
    /// Another one after a fail-over, and after a restart.
    pub(super) identity: Identity,
}

#[derive(PartialEq, Eq)]
pub(super) struct Identity {
    place: usize,
    started: String,
}

impl Servers {
    /// `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME?…`, as libpq reads it.
    pub(super) fn parse(url: &str) -> Result<Servers, OpenError> {
        let servers = urls(url)?.into_iter().map(|url| {
            let options = PgConnectOptions::from_str(&url).map_err(|error| unreachable(&error))?;
            Ok(options.options(SESSION).application_name("scim-server"))
        });
        Ok(Servers(servers.collect::<Result<_, OpenError>>()?))
    }

    /// Asks all at once; the first that answers and follows no other one.
    pub(super) async fn primary(&self) -> Result<Primary, OpenError> {
        let asked = self.0.iter().enumerate().map(async |(place, options)| {
            let found = match timeout(ANSWER_TIME, started(options)).await {
                Ok(Ok(Some(started))) => Ok(Identity { place, started }),
                Ok(Ok(None)) => Err("follows another server".to_owned()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!("no answer within {} s", ANSWER_TIME.as_secs())),
            };
            match found {
                Ok(identity) => Ok(Primary {
                    options: options.clone(),
                    identity,
                }),
                Err(reason) => Err(format!("{}: {reason}", name(options))),
            }
        });
        let mut asked: FuturesUnordered<_> = asked.collect();
        let mut reasons = Vec::new();
        while let Some(answer) = asked.next().await {
            match answer {
                Ok(primary) => return Ok(primary),
                Err(reason) => reasons.push(reason),
            }
        }
        Err(OpenError::Unreachable {
            reason: reasons.join("; "),
        })
    }
}

/// When the server was started; `None` when it follows another one.
async fn started(options: &PgConnectOptions) -> Result<Option<String>, sqlx::Error> {
    let mut connection = options.connect().await?;
    let (follows, started): (bool, String) =
        sqlx::query_as("SELECT pg_is_in_recovery(), pg_postmaster_start_time()::text")
            .fetch_one(&mut connection)
            .await?;
    connection.close().await?;
    Ok((!follows).then_some(started))
}

/// How the log calls a server.
pub(super) fn name(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("{} port {}", socket.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

pub(super) fn unreachable(error: &sqlx::Error) -> OpenError {
    OpenError::Unreachable {
        reason: error.to_string(),
    }
}

/// One URL for each server. What all have in common stands once in libpq's form; a password may
/// hold a comma, so only the hosts are looked at.
fn urls(url: &str) -> Result<Vec<String>, OpenError> {
    let (scheme, rest) = url.split_once("://").ok_or(OpenError::Url)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user, hosts) = match authority.rfind('@') {
        Some(at) => authority.split_at(at + 1),
        None => ("", authority),
    };
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    let mut parameters = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        if !parameter.starts_with("target_session_attrs=") {
            parameters.push(parameter);
        } else if !TARGETS.contains(&parameter) {
            return Err(OpenError::Target(parameter.to_owned()));
        }
    }
    let query = match parameters.join("&") {
        none if none.is_empty() => none,
        some => format!("?{some}"),
    };
    let one = |host| format!("{scheme}://{user}{host}{path}{query}");
    Ok(hosts.split(',').map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> String {
        match urls(url) {
            Ok(urls) => urls.join(" "),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($url:literal, @$read:literal) => { insta::assert_snapshot!(read($url), @$read) };
    }

    #[test]
    fn one_server() {
        check!("postgres://scim@db/scim", @"postgres://scim@db/scim");
        check!("postgres://", @"postgres://");
        check!("postgres:///scim?host=/run/postgresql", @"postgres:///scim?host=/run/postgresql");
    }

    #[test]
    fn several_servers() {
        check!("postgres://scim:a,b@a:1,b:2/scim?sslmode=require", @"postgres://scim:a,b@a:1/scim?sslmode=require postgres://scim:a,b@b:2/scim?sslmode=require");
        check!("postgresql://[::1]:1,b", @"postgresql://[::1]:1 postgresql://b");
    }

    #[test]
    fn only_a_primary_will_do() {
        check!("postgres://a,b/scim?target_session_attrs=read-write", @"postgres://a/scim postgres://b/scim");
        check!("postgres://a/scim?sslmode=require&target_session_attrs=primary", @"postgres://a/scim?sslmode=require");
        check!("postgres://a/scim?target_session_attrs=standby", @"target_session_attrs=standby asks for a server that takes no writes: write read-write, or leave it out");
    }
}
