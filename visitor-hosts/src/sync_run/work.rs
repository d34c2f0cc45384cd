//! What the next step of a run is.

use std::sync::Arc;

use async_trait::async_trait;
use data_encoding::BASE64_NOPAD;
use jiff::SignedDuration;
use scim_core::{ResourceId, ResourceType, SchemaError, TenantId};
use scim_server::service::{Caller, Engine};
use scim_server::store::{ErasedUnit, Job, Lock, Transaction, Unit, unit};
use scim_server::{Error, StoreError, Taken, Work};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::pieces::{Missing, Piece};
use super::report::Item;
use super::run::Run;
use super::{connection, groups, missing, people, pieces, report};
use crate::csv::{FileKind, Refusal, Refusals, Table};
use crate::derived::date_time;
use crate::{csv, reference, schemas};

/// Where the jobs are that lead runs on.
pub(crate) const QUEUE: &str = "syncRuns";
/// A run that has to wait for another one looks again after so long.
const TURN_AFTER: SignedDuration = SignedDuration::from_secs(1);

/// What a run does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Step {
    Start,
    Read,
    Next,
}

/// The job that leads a run on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Lead {
    run: ResourceId,
    step: Step,
}

/// Leaves the next step.
pub(super) fn lead_on(tx: &mut Transaction<'_>, run: ResourceId, step: Step) {
    lead_later(tx, Lead { run, step }, SignedDuration::ZERO);
}

fn lead_later(tx: &mut Transaction<'_>, lead: Lead, after: SignedDuration) {
    let due = tx.now() + after;
    let payload = json!({ "run": lead.run, "step": lead.step });
    tx.leave_work(QUEUE, due, payload.to_string());
}

/// What one of ours has written cannot be read.
pub(super) fn unreadable(error: serde_json::Error) -> Error {
    StoreError::Failed(error.into()).into()
}

/// Leads runs on.
#[derive(Clone)]
pub(super) struct Import(Arc<Types>);

struct Types {
    runs: ResourceType,
    parts: ResourceType,
    users: ResourceType,
}

impl Import {
    pub(super) fn new() -> Result<Import, SchemaError> {
        Ok(Import(Arc::new(Types {
            runs: schemas::sync_run_type()?,
            parts: schemas::sync_run_part_type()?,
            users: schemas::user()?.resource_type,
        })))
    }

    fn step(&self, taken: &Taken, lead: Lead, does: Does) -> Arc<dyn ErasedUnit> {
        Arc::new(Leading {
            types: Arc::clone(&self.0),
            engine: Arc::clone(&taken.engine),
            tenant: taken.tenant.clone(),
            lead,
            does,
        })
    }

    /// Reads the file, which takes a while and waits for nobody: outside of the unit.
    async fn read(&self, taken: &Taken, lead: Lead) -> Result<Option<ReadFile>, Error> {
        let run = lead.run;
        let waiting = unit(move |tx| {
            Box::pin(async move {
                let Some(of) = Run::of(tx, run).await? else {
                    return Ok(None);
                };
                let file = pieces::next(tx, run).await?;
                Ok(file.map(|file| (file, of.file_kind(), of.missing())))
            })
        });
        let store = taken.engine.store();
        let Some((file, kind, absentees)) = store.write(&taken.tenant, waiting).await? else {
            return Ok(None);
        };
        let (text, job) = (file.payload.clone(), file);
        let reading = tokio::task::spawn_blocking(move || parsed(kind, &text));
        let outcome = reading.await;
        let outcome = outcome.map_err(|_| StoreError::Unit("reading a file panicked"))?;
        let missing = match &outcome {
            Ok(table) if absentees == Missing::AreDeactivated => {
                let absent = missing::Absent {
                    tenant: taken.tenant.clone(),
                    users: Arc::clone(&self.0),
                    present: pieces::names(table, "userName").into_iter().collect(),
                };
                store.read(&taken.tenant, absent).await?
            }
            _ => Vec::new(),
        };
        let outcome = outcome.map(|table| {
            let mut all = pieces::cut(&table, absentees);
            all.extend(pieces::missing(&missing));
            (table.rows.len() + missing.len(), all)
        });
        Ok(Some(ReadFile { job, outcome }))
    }
}

impl missing::Users for Types {
    fn users(&self) -> &ResourceType {
        &self.users
    }
}

/// The file that came in base64, in either alphabet (RFC 7643 §2.3.6).
fn parsed(kind: FileKind, base64: &str) -> Result<Table, Refusals> {
    let mut plain = String::with_capacity(base64.len());
    for sign in base64.chars() {
        match sign {
            '-' => plain.push('+'),
            '_' => plain.push('/'),
            '=' => {}
            sign if sign.is_whitespace() => {}
            sign => plain.push(sign),
        }
    }
    let bytes = BASE64_NOPAD.decode(plain.as_bytes());
    let bytes = bytes.map_err(|_| Refusal::of_file("the file is no base64"))?;
    csv::read(kind, &bytes)
}

