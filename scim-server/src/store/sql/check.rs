//! Does everything that is stored agree? For `check` on the command line, and for tests that
//! pull the plug.

use async_trait::async_trait;

use std::collections::BTreeSet;

use scim_core::{ResourceId, ResourceType};

use super::resources::{self, Candidates};
use super::statement::{Arg, Row, Statement};
use super::{Scope, seals};
use crate::Error;
use crate::store::transaction::key_rows;
use crate::store::write_set::KeyRow;
use crate::store::{Reads, Stored, Transaction, Unit, Way};

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
         WHERE c.tenant_id = $1 AND NOT EXISTS (\n \
         SELECT 1 FROM change_body b WHERE b.tenant_id = $1 AND b.id = c.id)\n \
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
        "changes marked as sealed without a seal, or sealed without the mark",
        "SELECT count(*)\n\
         FROM change c\n\
         LEFT JOIN seal s ON s.tenant_id = $1 AND s.change_id = c.id\n\
         WHERE c.tenant_id = $1 AND (c.sealed = 1) <> (s.sequence IS NOT NULL)",
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
    loop {
        let all = &Candidates::All;
        let piece =
            resources::candidates(scope, kind, None, all, (Way::Forward, after), PIECE).await?;
        let Some(last) = piece.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let unique = stored_keys(scope, "unique_key", "scope", &piece).await?;
        let lookup = stored_keys(scope, "lookup_key", "NULL", &piece).await?;
        let mut expected = (BTreeSet::new(), BTreeSet::new());
        for stored in &piece {
            let (unique, lookup) = key_rows(resource_type, stored, &stored.parse()?)?;
            expected.0.extend(unique);
            expected.1.extend(lookup.into_iter().map(without_scope));
        }
        for (table, stored, expected) in [
            ("unique_key", unique, expected.0),
            ("lookup_key", lookup, expected.1),
        ] {
            for row in stored.symmetric_difference(&expected).take(3) {
                let KeyRow { id, attribute, .. } = row;
                found.push(format!(
                    "{table} does not agree with {attribute} of {kind} {id}"
                ));
            }
        }
    }
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
    piece: &[Stored],
) -> Result<BTreeSet<KeyRow>, Error> {
    let statement = Statement::new(format!(
        "SELECT k.kind, k.attribute, k.value, k.id, {scope_column}\n\
         FROM {table} k\n\
         WHERE k.tenant_id = $1 AND k.id IN "
    ))
    .bind(scope.tenant)
    .tuple(piece.iter().map(|stored| Arg::from(stored.id)));
    let mut found = BTreeSet::new();
    for mut row in scope.fetch(table, statement).await? {
        found.insert(KeyRow {
            kind: row.text()?,
            attribute: row.text()?,
            value: row.text()?,
            id: ResourceId::new(row.uuid()?),
            scope: row.maybe_uuid()?.unwrap_or_default(),
        });
    }
    Ok(found)
}
