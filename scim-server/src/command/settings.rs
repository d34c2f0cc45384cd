//! Which value counts: a flag, the environment, the file, or the default.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::Product;
use super::arguments::{Options, ServeOptions};
use super::certificate::Files;
use super::limits::LimitOptions;
use crate::Limits;
use crate::edge::Edge;
use crate::outbound::HostPort;
use crate::telemetry::LogFormat;

const LISTEN: &str = "127.0.0.1:8080";
const DRAIN_S: u16 = 1;
const LOG: &str = "info";

/// What a command works with. No `Debug`: a database URL may hold a password.
pub(super) struct Settings {
    pub(super) database: String,
    /// A folder with further resource types.
    pub(super) schemas: Option<PathBuf>,
    /// The key that signs the audit log; `None` where nobody says so and the database is no file.
    pub(super) audit_key: Option<PathBuf>,
    /// As it was given.
    pub(super) listen: String,
    /// `None`: as the address that is listened on.
    pub(super) public_url: Option<String>,
    /// `None`: plain HTTP.
    pub(super) certificate: Option<Files>,
    /// Connections, without the certificate.
    pub(super) edge: Edge,
    pub(super) limits: Limits,
    /// Private addresses that may be asked.
    pub(super) allow_private_outbound: Vec<HostPort>,
    /// Between the signal to stop and the end of the listener.
    pub(super) drain: Duration,
    pub(super) log: String,
    pub(super) log_format: LogFormat,
}

impl Settings {
    /// Flags and environment, which clap has merged, before the file, before the defaults.
    pub(super) fn read(
        product: Product,
        options: &Options,
        serve: &ServeOptions,
    ) -> anyhow::Result<Settings> {
        let file = match &options.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        let public_url = serve.public_url.clone().or(file.public_url);
        if let Some(url) = &public_url {
            check_public_url(url)?;
        }
        let certificate = Files::of(
            serve.tls_cert.clone().or(file.tls_cert),
            serve.tls_key.clone().or(file.tls_key),
        )?;
        let limits = serve.limits.or(file.limits);
        let mut edge = limits.of_connections();
        edge.trusted_proxies = listed(&serve.trusted_proxy, "trusted_proxy", &file.trusted_proxy)?;
        let allow_private_outbound = listed(
            &serve.allow_private_outbound,
            "allow_private_outbound",
            &file.allow_private_outbound,
        )?;
        let drain_s = serve.drain_seconds.or(file.drain_seconds);
        let database = options.database.clone().or(file.database);
        let database = database.unwrap_or_else(|| product.default_database.to_owned());
        let audit_key = options.audit_key.clone().or(file.audit_key);
        Ok(Settings {
            schemas: options.schemas.clone().or(file.schemas),
            audit_key: audit_key.or_else(|| beside(&database)),
            database,
            listen: serve
                .listen
                .clone()
                .or(file.listen)
                .unwrap_or_else(|| LISTEN.to_owned()),
            public_url,
            certificate,
            edge,
            limits: limits.of_requests(),
            allow_private_outbound,
            drain: Duration::from_secs(drain_s.unwrap_or(DRAIN_S).into()),
            log: options
                .log
                .clone()
                .or(file.log)
                .unwrap_or_else(|| LOG.to_owned()),
            log_format: options.log_format.or(file.log_format).unwrap_or_default(),
        })
    }

    /// The addresses that `listen` stands for; a name may have several.
    pub(super) fn addresses(&self) -> anyhow::Result<Vec<SocketAddr>> {
        let found = self.listen.to_socket_addrs();
        let mut found: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
        if found.is_empty() {
            bail!(
                "cannot listen on {:?}: give an address and a port, such as 127.0.0.1:8080 or \
                 localhost:8080 (--listen, SCIM_LISTEN, or `listen` in the file)",
                self.listen
            );
        }
        // Where a name stands for both, more clients try IPv4.
        found.sort_by_key(SocketAddr::is_ipv6);
        Ok(found)
    }
}

/// The audit key beside a database file.
fn beside(database: &str) -> Option<PathBuf> {
    let path = database.strip_prefix("sqlite://")?;
    Some(PathBuf::from(format!("{path}.audit-key")))
}

/// What was given on the command line, else what stands in the file under this name.
fn listed<T>(given: &[T], name: &str, in_file: &[String]) -> anyhow::Result<Vec<T>>
where
    T: Clone + FromStr<Err = String>,
{
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let parsed = in_file.iter().map(|text| text.parse());
    parsed
        .map(|item| item.map_err(|wrong| anyhow::anyhow!("{name}: {wrong}")))
        .collect()
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    schemas: Option<PathBuf>,
    audit_key: Option<PathBuf>,
    listen: Option<String>,
    public_url: Option<String>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    #[serde(default)]
    trusted_proxy: Vec<String>,
    #[serde(default)]
    allow_private_outbound: Vec<String>,
    drain_seconds: Option<u16>,
    #[serde(default)]
    limits: LimitOptions,
    log: Option<String>,
    log_format: Option<LogFormat>,
}

impl File {
    fn read(path: &Path) -> anyhow::Result<File> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        // Its message alone: the whole error would show the line, and with it a password.
        toml::from_str(&text).map_err(|error| anyhow::anyhow!("{shown}: {}", error.message()))
    }
}

fn check_public_url(url: &str) -> anyhow::Result<()> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = rest.map(|rest| rest.trim_end_matches('/'));
    let well_formed = host.is_some_and(|host| {
        !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_graphic())
            && !host.contains(['?', '#', '"'])
    });
    if !well_formed {
        bail!("the public URL {url:?} must look like https://scim.example.org");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scim.toml");
        std::fs::write(&path, text).unwrap();
        match File::read(&path) {
            Ok(_) => "ok".to_owned(),
            Err(error) => {
                let place = format!("{}: ", folder.path().join("scim.toml").display());
                error.to_string().replace(&place, "")
            }
        }
    }

    #[test]
    fn files_are_read_strictly() {
        assert_eq!(refused(""), "ok");
        assert_eq!(
            refused("database = \"sqlite://a\"\nlisten = \"0.0.0.0:80\"\nlog_format = \"json\""),
            "ok"
        );
        assert_eq!(
            refused("databse = \"sqlite://a\""),
            "unknown field `databse`, expected one of `database`, `schemas`, `audit_key`, `listen`, `public_url`, `tls_cert`, `tls_key`, `trusted_proxy`, `allow_private_outbound`, `drain_seconds`, `limits`, `log`, `log_format`"
        );
        assert_eq!(
            refused(
                "trusted_proxy = [\"10.0.0.0/8\"]\n[limits]\nrate_limit = 50\nhead_seconds = 2"
            ),
            "ok"
        );
        assert_eq!(
            refused("listen = 8080"),
            "invalid type: integer `8080`, expected a string"
        );
        assert!(refused("[limits]\nrate = 50").starts_with("unknown field `rate`"));
    }

    #[test]
    fn public_urls_are_addresses() {
        for good in ["https://a.example", "http://127.0.0.1:8080/", "https://a/b"] {
            assert!(check_public_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a",
            "https://",
            "https://a b",
            "https://a?b",
        ] {
            assert!(check_public_url(bad).is_err(), "{bad}");
        }
    }
}
