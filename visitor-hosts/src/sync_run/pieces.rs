//! How a file is cut into pieces, and where they wait.
//!
//! They wait as jobs in a queue that belongs to the run: a resource would put all of a file into the change
//! feed, where its people would stay twice.

use std::collections::HashMap;

use scim_core::ResourceId;
use scim_core::text::fold;
use scim_server::Error;
use scim_server::store::{Job, Transaction};
use serde::{Deserialize, Serialize};

use super::work::unreadable;
use crate::csv::order::{Manager, managers_first};
use crate::csv::{FileKind, Row, Table, list};

/// Rows of one piece, and bytes of their cells: a unit of work keeps SQLite's writer as long as it takes to
/// write them.
const ROWS_MAX: usize = 100;
const BYTES_MAX: usize = 64 * 1024;

/// What one unit of work does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Piece {
    People(Rows),
    /// Of people who are written already, the manager.
    Managers(Rows),
    Groups(Rows),
    /// People who are in no row, by the ids of their Users.
    Missing(Vec<ResourceId>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    /// Rows whose manager is in the file too.
    pub(super) managed: Vec<bool>,
    /// Is whoever is in the file active again? So it is where those who are not are deactivated, unless the file
    /// itself says who is.
    pub(super) reactivates: bool,
}

impl Rows {
    /// The cells of a row with their columns, as this program spells them.
    pub(super) fn cells<'r>(
        &'r self,
        kind: FileKind,
        row: &'r Row,
    ) -> impl Iterator<Item = (&'static str, &'r str)> {
        let columns = self.columns.iter().map(move |column| kind.column(column));
        let cells = row.cells.iter().map(String::as_str);
        let cells = columns.zip(cells);
        cells.filter_map(|(column, cell)| Some((column?, cell)))
    }
}

impl Piece {
    /// How many records it has.
    pub(super) fn len(&self) -> usize {
        match self {
            Piece::People(rows) | Piece::Managers(rows) | Piece::Groups(rows) => rows.rows.len(),
            Piece::Missing(ids) => ids.len(),
        }
    }

    /// The same in pieces of one record each.
    pub(super) fn split(self) -> Vec<Piece> {
        let each = |rows: Rows, piece: fn(Rows) -> Piece| {
            let all = rows.rows.into_iter().zip(rows.managed);
            all.map(|(row, managed)| {
                piece(Rows {
                    columns: rows.columns.clone(),
                    rows: vec![row],
                    managed: vec![managed],
                    reactivates: rows.reactivates,
                })
            })
            .collect()
        };
        match self {
            Piece::People(rows) => each(rows, Piece::People),
            Piece::Managers(rows) => each(rows, Piece::Managers),
            Piece::Groups(rows) => each(rows, Piece::Groups),
            Piece::Missing(ids) => ids.into_iter().map(|id| Piece::Missing(vec![id])).collect(),
        }
    }

    /// The line of its first record, and its name.
    pub(super) fn first(&self) -> Option<(u64, &str)> {
        let (rows, key) = match self {
            Piece::People(rows) | Piece::Managers(rows) => (rows, FileKind::Hosts.key()),
            Piece::Groups(rows) => (rows, FileKind::Groups.key()),
            Piece::Missing(_) => return None,
        };
        let row = rows.rows.first()?;
        let place = rows.columns.iter().position(|column| column == key)?;
        Some((row.line, row.cells.get(place)?))
    }
}

/// What becomes of people who are in no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Stay,
    AreDeactivated,
}

/// The pieces of a file, in the order in which they are done.
pub(super) fn cut(table: &Table, missing: Missing) -> Vec<Piece> {
    match table.kind {
        FileKind::Groups => {
            let all = table.rows.iter().cloned().map(|row| (row, false));
            chunks((&table.columns, false), all, Piece::Groups)
        }
        FileKind::Hosts => {
            let says_who_is_active = table.place("active").is_some();
            let reactivates = missing == Missing::AreDeactivated && !says_who_is_active;
            people(table, reactivates)
        }
    }
}

fn people(table: &Table, reactivates: bool) -> Vec<Piece> {
    let key = table.place("userName");
    let cell = |row: &Row, place: Option<usize>| {
        let cell = place.and_then(|place| row.cells.get(place));
        cell.map(|cell| fold(cell)).unwrap_or_default()
    };
    let rows_of: HashMap<String, usize> = table
        .rows
        .iter()
        .enumerate()
        .map(|(place, row)| (cell(row, key), place))
        .collect();
    let manager = table.place("managerUserName");
    let managers = table.rows.iter();
    let managers: Vec<Option<usize>> = managers
        .map(|row| rows_of.get(&cell(row, manager)).copied())
        .collect();
    let mut first = Vec::with_capacity(table.rows.len());
    let mut later = Vec::new();
    for (place, when) in managers_first(&managers) {
        let Some(row) = table.rows.get(place) else {
            continue;
        };
        let mut row = row.clone();
        let managed = managers.get(place).is_some_and(Option::is_some);
        if when == Manager::Afterwards {
            let names = [key, manager].map(|place| {
                let cell = place.and_then(|place| row.cells.get(place));
                cell.cloned().unwrap_or_default()
            });
            let line = row.line;
            let cells = names.to_vec();
            later.push((Row { line, cells }, managed));
            if let Some(cell) = manager.and_then(|place| row.cells.get_mut(place)) {
                cell.insert(0, LATER);
            }
        }
        first.push((row, managed));
    }
    let people = (table.columns.as_slice(), reactivates);
    let mut pieces = chunks(people, first.into_iter(), Piece::People);
    let columns: &[&str] = &["userName", "managerUserName"];
    pieces.extend(chunks((columns, false), later.into_iter(), Piece::Managers));
    pieces
}

