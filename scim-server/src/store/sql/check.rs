//! Does everything that is stored agree? For `check` on the command line, and for tests that
//! pull the plug.

use async_trait::async_trait;

use super::Scope;
use super::statement::Statement;
use crate::Error;
use crate::store::{Transaction, Unit};

/// Finds contradictions between the tables of one tenant.
pub(super) struct Check;

#[async_trait]
impl Unit for Check {
    type Output = Vec<String>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<String>, Error> {
        tx.contradictions().await
    }

    fn scans(&self) -> bool {
        true
    }
}

/// What must not exist: a sentence, and the statement that counts it.
const QUESTIONS: [(&str, &str); 6] = [
    (
        "resources whose version is not that of their newest change",
        "SELECT count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.version <> (\n \
         SELECT coalesce(max(c.version), 0) FROM change c\n \
         WHERE c.tenant_id = $1 AND c.resource = r.id AND c.what <> 'refused')",
    ),
    (
        "resources with fewer or more changes than versions",
        "SELECT count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.version <> (\n \
         SELECT count(*) FROM change c\n \
         WHERE c.tenant_id = $1 AND c.resource = r.id AND c.what <> 'refused')",
    ),
    (
        "created resources that are gone without a change that deleted them",
        "SELECT count(*)\n\
         FROM change c\n\
         WHERE c.tenant_id = $1 AND c.what = 'created'\n \
         AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.tenant_id = $1 AND r.id = c.resource)\n \
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
        "changes without a body",
        "SELECT count(*)\n\
         FROM change c\n\
         WHERE c.tenant_id = $1 AND NOT EXISTS (\n \
         SELECT 1 FROM change_body b WHERE b.tenant_id = $1 AND b.id = c.id)",
    ),
    (
        "seals whose sequence has a gap, or changes marked as sealed without a seal",
        "SELECT (SELECT coalesce(max(s.sequence), 0) - count(*) FROM seal s WHERE s.tenant_id = $1)\n \
         + (SELECT count(*) FROM change c WHERE c.tenant_id = $1 AND c.sealed = 1)\n \
         - (SELECT count(*) FROM seal s WHERE s.tenant_id = $1)",
    ),
];

pub(super) async fn contradictions(scope: &mut Scope<'_>) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for (sentence, text) in QUESTIONS {
        let statement = Statement::new(text).bind(scope.tenant);
        let mut rows = scope.fetch("resource", statement).await?;
        let count = rows.first_mut().map_or(Ok(0), super::statement::Row::int)?;
        if count != 0 {
            found.push(format!("{count} {sentence}"));
        }
    }
    Ok(found)
}
