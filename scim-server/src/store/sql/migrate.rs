//! Which schema version a database has, and the steps to ours.

use super::OpenError;

/// The schema version of this program.
pub const LATEST: i64 = 10;

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version it found; 0 for an empty database.
    pub from: i64,
    /// The version it left.
    pub to: i64,
}

pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// The same file name in both folders.
macro_rules! migration {
    ($version:literal, $name:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// In order. A released migration never changes; a new one is appended.
const MIGRATIONS: [Migration; 10] = [
    migration!(1, "0001_base"),
    migration!(2, "0002_token_policy"),
    migration!(3, "0003_idempotency"),
    migration!(4, "0004_tenant_key"),
    migration!(5, "0005_trust"),
    migration!(6, "0006_growth"),
    migration!(7, "0007_connections"),
    migration!(8, "0008_checkpoint"),
    migration!(9, "0009_writes"),
    migration!(10, "0010_sessions"),
];

pub(super) const VERSION_TABLE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    applied INTEGER NOT NULL
) STRICT";

pub(super) const VERSION_TABLE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    applied BIGINT NOT NULL
)";

pub(super) const VERSION: &str = "SELECT coalesce(max(version), 0)\nFROM schema_version";

pub(super) const RECORD_SQLITE: &str = "INSERT INTO schema_version
(version, name, applied)
VALUES (?1, ?2, ?3)";

pub(super) const RECORD_POSTGRES: &str = "INSERT INTO schema_version
(version, name, applied)
VALUES ($1, $2, $3)";

/// The steps from a version to ours; none when it is ours, an error when it is newer.
pub(super) fn pending(from: i64) -> Result<impl Iterator<Item = &'static Migration>, OpenError> {
    if from > LATEST {
        return Err(OpenError::Newer {
            found: from,
            known: LATEST,
        });
    }
    Ok(MIGRATIONS
        .iter()
        .filter(move |migration| migration.version > from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_up_and_both_folders_hold_the_same_files() {
        let files = |folder: &str| {
            let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut names: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let named: Vec<String> = MIGRATIONS
            .iter()
            .map(|migration| format!("{}.sql", migration.name))
            .collect();
        assert_eq!(files("sqlite"), named);
        assert_eq!(files("postgres"), named);
        let versions: Vec<i64> = MIGRATIONS.iter().map(|m| m.version).collect();
        assert!(
            versions.is_sorted_by(|one, next| one < next),
            "{versions:?}"
        );
        assert_eq!(versions.last(), Some(&LATEST));
    }

    #[test]
    fn a_newer_database_is_refused() {
        assert!(pending(LATEST).is_ok_and(|mut steps| steps.next().is_none()));
        assert!(matches!(
            pending(LATEST + 1).map(Iterator::count),
            Err(OpenError::Newer { .. })
        ));
    }
}