/// Begins a cell that is written later: the manager is not there yet. No cell of a file begins like this, since
/// a text has no NUL.
pub(super) const LATER: char = '\0';

fn chunks(
    (columns, reactivates): (&[&'static str], bool),
    rows: impl Iterator<Item = (Row, bool)>,
    piece: fn(Rows) -> Piece,
) -> Vec<Piece> {
    let fresh = || Rows {
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        rows: Vec::new(),
        managed: Vec::new(),
        reactivates,
    };
    let mut pieces = Vec::new();
    let (mut chunk, mut bytes) = (fresh(), 0);
    for (row, managed) in rows {
        bytes += row.cells.iter().map(String::len).sum::<usize>();
        chunk.rows.push(row);
        chunk.managed.push(managed);
        if chunk.rows.len() >= ROWS_MAX || bytes >= BYTES_MAX {
            pieces.push(piece(std::mem::replace(&mut chunk, fresh())));
            bytes = 0;
        }
    }
    if !chunk.rows.is_empty() {
        pieces.push(piece(chunk));
    }
    pieces
}

/// People who are in no row, in pieces.
pub(super) fn missing(ids: &[ResourceId]) -> impl Iterator<Item = Piece> {
    ids.chunks(ROWS_MAX).map(|ids| Piece::Missing(ids.to_vec()))
}

/// The names in all cells of a column, folded.
pub(super) fn names(table: &Table, column: &str) -> Vec<String> {
    let Some(place) = table.place(column) else {
        return Vec::new();
    };
    let cells = table.rows.iter().filter_map(|row| row.cells.get(place));
    cells.map(|cell| fold(cell)).collect()
}

/// The names in a cell with a list, each by how it is compared.
pub(super) fn folded(cell: &str) -> Vec<(String, String)> {
    let names = list::split(cell).into_iter();
    names.map(|name| (fold(&name), name)).collect()
}

fn queue(run: ResourceId) -> String {
    format!("csv:{run}")
}

/// Lets something wait in the queue of a run, behind what waits already.
pub(super) fn wait(tx: &mut Transaction<'_>, run: ResourceId, payload: String) {
    let now = tx.now();
    tx.leave_work(&queue(run), now, payload);
}

pub(super) fn wait_piece(
    tx: &mut Transaction<'_>,
    run: ResourceId,
    piece: &Piece,
) -> Result<(), Error> {
    let payload = serde_json::to_string(piece).map_err(unreadable)?;
    wait(tx, run, payload);
    Ok(())
}

/// Lets pieces wait before all others: they were one that was refused as a whole.
pub(super) fn wait_first(
    tx: &mut Transaction<'_>,
    run: ResourceId,
    was: &Job,
    pieces: &[Piece],
) -> Result<(), Error> {
    let due = was.due - jiff::SignedDuration::from_millis(1);
    for piece in pieces {
        let payload = serde_json::to_string(piece).map_err(unreadable)?;
        tx.leave_work(&queue(run), due, payload);
    }
    Ok(())
}

/// What waits first in the queue of a run. It stays there unless it is [taken](take): the job that leads the
/// run is its lock, so it has no lease of its own.
pub(super) async fn next(tx: &mut Transaction<'_>, run: ResourceId) -> Result<Option<Job>, Error> {
    // One millisecond after it was written, time may not have gone on.
    let until = tx.now() - jiff::SignedDuration::from_millis(1);
    Ok(tx.claim_jobs(&queue(run), until, 1).await?.pop())
}

pub(super) async fn take(tx: &mut Transaction<'_>, job: &Job) -> Result<(), Error> {
    tx.finish_job(job).await.map(|_| ())
}

/// Nothing of the file stays.
pub(super) async fn drop_all(tx: &mut Transaction<'_>, run: ResourceId) -> Result<(), Error> {
    let until = tx.now() - jiff::SignedDuration::from_millis(1);
    loop {
        let jobs = tx.claim_jobs(&queue(run), until, 100).await?;
        if jobs.is_empty() {
            return Ok(());
        }
        for job in &jobs {
            tx.finish_job(job).await?;
        }
    }
}
