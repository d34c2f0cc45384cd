//! Can the schema be distributed by tenant with Citus? Every statement that the store contract and
//! both servers make is held to what Citus takes, and so are the migrations and
//! `scim-server/migrations/citus.sql`.

mod rules;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use scim_core::SortOrder;
use scim_server::service::{ListRequest, Paging};
use scim_server::store::{Fresh, TokenKind};
use serde_json::json;
use sqlparser::ast::{
    AlterTableOperation, ColumnOption, Expr, FunctionArg, FunctionArgExpr, FunctionArguments,
    IndexColumn, ObjectType, SelectItem, SetExpr, Statement, TableConstraint, Value,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
use support::{Asker, group, plain, product, user};

/// On every worker, since all tenants look into it.
const REFERENCE: &str = "tenant";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_statement_asks_one_tenant() {
    let mut texts = BTreeSet::new();
    let mut keep = |fresh: &Fresh| texts.extend(fresh.store.cost().texts());
    scim_server::store_contract!(Fresh::postgres, &mut keep);
    for served in [plain(), product()] {
        let asker = Asker::new(Fresh::postgres().await, served);
        ask_everything(&asker).await;
        assert_eq!(asker.contradictions().await, [""; 0]);
        keep(&asker.fresh);
    }
    let tables = tables();
    let distributed: BTreeSet<_> = tables
        .iter()
        .filter(|name| *name != REFERENCE)
        .cloned()
        .collect();
    let broken: Vec<_> = texts
        .iter()
        .flat_map(|text| {
            let broken = rules::broken(text, &distributed).into_iter();
            broken.map(move |what| format!("{what}:\n{text}"))
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    // All tables are written, or the statements say nothing.
    for table in &distributed {
        let words = format!("INSERT INTO {table}\n");
        assert!(texts.iter().any(|text| text.contains(&words)), "no {words}");
    }
}

/// Requests that take every way through the store.
async fn ask_everything(asker: &Asker) {
    let app = support::app();
    let mut ids = Vec::new();
    for number in 0..8 {
        let made = asker.create("Users", user(number)).await.unwrap();
        ids.push(made.stored.id.to_string());
    }
    asker.create("Users", user(0)).await.unwrap_err();
    let team = asker.create("Groups", group("Team")).await.unwrap();
    let team = team.stored.id.to_string();
    let members: Vec<_> = ids.iter().map(|id| json!({ "value": id })).collect();
    let gone = format!("members[value eq \"{}\"]", ids[0]);
    for operation in [
        json!({ "op": "add", "path": "members", "value": members }),
        json!({ "op": "remove", "path": gone }),
        json!({ "op": "replace", "path": "members", "value": members[..3] }),
        json!({ "op": "replace", "path": "displayName", "value": "Squad" }),
    ] {
        asker
            .patch("Groups", &team, json!([operation]))
            .await
            .unwrap();
    }
    for (path, value) in [
        ("userName", json!("other@contoso.example")),
        ("active", json!(false)),
        ("emails", json!([])),
    ] {
        let replace = json!([{ "op": "replace", "path": path, "value": value }]);
        asker.patch("Users", &ids[1], replace).await.unwrap();
    }
    let of_team = format!("groups.value eq \"{team}\"");
    for filter in [
        None,
        Some("userName eq \"user3@contoso.example\""),
        Some("userName sw \"user\" and active eq true"),
        Some("userName gt \"user3\" or userName lt \"a\""),
        Some("externalId pr"),
        Some("not (displayName co \"ser\")"),
        Some("emails[type eq \"work\" and value ew \"example\"]"),
        Some("title eq \"Engineer\""),
        Some(of_team.as_str()),
    ] {
        for start in [1, 3] {
            asker
                .list(&asker.caller, "Users", filter, start)
                .await
                .unwrap();
            asker.list(&app, "Users", filter, start).await.unwrap();
        }
        for sort in [None, Some("userName"), Some("displayName"), Some("title")] {
            for order in [SortOrder::Ascending, SortOrder::Descending] {
                follow(asker, filter, sort.map(|sort| (sort.to_owned(), order))).await;
            }
        }
    }
    if asker
        .engine
        .catalog()
        .by_endpoint(TokenKind::App, "Hosts")
        .is_some()
    {
        for endpoint in ["Hosts", "HostGroups"] {
            asker.list(&app, endpoint, None, 1).await.unwrap();
        }
    }
    asker
        .get("Groups", &team, support::Projected::All)
        .await
        .unwrap();
    asker
        .get("Users", &ids[1], support::Projected::All)
        .await
        .unwrap();
    asker.delete("Users", &ids[1]).await.unwrap();
    asker.delete("Groups", &team).await.unwrap();
}

/// Every page of a list, by cursor.
async fn follow(asker: &Asker, filter: Option<&str>, sort: Option<(String, SortOrder)>) {
    let mut cursor = None;
    loop {
        let request = ListRequest {
            filter: filter.map(str::to_owned),
            sort: sort.clone(),
            paging: Paging::Cursor(cursor),
            count: 3,
        };
        let page = asker.ask(&asker.caller, "Users", request).await.unwrap();
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
}

#[test]
fn every_unique_index_begins_with_the_tenant() {
    for statement in migrations() {
        let table;
        let keys: Vec<&[IndexColumn]> = match &statement {
            Statement::CreateTable(created) => {
                table = created.name.to_string();
                let own = created.columns.iter().flat_map(|column| &column.options);
                let own = own.filter(|option| {
                    matches!(
                        option.option,
                        ColumnOption::PrimaryKey(_) | ColumnOption::Unique(_)
                    )
                });
                assert!(own.count() == 0 || table == REFERENCE, "{created}");
                created.constraints.iter().filter_map(key).collect()
            }
            Statement::CreateIndex(created) => {
                table = created.table_name.to_string();
                vec![&created.columns]
            }
            Statement::AlterTable(altered) => {
                let allowed = |operation: &AlterTableOperation| {
                    matches!(
                        operation,
                        AlterTableOperation::AddColumn { .. }
                            | AlterTableOperation::DropColumn { .. }
                            | AlterTableOperation::DropConstraint { .. }
                    )
                };
                assert!(altered.operations.iter().all(allowed), "{altered}");
                continue;
            }
            // A migration may fill a column or a table for every tenant, and make an index anew.
            Statement::Update(_) | Statement::Insert(_) | Statement::Drop { .. } => continue,
            other => panic!("a migration makes tables and indexes, and fills columns: {other}"),
        };
        for key in keys {
            assert!(
                key[0].column.to_string() == "tenant_id",
                "{table}: {statement}"
            );
        }
    }
}

fn key(constraint: &TableConstraint) -> Option<&[IndexColumn]> {
    match constraint {
        TableConstraint::PrimaryKey(key) => Some(&key.columns),
        TableConstraint::Unique(key) => Some(&key.columns),
        _ => None,
    }
}

/// `citus.sql` distributes exactly the tables that the migrations make, all beside each other.
#[test]
fn every_table_is_distributed() {
    let text = file("citus.sql");
    let mut distributed = Vec::new();
    for statement in parsed(&text) {
        let arguments = called(&statement);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            ["create_reference_table", table] => assert_eq!(*table, REFERENCE),
            ["create_distributed_table", "resource", "tenant_id"] => {}
            ["create_distributed_table", _, "tenant_id", beside] => assert_eq!(*beside, "resource"),
            other => panic!("{other:?}"),
        }
        distributed.push(arguments[1].to_owned());
    }
    let once: BTreeSet<_> = distributed.iter().cloned().collect();
    assert_eq!(once.len(), distributed.len());
    assert_eq!(once, tables());
}

/// The function that `SELECT f('a', b => 'c')` calls, and its arguments.
fn called(statement: &Statement) -> Vec<String> {
    let Statement::Query(query) = statement else {
        panic!("{statement}")
    };
    let SetExpr::Select(select) = query.body.as_ref() else {
        panic!("{query}")
    };
    let [SelectItem::UnnamedExpr(Expr::Function(function))] = select.projection.as_slice() else {
        panic!("{select}")
    };
    let FunctionArguments::List(list) = &function.args else {
        panic!("{function}")
    };
    let arguments = list.args.iter().map(|argument| {
        let (FunctionArg::Unnamed(value) | FunctionArg::ExprNamed { arg: value, .. }) = argument
        else {
            panic!("{argument}")
        };
        match value {
            FunctionArgExpr::Expr(Expr::Value(value)) => match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                other => panic!("{other}"),
            },
            other => panic!("{other}"),
        }
    });
    std::iter::once(function.name.to_string())
        .chain(arguments)
        .collect()
}

/// The tables that the migrations leave.
fn tables() -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for statement in migrations() {
        match statement {
            Statement::CreateTable(created) => {
                tables.insert(created.name.to_string());
            }
            Statement::Drop {
                object_type: ObjectType::Table,
                names,
                ..
            } => {
                for name in names {
                    tables.remove(&name.to_string());
                }
            }
            _ => {}
        }
    }
    tables
}

fn migrations() -> Vec<Statement> {
    let folder = format!("{MIGRATIONS}/postgres");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let texts = names.iter().map(|name| file(&format!("postgres/{name}")));
    texts.flat_map(|text| parsed(&text)).collect()
}

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scim-server/migrations");

fn file(name: &str) -> String {
    std::fs::read_to_string(format!("{MIGRATIONS}/{name}")).unwrap()
}

fn parsed(text: &str) -> Vec<Statement> {
    Parser::parse_sql(&PostgreSqlDialect {}, text).unwrap()
}
