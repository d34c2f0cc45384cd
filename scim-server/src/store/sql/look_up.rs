//! One resource and the rows that link it, in one statement: one snapshot, and one way to the database
//! and back.

use scim_core::ResourceId;

use super::statement::{Row, Statement};
use super::{Scope, resources};
use crate::Error;
use crate::store::{By, ConnectionId, LookUp, MemberLink, Side, Stored};

/// A link in the columns of a resource. It has no version, which tells the two apart.
const LINK: &str = "n.kind, n.id, n.owner, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),\n \
    CAST(NULL AS BIGINT), n.display";

pub(super) async fn look_up(
    scope: &mut Scope<'_>,
    asked: &LookUp<'_>,
) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
    let statement = Statement::new(format!("SELECT {}\nFROM ", resources::COLUMNS));
    let statement = match asked.by {
        By::Id(id) => statement
            .text("resource r\nWHERE r.tenant_id = $1 AND r.id = $2 AND r.kind = $3")
            .bind(scope.tenant)
            .bind(id)
            .bind(asked.kind),
        By::Unique {
            attribute,
            value,
            owner,
        } => statement
            .text(&format!(
                "resource r\nWHERE r.tenant_id = $1 AND r.id = {BY_KEY} AND r.kind = $2"
            ))
            .bind(scope.tenant)
            .bind(asked.kind)
            .bind(attribute)
            .bind(value)
            .bind(owner.0),
    };
    let statement = match asked.side {
        None => statement,
        Some(side) => linked(statement, asked.by, side),
    };
    let mut resource = None;
    let mut links = Vec::new();
    for row in scope.fetch("resource", statement).await? {
        if row.is_null(VERSION) {
            links.push(link(row)?);
        } else {
            resource = Some(resources::read(row)?);
        }
    }
    links.sort_unstable_by_key(|link| link.id);
    Ok(resource.map(|stored| (stored, links)))
}

/// The id of all of a unique key. Not a join: a PostgreSQL that has no statistics yet would begin at its
/// other end.
const BY_KEY: &str = "(\n SELECT k.id FROM unique_key k\n \
    WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value = $4\n \
    AND k.scope = $5)";
/// Where the version stands among the columns of a resource.
const VERSION: usize = 3;

fn linked(statement: Statement, by: By<'_>, side: Side<'_>) -> Statement {
    let (this, other, attribute) = match side {
        Side::Members { attribute, .. } => ("owner_id", "member_id", attribute),
        Side::Owners { attribute } => ("member_id", "owner_id", attribute),
    };
    let id = match by {
        By::Id(_) => "$2",
        By::Unique { .. } => BY_KEY,
    };
    // Only the inner one of two SELECTs may have an order and an end.
    let (begin, end) = match side {
        Side::Members { .. } => ("SELECT *\nFROM (", ") l"),
        Side::Owners { .. } => ("", ""),
    };
    let statement = statement
        .text(&format!(
            "\nUNION ALL\n{begin}SELECT {LINK}\n\
             FROM membership m CROSS JOIN resource n\n\
             WHERE m.tenant_id = $1 AND m.{this} = {id}\n \
             AND n.tenant_id = $1 AND n.id = m.{other} AND m.attribute = "
        ))
        .arg(attribute);
    let statement = match side {
        Side::Members { limit, .. } => statement.text("\nORDER BY m.member_id").limit(limit),
        Side::Owners { .. } => statement,
    };
    statement.text(end)
}

fn link(mut row: Row) -> Result<MemberLink, Error> {
    let kind = row.text()?;
    let id = ResourceId::new(row.uuid()?);
    let owner = row.maybe_uuid()?.map(ConnectionId);
    for _ in ["version", "created", "modified"] {
        row.maybe_int()?;
    }
    Ok(MemberLink {
        id,
        kind,
        owner,
        display: row.maybe_text()?,
    })
}
