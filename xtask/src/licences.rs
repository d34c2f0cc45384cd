//! Whether every crate in the lock file keeps to deny.toml: its licence, its
//! source, and that nobody banned it.
//!
//! cargo-deny answers where it is installed. Elsewhere this file does, from the
//! same lists; it knows fewer of cargo-deny's settings and refuses a deny.toml
//! with others, so that both always give the same answer.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, bail};
use serde_json::Value;
use toml::Table;

use crate::run::{cargo, output, run, succeeds};
use crate::spdx::satisfied;

/// Fails when a crate breaks a rule of deny.toml, and names each that does.
pub(crate) fn check() -> anyhow::Result<()> {
    if succeeds(cargo().args(["deny", "--version"])) {
        let check = "deny --offline --locked check licenses bans sources";
        return run(cargo().args(check.split(' ')));
    }
    let rules = Rules::parse(&fs::read_to_string("deny.toml").context("cannot read deny.toml")?)
        .context("deny.toml says something this check cannot read")?;
    let mut refusals = Vec::new();
    for target in &rules.targets {
        let metadata = "metadata --format-version 1 --all-features --locked --filter-platform";
        let metadata = output(cargo().args(metadata.split(' ')).arg(target))?;
        let packages = packages(&serde_json::from_str(&metadata)?)?;
        println!("{target}: {} crates", packages.len());
        refusals.extend(packages.iter().filter_map(|package| rules.refusal(package)));
    }
    refusals.sort();
    refusals.dedup();
    if !refusals.is_empty() {
        bail!(
            "{}\nchoose another crate, or change deny.toml and give the reason there",
            refusals.join("\n")
        );
    }
    Ok(())
}

/// The settings that are read here, and those whose value is what happens here.
const KNOWN: [&str; 10] = [
    "graph.targets",
    "graph.all-features",
    "licenses.allow",
    "licenses.exceptions",
    "licenses.unused-allowed-license",
    "bans.deny",
    "bans.multiple-versions",
    "sources.allow-registry",
    "sources.unknown-registry",
    "sources.unknown-git",
];

/// What deny.toml permits.
struct Rules {
    targets: Vec<String>,
    licences: Vec<String>,
    /// Licences that single crates may have as well.
    exceptions: BTreeMap<String, Vec<String>>,
    /// Banned crates and why.
    banned: BTreeMap<String, String>,
    registries: Vec<String>,
}

impl Rules {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: Table = toml::from_str(text)?;
        for (section, keys) in &file {
            for key in keys.as_table().into_iter().flat_map(Table::keys) {
                if !KNOWN.contains(&format!("{section}.{key}").as_str()) {
                    bail!(
                        "[{section}] has the key `{key}`; teach it to xtask/src/licences.rs first"
                    );
                }
            }
        }
        let section = |name: &str| {
            let section = file.get(name).and_then(toml::Value::as_table);
            section.with_context(|| format!("[{name}] is missing"))
        };
        let licences = section("licenses")?;
        let mut exceptions = BTreeMap::new();
        for entry in tables(licences, "exceptions")? {
            exceptions.insert(crate_name(entry)?, strings(entry, "allow")?);
        }
        let mut banned = BTreeMap::new();
        for entry in tables(section("bans")?, "deny")? {
            banned.insert(crate_name(entry)?, string(entry, "reason")?);
        }
        Ok(Self {
            targets: strings(section("graph")?, "targets")?,
            licences: strings(licences, "allow")?,
            exceptions,
            banned,
            registries: strings(section("sources")?, "allow-registry")?,
        })
    }

    /// Why the package may not be used.
    fn refusal(&self, package: &Package) -> Option<String> {
        let Package { name, version, .. } = package;
        if let Some(reason) = self.banned.get(name) {
            return Some(format!("{name} {version} is banned: {reason}"));
        }
        if let Some(source) = &package.source {
            let registry = source.strip_prefix("registry+");
            if !registry
                .is_some_and(|registry| self.registries.iter().any(|known| known == registry))
            {
                return Some(format!(
                    "{name} {version} comes from {source}, which is not an accepted registry"
                ));
            }
        }
        let Some(licence) = &package.licence else {
            return Some(format!("{name} {version} names no licence"));
        };
        let excepted = self.exceptions.get(name);
        let accepts = |licence: &str| {
            self.licences
                .iter()
                .chain(excepted.into_iter().flatten())
                .any(|accepted| accepted == licence)
        };
        match satisfied(licence, &accepts) {
            Ok(true) => None,
            Ok(false) => Some(format!(
                "{name} {version} has the licence {licence}, which is not accepted"
            )),
            Err(failure) => Some(format!(
                "{name} {version} has an unreadable licence: {failure}"
            )),
        }
    }
}

