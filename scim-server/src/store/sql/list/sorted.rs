//! Sorted lists (RFC 7644 §3.4.2.3).
//!
//! All resources of a type come in the order of a key table, where their attribute has one.
//! Everything else is matched, ranked in memory, up to [`SORTED_MAX`](crate::store::answer::SORTED_MAX)
//! matches, and only the page is read whole.

use scim_core::path::KeyPath;
use scim_core::schema::Type;
use scim_core::{ResourceType, SortOrder};

use super::matches::Matches;
use crate::Error;
use crate::store::answer::Ranking;
use crate::store::sql::resources::{self, COLUMNS};
use crate::store::sql::statement::{Row, Statement};
use crate::store::sql::{Lock, Scope};
use crate::store::{ListPart, ListQuery, Page, Stored};

pub(super) async fn list(
    scope: &mut Scope<'_>,
    query: &ListQuery<'_>,
    order: SortOrder,
) -> Result<Page, Error> {
    if let [part] = query.parts
        && let Some(keys) = KeyOrder::of(query, part, order)
    {
        return keys.list(scope).await;
    }
    let mut ranking = Ranking::new(order);
    let mut examined = 0;
    for part in query.parts {
        let mut matches = Matches::of(scope, query, part).await?;
        while let Some(piece) = matches.next(scope).await? {
            for (stored, document) in piece {
                ranking.add(part, stored.id, &document)?;
            }
        }
        examined += matches.examined();
    }
    let total = ranking.total();
    let ids = ranking.page(query.offset, query.count);
    let mut resources = resources::by_ids(scope, &ids, Lock::None).await?;
    resources.sort_by_key(|stored| ids.iter().position(|id| *id == stored.id));
    Ok(Page {
        total,
        examined: examined + resources.len(),
        resources,
    })
}

/// All resources of a type in the order of a key table, those without a key at their end.
struct KeyOrder<'q> {
    query: &'q ListQuery<'q>,
    kind: &'q str,
    table: &'static str,
    attribute: &'q str,
    order: SortOrder,
}

