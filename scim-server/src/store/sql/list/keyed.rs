//! All resources of a type in the order of a key table, those without a key at one end; or those whose key has a
//! beginning, which stand side by side there.

use scim_core::filter::{Comparison, Operator};
use scim_core::path::KeyPath;
use scim_core::schema::Type;
use scim_core::sort::SortKey;
use scim_core::{ResourceType, SortOrder, TypedFilter};

use super::{measure, narrow};
use crate::Error;
use crate::store::sql::Scope;
use crate::store::sql::resources::{self, COLUMNS};
use crate::store::sql::statement::{Row, Statement};
use crate::store::{ListPart, ListQuery, Page, Place, Seek, Start, Stored, Way};

pub(super) struct Keyed<'q> {
    query: &'q ListQuery<'q>,
    kind: &'q str,
    table: &'static str,
    attribute: &'q str,
    order: SortOrder,
    within: Option<Within>,
}

/// The keys with a beginning.
struct Within {
    from: String,
    /// The least text after all of them, if there is one.
    to: Option<String>,
}

/// Resources with a key follow it; those without one stand after them where the order ascends.
#[derive(Clone, Copy, PartialEq)]
enum Run {
    WithKey,
    WithoutKey,
}

/// Which rows of a run are read.
#[derive(Clone, Copy)]
enum Rows<'q> {
    /// Those after so many.
    Offset(usize),
    /// Those on one side of a place, or all where it lies in another run.
    Beside(Way, Option<&'q Place>),
}