/// What came of reading a file: how many records there are, and the pieces.
struct ReadFile {
    job: Job,
    outcome: Result<(usize, Vec<Piece>), Refusals>,
}

#[async_trait]
impl Work for Import {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn unit(&self, taken: &Taken) -> Result<Arc<dyn ErasedUnit>, Error> {
        let lead: Lead = serde_json::from_str(&taken.job.payload).map_err(unreadable)?;
        let does = match lead.step {
            Step::Start => Does::Start,
            Step::Read => Does::Read(self.read(taken, lead).await?),
            Step::Next => Does::Next,
        };
        Ok(self.step(taken, lead, does))
    }

    /// A piece that is refused is done record by record, so that one of them costs no other.
    fn instead(&self, taken: &Taken, error: &Error) -> Option<Arc<dyn ErasedUnit>> {
        let lead: Lead = serde_json::from_str(&taken.job.payload).ok()?;
        if lead.step != Step::Next || matches!(error, Error::Store(_)) {
            return None;
        }
        Some(self.step(taken, lead, Does::Refuse(error.to_string())))
    }

    fn given_up(&self, taken: &Taken, reason: &str) -> Option<Arc<dyn ErasedUnit>> {
        let lead: Lead = serde_json::from_str(&taken.job.payload).ok()?;
        Some(self.step(taken, lead, Does::GiveUp(reason.to_owned())))
    }
}

/// A step of a run, as a unit of work.
struct Leading {
    types: Arc<Types>,
    engine: Arc<Engine>,
    tenant: TenantId,
    lead: Lead,
    does: Does,
}

enum Does {
    Start,
    /// Nothing, when there is no file any more.
    Read(Option<ReadFile>),
    Next,
    /// The next piece was refused, for this reason.
    Refuse(String),
    /// For this reason.
    GiveUp(String),
}

/// What a piece writes with, and finds.
pub(super) struct Doing<'a> {
    pub(super) engine: &'a Engine,
    /// The connection of files; a dry run may find none.
    pub(super) caller: Option<Caller>,
    pub(super) is_dry: bool,
    pub(super) found: Found,
}

/// What a piece changes, or would.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) created: usize,
    pub(super) updated: usize,
    pub(super) unchanged: usize,
    pub(super) deactivated: usize,
    pub(super) skipped: usize,
}

#[async_trait]
impl Unit for Leading {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let id = self.lead.run;
        let run = Run::of(tx, id).await?.filter(|run| !run.is_over());
        let Some(run) = run else {
            // Somebody has cancelled or deleted it.
            pieces::drop_all(tx, id).await?;
            return connection::give_turn_back(tx, id.uuid()).await;
        };
        if let Does::GiveUp(reason) = &self.does {
            return self.give_up(tx, run, reason).await;
        }
        if !connection::take_turn(tx, id.uuid()).await? {
            lead_later(tx, self.lead, TURN_AFTER);
            return Ok(());
        }
        match &self.does {
            Does::Start => self.start(tx, run),
            Does::Read(Some(read)) => self.read(tx, run, read).await,
            Does::Read(None) => self.give_up(tx, run, "its file is gone").await,
            Does::Next => self.next(tx, run).await,
            Does::Refuse(reason) => self.refuse(tx, run, reason).await,
            Does::GiveUp(_) => Ok(()),
        }
    }
}

impl Leading {
    fn start(&self, tx: &mut Transaction<'_>, mut run: Run) -> Result<(), Error> {
        run.happens("start", &date_time(tx))?;
        lead_on(tx, run.id(), Step::Read);
        run.write(tx, &self.types.runs)
    }

    async fn read(
        &self,
        tx: &mut Transaction<'_>,
        mut run: Run,
        read: &ReadFile,
    ) -> Result<(), Error> {
        let (id, now) = (run.id(), date_time(tx));
        pieces::take(tx, &read.job).await?;
        match &read.outcome {
            Ok((records, all)) => {
                run.happens("read", &now)?;
                run.happens("normalise", &now)?;
                if !run.is_dry() {
                    run.happens("apply", &now)?;
                }
                run.count("total", *records);
                for piece in all {
                    pieces::wait_piece(tx, id, piece)?;
                }
                lead_on(tx, id, Step::Next);
            }
            Err(refusals) => {
                run.happens("refuse", &now)?;
                run.fails("file", &refusals.to_string(), false);
                let items: Vec<Item> = refusals.first.iter().map(refused).collect();
                run.count("errors", refusals.total);
                run.show(&items);
                report::keep(tx, &self.types.parts, id, &items)?;
                connection::give_turn_back(tx, id.uuid()).await?;
            }
        }
        run.write(tx, &self.types.runs)
    }

