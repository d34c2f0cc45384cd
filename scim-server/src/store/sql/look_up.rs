//! One resource and the rows that link it, in one statement: one snapshot, and one way to the database
//! and back.

use scim_core::ResourceId;

use super::Scope;
use super::resources::{self, columns};
use super::statement::{Row, Statement};
use crate::Error;
use crate::store::{By, ConnectionId, LookUp, MemberLink, Side, Stored};

/// The id of all of a unique key. Not a join: a PostgreSQL that has no statistics yet would begin at its
/// other end.
macro_rules! by_key {
    () => {
        "(\n SELECT k.id FROM unique_key k\n \
         WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3 AND k.value = $4\n \
         AND k.scope = $5)"
    };
}

macro_rules! resource {
    ($id:expr, $kind:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            "\nFROM resource r\nWHERE r.tenant_id = $1 AND r.id = ",
            $id,
            " AND r.kind = ",
            $kind
        )
    };
}

/// A link in the columns of a resource. It has no version, which tells the two apart.
macro_rules! links {
    ($this:literal = $id:expr, $other:literal, $attribute:literal) => {
        concat!(
            "SELECT n.kind, n.id, n.owner, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),\n \
             CAST(NULL AS BIGINT), n.display\n\
             FROM membership m CROSS JOIN resource n\n\
             WHERE m.tenant_id = $1 AND m.",
            $this,
            " = ",
            $id,
            "\n AND n.tenant_id = $1 AND n.id = m.",
            $other,
            " AND m.attribute = ",
            $attribute
        )
    };
}

/// The columns of a resource, then a row for each resource that lists it.
macro_rules! with_owners {
    ($resource:expr, $id:expr, $attribute:literal) => {
        concat!(
            $resource,
            "\nUNION ALL\n",
            links!("member_id" = $id, "owner_id", $attribute)
        )
    };
}

/// The columns of a resource, then a row for each of its first members. Only an inner SELECT may have an
/// order and an end.
macro_rules! with_members {
    ($resource:expr, $id:expr, $attribute:literal, $limit:literal) => {
        concat!(
            $resource,
            "\nUNION ALL\nSELECT *\nFROM (",
            links!("owner_id" = $id, "member_id", $attribute),
            "\nORDER BY m.member_id\nLIMIT ",
            $limit,
            " + 0) l"
        )
    };
}

const BY_ID: &str = resource!("$2", "$3");
const BY_ID_WITH_OWNERS: &str = with_owners!(resource!("$2", "$3"), "$2", "$4");
const BY_ID_WITH_MEMBERS: &str = with_members!(resource!("$2", "$3"), "$2", "$4", "$5");
const BY_KEY: &str = resource!(by_key!(), "$2");
const BY_KEY_WITH_OWNERS: &str = with_owners!(resource!(by_key!(), "$2"), by_key!(), "$6");
const BY_KEY_WITH_MEMBERS: &str = with_members!(resource!(by_key!(), "$2"), by_key!(), "$6", "$7");

/// Where the version stands among the columns of a resource.
const VERSION: usize = 3;

pub(super) async fn look_up(
    scope: &mut Scope<'_>,
    asked: &LookUp<'_>,
) -> Result<Option<(Stored, Vec<MemberLink>)>, Error> {
    let text = match (asked.by, asked.side) {
        (By::Id(_), None) => BY_ID,
        (By::Id(_), Some(Side::Owners { .. })) => BY_ID_WITH_OWNERS,
        (By::Id(_), Some(Side::Members { .. })) => BY_ID_WITH_MEMBERS,
        (By::Unique { .. }, None) => BY_KEY,
        (By::Unique { .. }, Some(Side::Owners { .. })) => BY_KEY_WITH_OWNERS,
        (By::Unique { .. }, Some(Side::Members { .. })) => BY_KEY_WITH_MEMBERS,
    };
    let statement = Statement::new(text).bind(scope.tenant);
    let statement = match asked.by {
        By::Id(id) => statement.bind(id).bind(asked.kind),
        By::Unique {
            attribute,
            value,
            owner,
        } => statement
            .bind(asked.kind)
            .bind(attribute)
            .bind(value)
            .bind(owner.0),
    };
    let statement = match asked.side {
        None => statement,
        Some(Side::Owners { attribute }) => statement.bind(attribute),
        Some(Side::Members { attribute, limit }) => statement
            .bind(attribute)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX)),
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
