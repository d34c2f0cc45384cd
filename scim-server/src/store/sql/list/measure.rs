//! The page after so many resources of a type, and how many there are, by a ruler.

use scim_core::ResourceId;

use super::ruler::{self, BLOCK, Measured, Ruler, Rulers, Snapshot, Spot, Step};
use crate::Error;
use crate::store::sql::statement::Statement;
use crate::store::sql::{Scope, resources};
use crate::store::{ConnectionId, Stored};

/// Changes that a ruler catches up with: after more, or a fiftieth of what it measures, it is made anew.
const CHANGES_MAX: usize = 1_000;
/// The same where the thread has other things to do.
const CHANGES_AT_ONCE: usize = 200;

/// The total, and the page. A unit that writes counts: its own changes are nobody else's yet.
pub(super) async fn page(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
    offset: usize,
    count: usize,
) -> Result<(usize, Vec<Stored>), Error> {
    let Some(rulers) = scope.rulers else {
        return counted(scope, kind, owner, offset, count).await;
    };
    let measured = Measured {
        tenant: scope.tenant.clone(),
        kind: kind.to_owned(),
        owner,
    };
    let (total, spot) = measure(scope, rulers, &measured, offset).await?;
    let Some(spot) = spot.filter(|_| count > 0) else {
        return Ok((total, Vec::new()));
    };
    let Spot { from, skip } = spot;
    let from = Some(ResourceId::new(from));
    let found = resources::page(scope, kind, owner, from, skip, count).await?;
    if found.len() < count.min(total.saturating_sub(offset)) {
        // Something has gone since the ruler was read, or it is wrong: either way it is read anew.
        rulers.drop(&measured);
    }
    Ok((total, found))
}

async fn counted(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
    offset: usize,
    count: usize,
) -> Result<(usize, Vec<Stored>), Error> {
    let total = resources::count(scope, kind, owner).await?;
    if count == 0 || offset >= total {
        return Ok((total, Vec::new()));
    }
    let found = resources::page(scope, kind, owner, None, offset, count).await?;
    Ok((total, found))
}

/// How many there are.
pub(super) async fn total(
    scope: &mut Scope<'_>,
    kind: &str,
    owner: Option<ConnectionId>,
) -> Result<usize, Error> {
    Ok(page(scope, kind, owner, 0, 0).await?.0)
}

/// How many there are, and where the one after `offset` stands.
async fn measure(
    scope: &mut Scope<'_>,
    rulers: &Rulers,
    measured: &Measured,
    offset: usize,
) -> Result<(usize, Option<Spot>), Error> {
    if let Some(ruler) = rulers.get(measured) {
        let (known, total) = {
            let ruler = ruler::lock(&ruler);
            (ruler.sequence(), ruler.total())
        };
        let most = match scope.slow {
            Some(_) => CHANGES_AT_ONCE,
            None => CHANGES_MAX.max(total / 50),
        };
        if let Some((sequence, steps)) = changes(scope, measured, known, most).await? {
            let mut ruler = ruler::lock(&ruler);
            ruler.follow(sequence, &steps);
            if !ruler.is_worn() {
                return Ok((ruler.total(), ruler.spot(offset)));
            }
        }
    }
    scope.takes_time()?;
    let ruler = made(scope, measured).await?;
    let found = (ruler.total(), ruler.spot(offset));
    rulers.put(measured.clone(), ruler);
    Ok(found)
}

/// What came and went after change number `known`, and the last number there is, in one snapshot.
/// `None` when that is more than so many, or when the sequence is shorter than it was: then
/// the database is another one, such as a backup.
async fn changes(
    scope: &mut Scope<'_>,
    measured: &Measured,
    known: i64,
    most: usize,
) -> Result<Option<(i64, Vec<Step>)>, Error> {
    let until = known.saturating_add(i64::try_from(most).unwrap_or(i64::MAX));
    let statement = Statement::new("SELECT s.sequence, s.change_id")
        .bind(scope.tenant)
        .bind(measured.kind.as_str());
    let statement = life(statement, measured, "s.change_id")
        .text(
            "\nFROM seal s\n\
             WHERE s.tenant_id = $1 AND s.sequence > ",
        )
        .arg(known)
        .text(" AND s.sequence <= ")
        .arg(until)
        .text("\nUNION ALL\nSELECT NULL, u.change_id");
    let statement = life(statement, measured, "u.change_id").text(
        "\nFROM unsealed u\n\
         WHERE u.tenant_id = $1\n\
         UNION ALL\n\
         SELECT coalesce(max(s.sequence), 0), NULL, NULL, NULL\n\
         FROM seal s\n\
         WHERE s.tenant_id = $1",
    );
    let mut last = 0;
    let mut steps = Vec::new();
    for mut row in scope.fetch("change", statement).await? {
        let sequence = row.maybe_int()?;
        let change = row.maybe_uuid()?;
        let (came, went) = (row.maybe_uuid()?, row.maybe_uuid()?);
        match (change, came.or(went)) {
            (Some(change), Some(resource)) => steps.push(Step {
                sequence,
                change,
                resource,
                came: came.is_some(),
            }),
            // Anything else that happened, or happened to something else.
            (Some(_), None) => {}
            (None, _) => last = sequence.unwrap_or_default(),
        }
    }
    Ok((known..=until).contains(&last).then_some((last, steps)))
}