/// What is judged of a crate.
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    /// `None` for the crates of this repository.
    source: Option<String>,
}

/// The crates in the answer of `cargo metadata`.
fn packages(metadata: &Value) -> anyhow::Result<Vec<Package>> {
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("`cargo metadata` listed no packages")?;
    let text = |package: &Value, field| Some(package.get(field)?.as_str()?.to_owned());
    packages
        .iter()
        .map(|package| {
            Some(Package {
                name: text(package, "name")?,
                version: text(package, "version")?,
                licence: text(package, "license"),
                source: text(package, "source"),
            })
        })
        .collect::<Option<_>>()
        .context("`cargo metadata` listed a package without name or version")
}

fn tables<'a>(table: &'a Table, key: &str) -> anyhow::Result<Vec<&'a Table>> {
    let Some(list) = table.get(key) else {
        return Ok(Vec::new());
    };
    let entries = list
        .as_array()
        .with_context(|| format!("`{key}` is not a list"))?;
    let tables = entries
        .iter()
        .map(toml::Value::as_table)
        .collect::<Option<_>>();
    tables.with_context(|| format!("`{key}` has an entry that is not written {{ crate = … }}"))
}

fn crate_name(entry: &Table) -> anyhow::Result<String> {
    let name = string(entry, "crate")?;
    if name.contains(['@', ':']) {
        bail!("{name:?} has a version; leave it out, the rule is for all of them");
    }
    Ok(name)
}

fn string(table: &Table, key: &str) -> anyhow::Result<String> {
    let value = table.get(key).and_then(toml::Value::as_str);
    Ok(value
        .with_context(|| format!("`{key}` is missing in {table:?}"))?
        .to_owned())
}

fn strings(table: &Table, key: &str) -> anyhow::Result<Vec<String>> {
    let entries = table.get(key).and_then(toml::Value::as_array);
    let strings = entries
        .with_context(|| format!("`{key}` is missing"))?
        .iter();
    let strings = strings
        .map(|entry| entry.as_str().map(str::to_owned))
        .collect::<Option<_>>();
    strings.with_context(|| format!("`{key}` has an entry that is not a string"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [graph]
        targets = ["x86_64-unknown-linux-gnu"]
        [licenses]
        allow = ["MIT"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
        [bans]
        deny = [{ crate = "openssl", reason = "TLS is rustls" }]
        [sources]
        allow-registry = ["https://index.example"]
    "#;

    /// Why these rules refuse version 1.0.0 of a crate.
    fn check(name: &str, licence: Option<&str>, source: Option<&str>) -> Option<String> {
        let package = Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
            source: source.map(str::to_owned),
        };
        Rules::parse(RULES).unwrap().refusal(&package)
    }

    const INDEX: Option<&str> = Some("registry+https://index.example");

    #[test]
    fn accepted() {
        assert_eq!(check("serde", Some("MIT OR Apache-2.0"), INDEX), None);
        assert_eq!(check("scim-core", Some("MIT"), None), None);
    }

    #[test]
    fn licence() {
        let refusal = check("copied", Some("GPL-3.0-only"), INDEX).unwrap();
        assert_eq!(
            refusal,
            "copied 1.0.0 has the licence GPL-3.0-only, which is not accepted"
        );
    }

    #[test]
    fn no_licence() {
        assert_eq!(
            check("copied", None, INDEX).unwrap(),
            "copied 1.0.0 names no licence"
        );
    }

    #[test]
    fn an_exception_is_for_one_crate() {
        assert_eq!(check("roots", Some("CDLA-Permissive-2.0"), INDEX), None);
        assert!(check("others", Some("CDLA-Permissive-2.0"), INDEX).is_some());
    }

    #[test]
    fn banned() {
        let refusal = check("openssl", Some("MIT"), INDEX).unwrap();
        assert_eq!(refusal, "openssl 1.0.0 is banned: TLS is rustls");
    }

    #[test]
    fn other_sources() {
        for source in [
            "git+https://index.example",
            "registry+https://other.example",
        ] {
            let refusal = check("serde", Some("MIT"), Some(source)).unwrap();
            assert!(refusal.contains("not an accepted registry"), "{refusal}");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let rules = RULES.replace("[bans]", "[bans]\nskip = []");
        let refusal = Rules::parse(&rules).err().unwrap().to_string();
        assert!(refusal.contains("the key `skip`"), "{refusal}");
    }

    #[test]
    fn the_rules_of_this_repository_are_read() {
        assert!(Rules::parse(include_str!("../../deny.toml")).is_ok());
    }

    #[test]
    fn a_rule_for_one_version_is_refused() {
        let rules = RULES.replace("\"openssl\"", "\"openssl@0.10\"");
        assert!(Rules::parse(&rules).is_err());
    }
}
