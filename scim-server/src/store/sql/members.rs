//! Rows of `membership`: which resources a group lists, and which groups list a resource.

use scim_core::ResourceId;

use super::Scope;
use super::statement::{Arg, BINDS_MAX, Row, Statement};
use super::together::Expected;
use crate::Error;
use crate::store::{ConnectionId, Links, MemberCandidate, MemberLink, WriteSet};

pub(super) async fn of_owners(
    scope: &mut Scope<'_>,
    attribute: &str,
    owners: &[ResourceId],
) -> Result<Links, Error> {
    const MEMBERS: &str = "SELECT m.owner_id, r.id, r.kind, r.owner, r.display\n\
        FROM membership m\n\
        JOIN resource r ON r.tenant_id = m.tenant_id AND r.id = m.member_id\n\
        WHERE m.tenant_id = $1 AND r.tenant_id = $1 AND m.attribute = $2 AND m.owner_id IN ";
    links(scope, MEMBERS, attribute, owners).await
}

pub(super) async fn owners(
    scope: &mut Scope<'_>,
    attribute: &str,
    members: &[ResourceId],
) -> Result<Links, Error> {
    const OWNERS: &str = "SELECT m.member_id, r.id, r.kind, r.owner, r.display\n\
        FROM membership m\n\
        JOIN resource r ON r.tenant_id = m.tenant_id AND r.id = m.owner_id\n\
        WHERE m.tenant_id = $1 AND r.tenant_id = $1 AND m.attribute = $2 AND m.member_id IN ";
    links(scope, OWNERS, attribute, members).await
}

/// Member rows from one side, in the order of both ends.
async fn links(
    scope: &mut Scope<'_>,
    text: &'static str,
    attribute: &str,
    asked: &[ResourceId],
) -> Result<Links, Error> {
    let mut found = Vec::new();
    for chunk in asked.chunks(BINDS_MAX - 2) {
        let statement = Statement::new(text)
            .bind(scope.tenant)
            .bind(attribute)
            .tuple(chunk.iter().copied().map(Arg::from));
        for row in scope.fetch("membership", statement).await? {
            found.push(link(row)?);
        }
    }
    found.sort_unstable_by_key(|(asked, link)| (*asked, link.id));
    Ok(found)
}

pub(super) async fn after(
    scope: &mut Scope<'_>,
    attribute: &str,
    owner: ResourceId,
    after: Option<ResourceId>,
    limit: usize,
) -> Result<Vec<MemberLink>, Error> {
    let mut statement = Statement::new(
        "SELECT m.owner_id, r.id, r.kind, r.owner, r.display\n\
         FROM membership m\n\
         JOIN resource r ON r.tenant_id = m.tenant_id AND r.id = m.member_id\n\
         WHERE m.tenant_id = $1 AND r.tenant_id = $1 AND m.attribute = $2 AND m.owner_id = $3",
    )
    .bind(scope.tenant)
    .bind(attribute)
    .bind(owner);
    if let Some(after) = after {
        statement = statement.text(" AND m.member_id > ").arg(after);
    }
    let statement = statement.text("\nORDER BY m.member_id").limit(limit);
    let rows = scope.fetch("membership", statement).await?;
    rows.into_iter().map(|row| Ok(link(row)?.1)).collect()
}

pub(super) async fn ids(
    scope: &mut Scope<'_>,
    owner: ResourceId,
    attribute: &str,
) -> Result<Vec<ResourceId>, Error> {
    let statement = Statement::new(
        "SELECT m.member_id\n\
         FROM membership m\n\
         WHERE m.tenant_id = $1 AND m.owner_id = $2 AND m.attribute = $3\n\
         ORDER BY m.member_id",
    )
    .bind(scope.tenant)
    .bind(owner)
    .bind(attribute);
    let rows = scope.fetch("membership", statement).await?;
    rows.into_iter()
        .map(|mut row| Ok(ResourceId::new(row.uuid()?)))
        .collect()
}