/// A new ruler, of one snapshot.
async fn made(scope: &mut Scope<'_>, measured: &Measured) -> Result<Ruler, Error> {
    // From each start to the next one over an index: to number all rows would take ten times as long.
    let next = |statement: Statement, beyond: &str, offset: usize| {
        let statement = statement.text(
            "(\n SELECT r.id FROM resource r\n \
             WHERE r.tenant_id = $1 AND r.kind = $2",
        );
        resources::owned(statement, measured.owner)
            .text(beyond)
            .text("\n ORDER BY r.id\n LIMIT 1 OFFSET ")
            .arg(i64::try_from(offset).unwrap_or(i64::MAX))
            .text(")")
    };
    let statement = Statement::new("WITH RECURSIVE starts (id, place) AS MATERIALIZED (\n SELECT ")
        .bind(scope.tenant)
        .bind(measured.kind.as_str());
    let statement = next(statement, "", 0).text(", CAST(0 AS BIGINT)\n UNION ALL\n SELECT ");
    let statement = next(statement, " AND r.id > s.id", BLOCK - 1).text(
        ", s.place + 1\n \
         FROM starts s\n \
         WHERE s.id IS NOT NULL\n\
         )\n\
         SELECT 'start', s.id, s.place\n\
         FROM starts s\n\
         WHERE s.id IS NOT NULL\n\
         UNION ALL\n\
         SELECT 'rest', NULL, count(*)\n\
         FROM resource r\n\
         WHERE r.tenant_id = $1 AND r.kind = $2\n \
         AND r.id >= (\n \
         SELECT s.id FROM starts s\n \
         WHERE s.id IS NOT NULL\n \
         ORDER BY s.place DESC\n \
         LIMIT 1)",
    );
    let statement = resources::owned(statement, measured.owner).text(
        "\nUNION ALL\n\
         SELECT 'end', e.id, 0\n\
         FROM (\n \
         SELECT r.id FROM resource r\n \
         WHERE r.tenant_id = $1 AND r.kind = $2",
    );
    let statement = resources::owned(statement, measured.owner).text(
        "\n ORDER BY r.id DESC\n LIMIT 1) e\n\
         UNION ALL\n\
         SELECT 'sealed', NULL, coalesce(max(s.sequence), 0)\n\
         FROM seal s\n\
         WHERE s.tenant_id = $1\n\
         UNION ALL\n\
         SELECT 'early', u.change_id, ",
    );
    let statement = of_change(statement, measured, "count(*)", ("u.change_id", ""))
        .text("\nFROM unsealed u\nWHERE u.tenant_id = $1");
    let mut found = Snapshot::default();
    for mut row in scope.fetch("resource", statement).await? {
        let (what, id, number) = (row.text()?, row.maybe_uuid()?, count_of(row.int()?));
        match (what.as_str(), id) {
            ("start", Some(id)) => found.starts.push((id, number * BLOCK)),
            ("end", Some(id)) => found.end = id,
            ("early", Some(id)) if number > 0 => drop(found.early.insert(id)),
            ("early", _) => {}
            ("rest", _) => found.total += number,
            _ => found.sequence = i64::try_from(number).unwrap_or(i64::MAX),
        }
    }
    found.starts.sort_unstable();
    found.total += found.starts.len().saturating_sub(1) * BLOCK;
    Ok(Ruler::new(found, BLOCK))
}

/// Two columns: the resource of this type that came with a change, and the one that went.
fn life(statement: Statement, measured: &Measured, change: &str) -> Statement {
    ["created", "deleted"]
        .iter()
        .fold(statement, |statement, what| {
            let statement = statement.text(", ");
            let is_it = format!(" AND c.what = '{what}'");
            of_change(statement, measured, "c.resource", (change, &is_it))
        })
}

/// What is asked of one change, if something of this type came or went with it. It is looked up for each change,
/// whatever the planner thinks: on a PostgreSQL without statistics it would rather walk over all that ever came
/// or went.
fn of_change(
    statement: Statement,
    measured: &Measured,
    asked: &str,
    (change, condition): (&str, &str),
) -> Statement {
    let statement = statement.text(&format!(
        "(\n SELECT {asked} FROM change c\n \
         WHERE c.tenant_id = $1 AND c.id = {change} AND c.kind = $2{condition}\n \
         AND c.what IN ('created', 'deleted')"
    ));
    let statement = match measured.owner {
        Some(owner) => statement.text(" AND c.owner = ").arg(owner.0),
        None => statement,
    };
    statement.text(")")
}

fn count_of(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}
