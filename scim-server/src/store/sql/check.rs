//! Does everything that is stored agree? For `check` on the command line, and for tests that
//! pull the plug.

use async_trait::async_trait;

use std::collections::BTreeSet;

use scim_core::{ResourceId, ResourceType};

use super::resources::{self, Candidates};
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::{Scope, seals};
use crate::Error;
use crate::store::transaction::key_rows;
use crate::store::write_set::KeyRow;
use crate::store::{Reads, Transaction, Unit, Way};

/// Resources compared at once.
const PIECE: usize = 500;

/// Finds contradictions between the tables of one tenant.
pub(super) struct Check(Vec<ResourceType>);

impl Check {
    pub(super) fn of(types: &[&ResourceType]) -> Check {
        Check(types.iter().copied().cloned().collect())
    }
}

#[async_trait]
impl Unit for Check {
    type Output = Vec<String>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
        tx.contradictions(&self.0).await
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

/// What must not exist: a sentence, and the statement that counts it.
const QUESTIONS: [(&str, &str); 7] = [
    (
        "resources whose version is not that of their newest change",
        "SELECT count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.version <> (\n \
         SELECT coalesce(max(c.version), 0) FROM change c\n \
         WHERE c.tenant_id = $1 AND c.resource = r.id\n \
         AND c.what NOT IN ('refused', 'unchanged', 'erased'))",
    ),
    (
        "resources with fewer or more changes than versions",
        "SELECT count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.version <> (\n \
         SELECT count(*) FROM change c\n \
         WHERE c.tenant_id = $1 AND c.resource = r.id\n \
         AND c.what NOT IN ('refused', 'unchanged', 'erased'))",
    ),
    (
        "created resources that are gone without a change that deleted them",
        "SELECT count(*)\n\
         FROM change c\n\
         WHERE c.tenant_id = $1 AND c.what = 'created'\n \
         AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.tenant_id = $1 AND r.id = c.resource)\n \
         AND NOT EXISTS (SELECT 1 FROM token t WHERE t.tenant_id = $1 AND t.id = c.resource)\n \
         AND NOT EXISTS (SELECT 1 FROM change d\n \
         WHERE d.tenant_id = $1 AND d.resource = c.resource AND d.what = 'deleted')",
    ),
    (
        "member rows whose owner or member is gone",
        "SELECT count(*)\n\
         FROM membership m\n\
         WHERE m.tenant_id = $1\n \
         AND (NOT EXISTS (SELECT 1 FROM resource r WHERE r.tenant_id = $1 AND r.id = m.owner_id)\n \
         OR NOT EXISTS (SELECT 1 FROM resource r WHERE r.tenant_id = $1 AND r.id = m.member_id))",
    ),
    (
        "changes without a body that nobody erased",
        "SELECT count(*)\n\
         FROM change c\n\
         WHERE c.tenant_id = $1 AND c.salt IS NULL\n \
         AND (c.what = 'erased' OR NOT EXISTS (SELECT 1 FROM change e\n \
         WHERE e.tenant_id = $1 AND e.resource IN (c.resource, c.id) AND e.what = 'erased'))",
    ),
    (
        "numbers missing in the sealed sequence",
        "SELECT coalesce(max(s.sequence), 0) - count(*)\n\
         FROM seal s\n\
         WHERE s.tenant_id = $1",
    ),
    (
        "changes that are neither sealed nor wait for it, or both",
        "SELECT count(*)\n\
         FROM change c\n\
         LEFT JOIN seal s ON s.tenant_id = $1 AND s.change_id = c.id\n\
         LEFT JOIN unsealed u ON u.tenant_id = $1 AND u.change_id = c.id\n\
         WHERE c.tenant_id = $1 AND (s.sequence IS NULL) = (u.change_id IS NULL)",
    ),
];

pub(super) async fn contradictions(
    scope: &mut Scope<'_>,
    types: &[ResourceType],
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for (sentence, text) in QUESTIONS {
        let statement = Statement::new(text).bind(scope.tenant);
        let mut rows = scope.fetch("resource", statement).await?;
        let count = rows.first_mut().map_or(Ok(0), Row::int)?;
        if count != 0 {
            found.push(format!("{count} {sentence}"));
        }
    }
    if let Some(sequence) = seals::first_broken_link(scope).await? {
        found.push(format!("the seal chain does not hold at number {sequence}"));
    }
    for resource_type in types {
        keys_agree(scope, resource_type, &mut found).await?;
    }
    Ok(found)
}

/// Compares the key rows of every resource with what its document says.
async fn keys_agree(
    scope: &mut Scope<'_>,
    resource_type: &ResourceType,
    found: &mut Vec<String>,
) -> Result<(), Error> {
    let kind = resource_type.name();
    let mut after = None;
    let mut counts = (0, 0);
    loop {
        let all = &Candidates::All;
        let piece =
            resources::candidates(scope, kind, None, all, (Way::Forward, after), PIECE).await?;
        let Some(last) = piece.last() else {
            break;
        };
        after = Some(last.id);
        let mut expected = (BTreeSet::new(), BTreeSet::new());
        for stored in &piece {
            let (unique, lookup) = key_rows(resource_type, stored, &stored.parse()?)?;
            expected.0.extend(unique);
            expected.1.extend(lookup.into_iter().map(without_scope));
        }
        counts.0 += expected.0.len();
        counts.1 += expected.1.len();
        for (table, scope_column, expected) in [
            ("unique_key", "k.scope", expected.0),
            ("lookup_key", "NULL", expected.1),
        ] {
            let stored = stored_keys(scope, table, scope_column, &expected).await?;
            for row in expected.difference(&stored).take(3) {
                let KeyRow { id, attribute, .. } = row;
                found.push(format!(
                    "{table} does not agree with {attribute} of {kind} {id}"
                ));
            }
        }
    }
    for (table, expected) in [("unique_key", counts.0), ("lookup_key", counts.1)] {
        let statement = Statement::new(format!(
            "SELECT count(*)\nFROM {table}\nWHERE tenant_id = $1 AND kind = $2"
        ))
        .bind(scope.tenant)
        .bind(kind);
        let mut rows = scope.fetch(table, statement).await?;
        let count = rows.first_mut().map_or(Ok(0), Row::int)?;
        let count = usize::try_from(count).unwrap_or(0);
        if count != expected {
            found.push(format!(
                "{table} has {count} rows of {kind}, whose documents have {expected} values"
            ));
        }
    }
    Ok(())
}

/// `lookup_key` has no scope.
fn without_scope(row: KeyRow) -> KeyRow {
    let scope = uuid::Uuid::nil();
    KeyRow { scope, ..row }
}

async fn stored_keys(
    scope: &mut Scope<'_>,
    table: &'static str,
    scope_column: &str,
    expected: &BTreeSet<KeyRow>,
) -> Result<BTreeSet<KeyRow>, Error> {
    let expected: Vec<&KeyRow> = expected.iter().collect();
    let mut found = BTreeSet::new();
    let tenant = scope.tenant;
    for chunk in expected.chunks(BINDS_MAX / 4) {
        let statement =
            Statement::new("WITH wanted (tenant_id, kind, attribute, value) AS (VALUES ")
                .joined(chunk, ", ", |statement, row| {
                    statement.tuple([
                        Arg::from(tenant),
                        Arg::from(row.kind.as_str()),
                        Arg::from(row.attribute.as_str()),
                        Arg::from(row.value.as_str()),
                    ])
                })
                .text(&format!(
                    ")\nSELECT k.kind, k.attribute, k.value, k.id, {scope_column}\n\
                 FROM wanted w\n\
                 CROSS JOIN {table} k\n\
                 WHERE k.tenant_id = $1 AND k.kind = w.kind AND k.attribute = w.attribute\n \
                 AND k.value = w.value"
                ));
        for mut row in scope.fetch(table, statement).await? {
            found.insert(KeyRow {
                kind: row.text()?,
                attribute: row.text()?,
                value: row.text()?,
                id: ResourceId::new(row.uuid()?),
                scope: row.maybe_uuid()?.unwrap_or_default(),
            });
        }
    }
    Ok(found)
}
