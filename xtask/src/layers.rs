//! Whether the crates still lie over each other as ARCHITECTURE.md says: what each must never depend on,
//! directly or through another crate.

use anyhow::bail;

use crate::run::{cargo, output};

/// A crate, and what it must stay without.
const LAYERS: [(&str, &[&str]); 3] = [
    // A model without I/O and randomness.
    (
        "scim-core",
        &[
            "tokio",
            "sqlx",
            "rusqlite",
            "axum",
            "hyper",
            "reqwest",
            "rand",
            "getrandom",
        ],
    ),
    // To embed, by whoever has other hosts and other pages.
    ("scim-server", &["visitor-console", "visitor-hosts"]),
    // Pages of a server, whatever it serves.
    ("visitor-console", &["visitor-hosts"]),
];

/// Fails when a crate depends on what it must not.
pub(crate) fn check() -> anyhow::Result<()> {
    for (name, without) in LAYERS {
        let options = "--edges normal --all-features --locked --prefix none";
        let tree = format!("tree --package {name} {options}");
        let tree = output(cargo().args(tree.split(' ')))?;
        let found = forbidden(&tree, without);
        if !found.is_empty() {
            bail!(
                "{name} now depends on {}; `cargo tree -p {name} -e normal` shows through what",
                found.join(", ")
            );
        }
        println!("{name} depends on none of {}", without.join(", "));
    }
    Ok(())
}

fn forbidden<'t>(tree: &'t str, without: &[&str]) -> Vec<&'t str> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| without.contains(name))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_whole() {
        let tree = "scim-core v0.1.0 (/a)\nrand_core v0.9.0\ntokio-util v0.7.0";
        assert!(forbidden(tree, &["rand", "tokio"]).is_empty());
    }

    #[test]
    fn each_is_named_once() {
        assert_eq!(
            forbidden(
                "tokio v1.0.0\nrand v0.9.0\ntokio v1.0.0 (*)",
                &["rand", "tokio"]
            ),
            ["rand", "tokio"]
        );
    }
}
