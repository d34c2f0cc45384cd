//! The rules of Citus for tables that are distributed by tenant, checked in the parsed statement.
//!
//! Citus sends a statement to the one worker that holds a tenant when every distributed table in
//! it is bound to that tenant. What it then still refuses, or must not be asked, is checked too.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Assignment, AssignmentTarget, BinaryOperator, Delete, Expr, FromTable, Ident, Insert,
    JoinConstraint, JoinOperator, ObjectName, OnConflictAction, OnInsert, Query, Select, SetExpr,
    Statement, TableFactor, TableObject, TableWithJoins, Update, UpdateTableFromKind, Value, Visit,
    Visitor,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

const KEY: &str = "tenant_id";
/// Give the same answer on every worker.
const STABLE_FUNCTIONS: [&str; 4] = ["coalesce", "count", "max", "row_number"];

/// What this statement does that Citus refuses, or answers from more than one worker.
pub(crate) fn broken(text: &str, distributed: &BTreeSet<String>) -> Vec<String> {
    let statements = match Parser::parse_sql(&PostgreSqlDialect {}, text) {
        Ok(statements) => statements,
        Err(error) => return vec![format!("cannot be read: {error}")],
    };
    let mut rules = Rules {
        distributed,
        broken: Vec::new(),
    };
    let _all_seen = statements.visit(&mut rules);
    rules.broken
}

struct Rules<'a> {
    distributed: &'a BTreeSet<String>,
    broken: Vec<String>,
}

impl Visitor for Rules<'_> {
    type Break = ();

    /// Subqueries are visited too: each must be bound by itself.
    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.bound(&select.from, select.selection.as_ref());
        ControlFlow::Continue(())
    }

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        match statement {
            Statement::Query(_) => {}
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            other => self.broken.push(format!("is not expected: {other}")),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr {
            let name = function.name.to_string();
            if !STABLE_FUNCTIONS.contains(&name.as_str()) {
                self.broken.push(format!("calls {name}"));
            }
        }
        ControlFlow::Continue(())
    }
}

impl Rules<'_> {
    fn insert(&mut self, insert: &Insert) {
        let TableObject::TableName(table) = &insert.table else {
            return self
                .broken
                .push("inserts into something else than a table".to_owned());
        };
        if !self.distributed.contains(&table.to_string()) {
            return;
        }
        let place = insert.columns.iter().position(is_key);
        let rows = insert.source.as_deref().map(rows).unwrap_or_default();
        let keys = rows.iter().map(|row| row.get(place.unwrap_or(usize::MAX)));
        if rows.is_empty() || !keys.into_iter().all(|key| key.is_some_and(is_argument)) {
            self.broken
                .push(format!("inserts into {table} without a tenant"));
        }
        if let Some(OnInsert::OnConflict(conflict)) = &insert.on
            && let OnConflictAction::DoUpdate(update) = &conflict.action
        {
            self.assignments(&update.assignments);
        }
    }

    fn update(&mut self, update: &Update) {
        let mut tables = vec![update.table.clone()];
        if let Some(UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from)) =
            &update.from
        {
            tables.extend(from.iter().cloned());
        }
        self.bound(&tables, update.selection.as_ref());
        self.assignments(&update.assignments);
    }

    fn delete(&mut self, delete: &Delete) {
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        let using = delete.using.iter().flatten();
        let tables: Vec<_> = from.iter().chain(using).cloned().collect();
        self.bound(&tables, delete.selection.as_ref());
    }

    /// A row stays with its tenant.
    fn assignments(&mut self, assignments: &[Assignment]) {
        for assignment in assignments {
            let columns = match &assignment.target {
                AssignmentTarget::ColumnName(column) => std::slice::from_ref(column),
                AssignmentTarget::Tuple(columns) => columns,
            };
            if columns.iter().any(is_key) {
                self.broken
                    .push(format!("changes the tenant: {assignment}"));
            }
        }
    }

    /// Every distributed table is bound to the tenant that `$0` names: by itself, or by a table
    /// that is.
    fn bound(&mut self, from: &[TableWithJoins], selection: Option<&Expr>) {
        let mut tables = BTreeMap::new();
        let mut conditions: Vec<&Expr> = selection.into_iter().collect();
        for item in from {
            self.table(&item.relation, &mut tables);
            for join in &item.joins {
                self.table(&join.relation, &mut tables);
                match &join.join_operator {
                    JoinOperator::Join(constraint)
                    | JoinOperator::Inner(constraint)
                    | JoinOperator::Left(constraint)
                    | JoinOperator::CrossJoin(constraint) => match constraint {
                        JoinConstraint::On(on) => conditions.push(on),
                        JoinConstraint::None => {}
                        other => self
                            .broken
                            .push(format!("joins in a way not expected: {other:?}")),
                    },
                    other => self
                        .broken
                        .push(format!("joins in a way not expected: {other:?}")),
                }
            }
        }
        // The table that a `tenant_id` without an alias belongs to: no other one has that column.
        let mut keyed = tables
            .iter()
            .filter(|(_, table)| self.distributed.contains(*table));
        let only = match (keyed.next(), keyed.next()) {
            (Some((alias, _)), None) => Some(alias.as_str()),
            _ => None,
        };
        let equalities = conditions.into_iter().flat_map(equalities);
        let equalities: Vec<_> = equalities
            .filter_map(|(left, right)| Some((end(left, only)?, end(right, only)?)))
            .collect();
        let mut bound = BTreeSet::from([End::Tenant]);
        // As often as one table can bind the next.
        for _ in 0..tables.len() {
            for (left, right) in &equalities {
                if bound.contains(left) || bound.contains(right) {
                    bound.extend([left.clone(), right.clone()]);
                }
            }
        }
        for (alias, table) in tables {
            let is_bound = bound.contains(&End::KeyOf(alias));
            if self.distributed.contains(&table) && !is_bound {
                self.broken.push(format!("reads {table} of every tenant"));
            }
        }
    }

    fn table(&mut self, factor: &TableFactor, tables: &mut BTreeMap<String, String>) {
        match factor {
            TableFactor::Table { name, alias, .. } => {
                let name = name.to_string();
                let alias = alias.as_ref().map(|alias| alias.name.value.clone());
                tables.insert(alias.unwrap_or_else(|| name.clone()), name);
            }
            // What is inside is visited by itself.
            TableFactor::Derived { .. } => {}
            other => self
                .broken
                .push(format!("reads from what is not expected: {other}")),
        }
    }
}