impl<'q> Keyed<'q> {
    /// An order of keys is that of the resources where each has one text at most.
    pub(super) fn of(
        query: &'q ListQuery<'q>,
        part: &'q ListPart<'q>,
        order: SortOrder,
    ) -> Option<Keyed<'q>> {
        let path = part.sort?.path();
        let resource_type = part.resource_type;
        let within = match part.filter {
            None => None,
            Some(filter) => Some(Within::of(filter, path)?),
        };
        let usable = path.kind() == Type::String && has_one_value(resource_type, path.key());
        let has = |paths: &[KeyPath]| paths.iter().any(|indexed| indexed == path);
        let table = match () {
            () if !usable => return None,
            () if has(resource_type.unique()) => "unique_key",
            () if has(resource_type.indexed()) => "lookup_key",
            () => return None,
        };
        Some(Keyed {
            query,
            kind: resource_type.name(),
            table,
            attribute: path.key(),
            order,
            within,
        })
    }

    pub(super) async fn list(&self, scope: &mut Scope<'_>) -> Result<Page, Error> {
        match self.query.start {
            Start::First => self.after(scope, 0).await,
            Start::Offset(offset) => self.after(scope, offset).await,
            Start::At(seek) => self.beside(scope, seek).await,
        }
    }

    /// The page after so many resources, and how many there are.
    async fn after(&self, scope: &mut Scope<'_>, offset: usize) -> Result<Page, Error> {
        let count = self.query.count;
        let total = match self.within {
            None => measure::total(scope, self.kind, self.query.owner).await?,
            Some(_) => self.count(scope).await?,
        };
        let mut resources = Vec::new();
        if count > 0 && offset < total {
            match self.order {
                SortOrder::Ascending => {
                    resources = self.with_key(scope, Rows::Offset(offset), count).await?;
                    if resources.len() < count && offset + resources.len() < total {
                        let with_key = match resources.len() {
                            0 => self.count(scope).await?,
                            found => offset + found,
                        };
                        let rows = Rows::Offset(offset.saturating_sub(with_key));
                        let rest = count - resources.len();
                        resources.extend(self.without_key(scope, rows, rest).await?);
                    }
                }
                SortOrder::Descending => {
                    let without_key = match self.within {
                        None => total.saturating_sub(self.count(scope).await?),
                        Some(_) => 0,
                    };
                    if offset < without_key {
                        resources = self.without_key(scope, Rows::Offset(offset), count).await?;
                    }
                    let rows = Rows::Offset(offset.saturating_sub(without_key));
                    let rest = count.saturating_sub(resources.len());
                    if rest > 0 {
                        resources.extend(self.with_key(scope, rows, rest).await?);
                    }
                }
            }
        }
        Ok(Page {
            total,
            examined: resources.len(),
            more: offset.saturating_add(resources.len()) < total,
            resources,
        })
    }

    /// The page on one side of a place. One more than it takes is looked for, and nothing is
    /// counted.
    async fn beside(&self, scope: &mut Scope<'_>, seek: Seek<'q>) -> Result<Page, Error> {
        let mut runs = match self.order {
            SortOrder::Ascending => [Run::WithKey, Run::WithoutKey],
            SortOrder::Descending => [Run::WithoutKey, Run::WithKey],
        };
        if seek.way == Way::Backward {
            runs.reverse();
        }
        let of_place = match seek.place.key {
            SortKey::Missing => Run::WithoutKey,
            _ => Run::WithKey,
        };
        let count = self.query.count;
        let wanted = count.saturating_add(1);
        let mut found: Vec<Stored> = Vec::new();
        let mut place = Some(seek.place);
        for run in runs.into_iter().skip_while(|run| *run != of_place) {
            let rows = Rows::Beside(seek.way, place.take());
            let rest = wanted - found.len();
            found.extend(match run {
                Run::WithoutKey if self.within.is_some() => break,
                Run::WithKey => self.with_key(scope, rows, rest).await?,
                Run::WithoutKey => self.without_key(scope, rows, rest).await?,
            });
            if found.len() >= wanted {
                break;
            }
        }
        let examined = found.len();
        let more = found.len() > count;
        found.truncate(count);
        if seek.way == Way::Backward {
            found.reverse();
        }
        Ok(Page {
            total: seek.total,
            examined,
            more,
            resources: found,
        })
    }

    /// Begins with the key, which is in front; SQLite keeps that order for a CROSS JOIN.
    async fn with_key(
        &self,
        scope: &mut Scope<'_>,
        rows: Rows<'_>,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let table = self.table;
        let statement = self.keyed(scope, COLUMNS, &format!("{table} k CROSS JOIN resource r"));
        let statement = statement.text("\n AND r.tenant_id = $1 AND r.kind = $2 AND r.id = k.id");
        let mut statement = resources::owned(statement, self.query.owner);
        let way = match rows {
            Rows::Offset(_) => Way::Forward,
            Rows::Beside(way, _) => way,
        };
        let (order, beyond) = match (self.order, way) {
            (SortOrder::Ascending, Way::Forward) => ("k.value, k.id", Beyond::Pair(">")),
            (SortOrder::Ascending, Way::Backward) => ("k.value DESC, k.id DESC", Beyond::Pair("<")),
            (SortOrder::Descending, Way::Forward) => {
                ("k.value DESC, k.id", Beyond::Mixed("<", ">"))
            }
            (SortOrder::Descending, Way::Backward) => {
                ("k.value, k.id DESC", Beyond::Mixed(">", "<"))
            }
        };
        if let Rows::Beside(_, Some(place)) = rows {
            let SortKey::Text(value) = &place.key else {
                return Ok(Vec::new());
            };
            let (value, id) = (value.as_str(), place.id);
            statement = match beyond {
                Beyond::Pair(sign) => statement
                    .text(&format!("\n AND (k.value, k.id) {sign} ("))
                    .arg(value)
                    .text(", ")
                    .arg(id)
                    .text(")"),
                Beyond::Mixed(value_sign, id_sign) => statement
                    .text(&format!("\n AND k.value {value_sign}= "))
                    .arg(value)
                    .text(&format!(" AND (k.value {value_sign} "))
                    .arg(value)
                    .text(&format!(" OR k.id {id_sign} "))
                    .arg(id)
                    .text(")"),
            };
        }
        self.page(scope, statement, order, rows, count).await
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
        let statement = Statement::new(format!(
            "SELECT {columns}\n\
             FROM {from}\n\
             WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value > ''"
        ))
        .bind(scope.tenant)
        .bind(self.kind)
        .bind(self.attribute);
        let Some(Within { from, to }) = &self.within else {
            return statement;
        };
        let statement = statement.text(" AND k.value >= ").arg(from.as_str());
        match to {
            Some(to) => statement.text(" AND k.value < ").arg(to.as_str()),
            None => statement,
        }
    }

    async fn without_key(
        &self,
        scope: &mut Scope<'_>,
        rows: Rows<'_>,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let table = self.table;
        // No index finds the keys of one resource: those of all are told apart at once.
        let statement = Statement::new(format!(
            "SELECT {COLUMNS}\n\
             FROM resource r\n\
             WHERE r.tenant_id = $1 AND r.kind = $2\n \
             AND r.id IN (\n \
             SELECT o.id FROM resource o\n \
             WHERE o.tenant_id = $1 AND o.kind = $2\n \
             EXCEPT\n \
             SELECT k.id FROM {table} k\n \
             WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value > '')"
        ))
        .bind(scope.tenant)
        .bind(self.kind)
        .bind(self.attribute);
        let mut statement = resources::owned(statement, self.query.owner);
        let (order, beyond) = match rows {
            Rows::Offset(_) | Rows::Beside(Way::Forward, _) => ("r.id", " AND r.id > "),
            Rows::Beside(Way::Backward, _) => ("r.id DESC", " AND r.id < "),
        };
        if let Rows::Beside(_, Some(place)) = rows {
            statement = statement.text(beyond).arg(place.id);
        }
        self.page(scope, statement, order, rows, count).await
    }

    async fn page(
        &self,
        scope: &mut Scope<'_>,
        statement: Statement,
        order: &str,
        rows: Rows<'_>,
        count: usize,
    ) -> Result<Vec<Stored>, Error> {
        let mut statement = statement.text("\nORDER BY ").text(order).limit(count);
        if let Rows::Offset(offset) = rows {
            let offset = i64::try_from(offset).unwrap_or(i64::MAX);
            statement = statement.text(" OFFSET ").arg(offset);
        }
        let rows = scope.fetch("resource", statement).await?;
        rows.into_iter().map(resources::read).collect()
    }
}

impl Within {
    /// The keys that a filter asks for, where it asks for a beginning of this attribute and for nothing else.
    fn of(filter: &TypedFilter, path: &KeyPath) -> Option<Within> {
        let TypedFilter::Compare(Comparison {
            path: compared,
            operator: Operator::Sw,
            operand,
        }) = filter
        else {
            return None;
        };
        // No text that is stored holds U+0000, and PostgreSQL does not take it as an argument.
        let from = operand
            .as_text()
            .filter(|from| !from.is_empty() && !from.contains('\0'))?;
        let is_same = compared.filter.is_none() && compared.key() == path.key();
        is_same.then(|| Within {
            from: from.to_owned(),
            to: narrow::after_all_with(from),
        })
    }
}

/// How what lies beyond a place is said, so that an index finds it.
enum Beyond {
    /// Value and id run the same way.
    Pair(&'static str),
    /// Value and id run against each other.
    Mixed(&'static str, &'static str),
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