pub(super) async fn candidates(
    scope: &mut Scope<'_>,
    owner: ResourceId,
    attribute: &str,
    ids: &[ResourceId],
) -> Result<Vec<MemberCandidate>, Error> {
    let mut found = Vec::new();
    for chunk in ids.chunks(BINDS_MAX - 3) {
        let statement = Statement::new(
            "SELECT r.id, r.kind, r.owner, m.member_id\n\
             FROM resource r\n\
             LEFT JOIN membership m ON m.tenant_id = $1 AND m.tenant_id = r.tenant_id\n \
             AND m.owner_id = $2 AND m.attribute = $3 AND m.member_id = r.id\n\
             WHERE r.tenant_id = $1 AND r.id IN ",
        )
        .bind(scope.tenant)
        .bind(owner)
        .bind(attribute)
        .tuple(chunk.iter().copied().map(Arg::from))
        .text("\nORDER BY r.id");
        for mut row in scope.fetch("membership", statement).await? {
            found.push(MemberCandidate {
                id: ResourceId::new(row.uuid()?),
                kind: row.text()?,
                owner: row.maybe_uuid()?.map(ConnectionId),
                is_member: row.maybe_uuid()?.is_some(),
            });
        }
    }
    // Each chunk came in order; together they need not be.
    found.sort_unstable_by_key(|candidate| candidate.id);
    Ok(found)
}

/// One end of a member row, and the other as it is shown.
fn link(mut row: Row) -> Result<(ResourceId, MemberLink), Error> {
    let asked = ResourceId::new(row.uuid()?);
    let id = ResourceId::new(row.uuid()?);
    let kind = row.text()?;
    let owner = row.maybe_uuid()?.map(ConnectionId);
    let link = MemberLink {
        id,
        kind,
        owner,
        display: row.maybe_text()?,
    };
    Ok((asked, link))
}

pub(super) async fn flush(scope: &mut Scope<'_>, writes: &WriteSet) -> Result<(), Error> {
    let tenant = scope.tenant;
    for chunk in writes.members_cleared.chunks((BINDS_MAX - 1) / 2) {
        let statement = Statement::new(
            "DELETE FROM membership\nWHERE tenant_id = $1 AND (owner_id, attribute) IN (VALUES ",
        )
        .bind(tenant)
        .joined(chunk, ", ", |statement, (owner, attribute)| {
            statement.tuple([Arg::from(*owner), Arg::from(attribute.as_str())])
        })
        .text(")");
        scope.write("membership", statement, Expected::Any).await?;
    }
    for chunk in writes.members_removed.chunks((BINDS_MAX - 1) / 3) {
        let statement = Statement::new(
            "DELETE FROM membership\n\
             WHERE tenant_id = $1 AND (owner_id, attribute, member_id) IN (VALUES ",
        )
        .bind(tenant)
        .joined(chunk, ", ", |statement, (owner, attribute, member)| {
            statement.tuple([
                Arg::from(*owner),
                Arg::from(attribute.as_str()),
                Arg::from(*member),
            ])
        })
        .text(")");
        // A member that was deleted meanwhile has taken its row along.
        scope.write("membership", statement, Expected::Any).await?;
    }
    for chunk in writes.members_added.chunks(BINDS_MAX / 4) {
        let statement = Statement::new(
            "INSERT INTO membership\n\
             (tenant_id, owner_id, attribute, member_id)\n\
             VALUES ",
        )
        .joined(chunk, ", ", |statement, (owner, attribute, member)| {
            statement.tuple([
                Arg::from(tenant),
                Arg::from(*owner),
                Arg::from(attribute.as_str()),
                Arg::from(*member),
            ])
        })
        .text("\nON CONFLICT DO NOTHING");
        // Somebody who is a member already stays one.
        scope.write("membership", statement, Expected::Any).await?;
    }
    Ok(())
}