    async fn next(&self, tx: &mut Transaction<'_>, mut run: Run) -> Result<(), Error> {
        let id = run.id();
        let Some(job) = pieces::next(tx, id).await? else {
            return self.end(tx, run).await;
        };
        let piece: Piece = serde_json::from_str(&job.payload).map_err(unreadable)?;
        let caller = if run.is_dry() {
            connection::existing(tx, &self.tenant).await?
        } else {
            Some(connection::made(tx, &self.tenant).await?)
        };
        let mut doing = Doing {
            engine: &self.engine,
            caller,
            is_dry: run.is_dry(),
            found: Found::default(),
        };
        match &piece {
            Piece::People(rows) => people::people(tx, &mut doing, rows).await?,
            Piece::Managers(rows) => people::managers(tx, &mut doing, rows).await?,
            Piece::Groups(rows) => groups::groups(tx, &mut doing, rows).await?,
            Piece::Missing(ids) => missing::deactivate(tx, &mut doing, ids).await?,
        }
        let found = doing.found;
        // What the piece has counted as done.
        let seen = match piece {
            Piece::Managers(_) => 0,
            _ => piece.len(),
        };
        for (name, more) in [
            ("seen", seen),
            ("created", found.created),
            ("updated", found.updated),
            ("unchanged", found.unchanged),
            ("deactivated", found.deactivated),
            ("skipped", found.skipped),
        ] {
            run.count(name, more);
        }
        run.show(&found.items);
        report::keep(tx, &self.types.parts, id, &found.items)?;
        pieces::take(tx, &job).await?;
        lead_on(tx, id, Step::Next);
        run.write(tx, &self.types.runs)
    }

    /// Nothing waits any more.
    async fn end(&self, tx: &mut Transaction<'_>, mut run: Run) -> Result<(), Error> {
        let now = date_time(tx);
        if run.is_dry() {
            run.happens("preview", &now)?;
            run.happens("end", &now)?;
        } else {
            if run.counted("deactivated") > 0 {
                self.tell_change_set(tx, &mut run).await?;
            }
            let event = match run.counted("errors") {
                0 => "succeed",
                _ => "partlySucceed",
            };
            run.happens(event, &now)?;
        }
        connection::give_turn_back(tx, run.id().uuid()).await?;
        run.write(tx, &self.types.runs)
    }

    /// Says in which change set those are whom the run hides, and whether the guard holds it.
    async fn tell_change_set(&self, tx: &mut Transaction<'_>, run: &mut Run) -> Result<(), Error> {
        let Some(caller) = connection::existing(tx, &self.tenant).await? else {
            return Ok(());
        };
        let key = ("openFor".to_owned(), caller.connection.to_string());
        let Some(set) = tx.find("ChangeSet", &[key], Lock::None).await?.pop() else {
            return Ok(());
        };
        run.set("changeSet", reference::to(&set.id, None));
        if set.parse()?.get("status") == Some(&json!("held")) {
            run.set("guardsTripped", json!(["massDeactivation"]));
        }
        Ok(())
    }

    async fn refuse(
        &self,
        tx: &mut Transaction<'_>,
        mut run: Run,
        reason: &str,
    ) -> Result<(), Error> {
        let id = run.id();
        lead_on(tx, id, Step::Next);
        let Some(job) = pieces::next(tx, id).await? else {
            return Ok(());
        };
        pieces::take(tx, &job).await?;
        let piece: Piece = serde_json::from_str(&job.payload).map_err(unreadable)?;
        if piece.len() > 1 {
            return pieces::wait_first(tx, id, &job, &piece.split());
        }
        let first = piece.first();
        let item = Item {
            action: "error",
            line: first.map(|(line, _)| line),
            person: first.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            after: reason.to_owned(),
            ..Item::default()
        };
        if !matches!(piece, Piece::Managers(_)) {
            run.count("seen", 1);
        }
        run.count("errors", 1);
        run.show(std::slice::from_ref(&item));
        report::keep(tx, &self.types.parts, id, &[item])?;
        run.write(tx, &self.types.runs)
    }

    /// What was written stays; nothing more is.
    async fn give_up(
        &self,
        tx: &mut Transaction<'_>,
        mut run: Run,
        reason: &str,
    ) -> Result<(), Error> {
        let (id, now) = (run.id(), date_time(tx));
        if run.status() == "queued" {
            run.happens("start", &now)?;
        }
        let event = match run.status() {
            "fetching" => "refuse",
            _ => "fail",
        };
        run.happens(event, &now)?;
        run.fails("storage", reason, true);
        pieces::drop_all(tx, id).await?;
        connection::give_turn_back(tx, id.uuid()).await?;
        run.write(tx, &self.types.runs)
    }
}

fn refused(refusal: &Refusal) -> Item {
    let columns = FileKind::Hosts.columns().iter();
    let mut columns = columns.chain(FileKind::Groups.columns()).copied();
    let column = refusal.column.as_deref();
    Item {
        action: "error",
        line: refusal.line,
        attribute: columns.find(|known| Some(*known) == column),
        after: refusal.reason.clone(),
        ..Item::default()
    }
}
