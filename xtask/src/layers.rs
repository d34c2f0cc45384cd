//! Whether scim-core is still a model without I/O: what it must never depend
//! on, directly or through another crate.

use anyhow::bail;

use crate::run::{cargo, output};

const FORBIDDEN: [&str; 8] = [
    "tokio",
    "sqlx",
    "rusqlite",
    "axum",
    "hyper",
    "reqwest",
    "rand",
    "getrandom",
];

/// Fails when scim-core's dependencies contain an I/O crate or randomness.
pub(crate) fn check() -> anyhow::Result<()> {
    let tree = "tree --package scim-core --edges normal --all-features --locked --prefix none";
    let tree = output(cargo().args(tree.split(' ')))?;
    let found = forbidden(&tree);
    if !found.is_empty() {
        bail!(
            "scim-core must stay without I/O but now depends on {}; `cargo tree -p scim-core -e normal` shows through what",
            found.join(", ")
        );
    }
    println!("scim-core has no I/O among its dependencies");
    Ok(())
}

fn forbidden(tree: &str) -> Vec<&str> {
    let mut found: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| FORBIDDEN.contains(name))
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
        assert!(forbidden("scim-core v0.1.0 (/a)\nrand_core v0.9.0\ntokio-util v0.7.0").is_empty());
    }

    #[test]
    fn each_is_named_once() {
        assert_eq!(
            forbidden("tokio v1.0.0\nrand v0.9.0\ntokio v1.0.0 (*)"),
            ["rand", "tokio"]
        );
    }
}
