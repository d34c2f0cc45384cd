//! Which value counts: a flag, the environment, the file, or the default.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::Product;
use super::arguments::{Options, ServeOptions};
use crate::telemetry::LogFormat;

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const LOG: &str = "info";

/// What a command works with. No `Debug`: a database URL may hold a password.
pub(super) struct Settings {
    pub(super) database: String,
    pub(super) listen: SocketAddr,
    /// `None`: as the address that is listened on.
    pub(super) public_url: Option<String>,
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
        Ok(Settings {
            database: options
                .database
                .clone()
                .or(file.database)
                .unwrap_or_else(|| product.default_database.to_owned()),
            listen: serve.listen.or(file.listen).unwrap_or(LISTEN),
            public_url,
            log: options
                .log
                .clone()
                .or(file.log)
                .unwrap_or_else(|| LOG.to_owned()),
            log_format: options.log_format.or(file.log_format).unwrap_or_default(),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
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
            "unknown field `databse`, expected one of `database`, `listen`, `public_url`, `log`, `log_format`"
        );
        assert_eq!(
            refused("listen = \"here\""),
            "invalid socket address syntax"
        );
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