/// What an equality may bind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// `$0`
    Tenant,
    /// The `tenant_id` of a table, by its alias.
    KeyOf(String),
}

fn end(expr: &Expr, only: Option<&str>) -> Option<End> {
    match expr {
        Expr::Value(value) if value.value == Value::Placeholder("$0".to_owned()) => {
            Some(End::Tenant)
        }
        Expr::Identifier(column) if column.value == KEY => {
            only.map(|only| End::KeyOf(only.to_owned()))
        }
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [Ident { value: alias, .. }, column] if column.value == KEY => {
                Some(End::KeyOf(alias.clone()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The equalities that must hold for a row to be looked at.
fn equalities(condition: &Expr) -> Vec<(&Expr, &Expr)> {
    match condition {
        Expr::Nested(inner) => equalities(inner),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => [equalities(left), equalities(right)].concat(),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => vec![(left, right)],
        _ => Vec::new(),
    }
}

fn rows(source: &Query) -> Vec<&[Expr]> {
    match source.body.as_ref() {
        SetExpr::Values(values) => {
            let rows = values.rows.iter();
            rows.map(|row| row.content.as_slice()).collect()
        }
        _ => Vec::new(),
    }
}

fn is_argument(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if value.value == Value::Placeholder("$0".to_owned()))
}

fn is_key(column: &ObjectName) -> bool {
    column.to_string() == KEY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let distributed = ["resource", "change"].map(str::to_owned).into();
        broken(text, &distributed).join("; ")
    }

    macro_rules! check {
        ($text:literal, @$said:literal) => { insta::assert_snapshot!(said($text), @$said) };
    }

    #[test]
    fn bound_to_one_tenant() {
        check!("SELECT id FROM resource WHERE tenant_id = $0 FOR UPDATE", @"");
        check!("SELECT r.id FROM resource r JOIN change c ON c.tenant_id = r.tenant_id WHERE r.tenant_id = $0", @"");
        check!("INSERT INTO resource (id, tenant_id) VALUES ($1, $0), ($3, $0)", @"");
        check!("WITH new (id) AS (VALUES ($2)) UPDATE resource SET id = new.id FROM new WHERE tenant_id = $0", @"");
        check!("SELECT id FROM tenant", @"");
    }

    #[test]
    fn every_tenant() {
        check!("SELECT id FROM resource", @"reads resource of every tenant");
        check!("SELECT id FROM resource WHERE tenant_id = $0 OR id = $2", @"reads resource of every tenant");
        check!("SELECT id FROM resource WHERE tenant_id = $2", @"reads resource of every tenant");
        check!("DELETE FROM resource WHERE id = $1", @"reads resource of every tenant");
        check!("UPDATE resource SET id = $1", @"reads resource of every tenant");
        check!("SELECT r.id FROM resource r JOIN change c ON c.id = r.id WHERE r.tenant_id = $0", @"reads change of every tenant");
        check!("SELECT id FROM resource WHERE tenant_id = $0 AND EXISTS (SELECT 1 FROM change c WHERE c.id = $2)", @"reads change of every tenant");
        check!("INSERT INTO resource (id) VALUES ($1)", @"inserts into resource without a tenant");
        check!("INSERT INTO resource (id, tenant_id) VALUES ($1, $0), ($3, 'a')", @"inserts into resource without a tenant");
    }

    #[test]
    fn what_a_worker_must_not_do() {
        check!("UPDATE resource SET tenant_id = $2 WHERE tenant_id = $0", @"changes the tenant: tenant_id = $2");
        check!("UPDATE resource SET id = gen_random_uuid() WHERE tenant_id = $0", @"calls gen_random_uuid");
        check!("LOCK TABLE resource", @"is not expected: LOCK TABLE resource");
    }
}