impl<'q> KeyOrder<'q> {
    /// An order of keys is that of the resources where each has one text at most.
    fn of(
        query: &'q ListQuery<'q>,
        part: &'q ListPart<'q>,
        order: SortOrder,
    ) -> Option<KeyOrder<'q>> {
        let path = part.sort?.path();
        let resource_type = part.resource_type;
        let usable = part.filter.is_none()
            && path.kind() == Type::String
            && has_one_value(resource_type, path.key());
        let has = |paths: &[KeyPath]| paths.iter().any(|indexed| indexed == path);
        let table = match () {
            () if !usable => return None,
            () if has(resource_type.unique()) => "unique_key",
            () if has(resource_type.indexed()) => "lookup_key",
            () => return None,
        };
        Some(KeyOrder {
            query,
            kind: resource_type.name(),
            table,
            attribute: path.key(),
            order,
        })
    }

    async fn list(&self, scope: &mut Scope<'_>) -> Result<Page, Error> {
        let ListQuery { offset, count, .. } = *self.query;
        let total = resources::count(scope, self.kind, self.query.owner).await?;
        let mut resources = Vec::new();
        if count > 0 && offset < total {
            match self.order {
                SortOrder::Ascending => {
                    resources = self.with_key(scope, offset, count).await?;
                    if resources.len() < count && offset + resources.len() < total {
                        let with_key = match resources.len() {
                            0 => self.count(scope).await?,
                            found => offset + found,
                        };
                        let offset = offset.saturating_sub(with_key);
                        let rest = count - resources.len();
                        resources.extend(self.without_key(scope, offset, rest).await?);
                    }
                }
                SortOrder::Descending => {
                    let without_key = total.saturating_sub(self.count(scope).await?);
                    if offset < without_key {
                        resources = self.without_key(scope, offset, count).await?;
                    }
                    let offset = offset.saturating_sub(without_key);
                    let rest = count.saturating_sub(resources.len());
                    if rest > 0 {
                        resources.extend(self.with_key(scope, offset, rest).await?);
                    }
                }
            }
        }
        Ok(Page {
            total,
            examined: resources.len(),
            resources,
        })
    }

    /// Begins with the key, which is in front; SQLite keeps that order for a CROSS JOIN.
    async fn with_key(
        &self,
        scope: &mut Scope<'_>,
        offset: usize,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let table = self.table;
        let statement = self.keyed(scope, COLUMNS, &format!("{table} k CROSS JOIN resource r"));
        let statement = statement.text("\n AND r.tenant_id = $1 AND r.kind = $2 AND r.id = k.id");
        let statement = resources::owned(statement, self.query.owner);
        let order = match self.order {
            SortOrder::Ascending => "k.value, k.id",
            SortOrder::Descending => "k.value DESC, k.id",
        };
        self.page(scope, statement, order, offset, count).await
    }

    async fn count(&self, scope: &mut Scope<'_>) -> Result<usize, Error> {
        let table = self.table;
        let statement = match (self.query.owner, table) {
            (None, _) => self.keyed(scope, "count(*)", &format!("{table} k")),
            // The scope of a unique key is its owner.
            (Some(owner), "unique_key") => self
                .keyed(scope, "count(*)", &format!("{table} k"))
                .text(" AND k.scope = ")
                .arg(owner.0),
            (Some(_), _) => {
                let from = format!("{table} k CROSS JOIN resource r");
                let statement = self.keyed(scope, "count(*)", &from);
                let statement = statement.text("\n AND r.tenant_id = $1 AND r.id = k.id");
                resources::owned(statement, self.query.owner)
            }
        };
        let mut rows = scope.fetch(table, statement).await?;
        let count = rows.first_mut().map_or(Ok(0), Row::int)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Of these tables, the rows of the attribute's keys `k`.
    fn keyed(&self, scope: &Scope<'_>, columns: &str, from: &str) -> Statement {
        Statement::new(&format!(
            "SELECT {columns}\n\
             FROM {from}\n\
             WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value > ''"
        ))
        .bind(scope.tenant)
        .bind(self.kind)
        .bind(self.attribute)
    }

    async fn without_key(
        &self,
        scope: &mut Scope<'_>,
        offset: usize,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let table = self.table;
        let statement = Statement::new(&format!(
            "SELECT {COLUMNS}\n\
             FROM resource r\n\
             WHERE r.tenant_id = $1 AND r.kind = $2\n \
             AND NOT EXISTS (\n \
             SELECT 1 FROM {table} k\n \
             WHERE k.tenant_id = $1 AND k.id = r.id AND k.attribute = $3 AND k.value > '')"
        ))
        .bind(scope.tenant)
        .bind(self.kind)
        .bind(self.attribute);
        let statement = resources::owned(statement, self.query.owner);
        self.page(scope, statement, "r.id", offset, count).await
    }

    async fn page(
        &self,
        scope: &mut Scope<'_>,
        statement: Statement,
        order: &str,
        offset: usize,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let statement = statement
            .text("\nORDER BY ")
            .text(order)
            .text("\nLIMIT ")
            .arg(i64::try_from(count).unwrap_or(i64::MAX))
            .text(" OFFSET ")
            .arg(i64::try_from(offset).unwrap_or(i64::MAX));
        let rows = scope.fetch("resource", statement).await?;
        rows.into_iter().map(resources::read).collect()
    }
}

/// Is this a path of the core schema on which no list lies?
fn has_one_value(resource_type: &ResourceType, key: &str) -> bool {
    let (name, sub) = match key.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (key, None),
    };
    let Some(attribute) = resource_type.attribute(name) else {
        return false;
    };
    let sub_has_one = |sub| attribute.sub(sub).is_some_and(|sub| !sub.multi_valued);
    !attribute.multi_valued && sub.is_none_or(sub_has_one)
}
