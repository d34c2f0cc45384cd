//! How one job is done: which requests follow which answers.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::export::{Export, Exported};
use super::plan::{Absent, Job, Work};
use super::provider::{Change, OnRefusal, Provider, Request, Rewrite};
use super::send::{ATTEMPTS, Sender};
use crate::client::{Answer, Call};

/// How a job ended.
#[derive(Debug)]
pub(super) struct Outcome<T> {
    /// The directory's id.
    pub(super) anchor: String,
    /// What is known to be at the service provider now; also when not everything went well.
    pub(super) exported: Option<Exported<T>>,
    pub(super) done: Result<Done>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Created,
    /// It was there and was taken over.
    Matched,
    /// It is not there and need not be.
    Left,
    Updated,
    Deleted,
}

/// What jobs are done with.
pub(super) struct Worker<'w> {
    pub(super) sender: &'w Sender<'w>,
    pub(super) provider: &'w dyn Provider,
}

impl Worker<'_> {
    /// Does `job`; an object whose id is `taken` belongs to somebody else and is not matched.
    pub(super) async fn run<T: Export>(&self, job: Job<T>, taken: &BTreeSet<String>) -> Outcome<T> {
        let mut exported = None;
        let done = match job.work {
            Work::Export { wanted, absent } => {
                self.export(&wanted, absent, taken, &mut exported).await
            }
            Work::Update {
                exported: known,
                changes,
            } => {
                let result = self.change(changes, exported.insert(known)).await;
                result.map(|()| Done::Updated)
            }
            Work::Delete { exported: known } => {
                let call = Call::new("DELETE", format!("{}/{}", T::PATH, known.id));
                exported = Some(known);
                self.delete(&call).await
            }
        };
        // What has been deleted, or is not there although it should be, is not exported any more.
        if matches!(done, Ok(Done::Deleted)) || done.as_ref().is_err_and(anyhow::Error::is::<Gone>)
        {
            exported = None;
        }
        Outcome {
            anchor: job.anchor,
            exported,
            done,
        }
    }

    async fn export<T: Export>(
        &self,
        wanted: &T,
        absent: Absent,
        taken: &BTreeSet<String>,
        exported: &mut Option<Exported<T>>,
    ) -> Result<Done> {
        let (found, done) = match self.find(wanted, taken).await? {
            Some(found) => (found, Done::Matched),
            None if absent == Absent::Leave => return Ok(Done::Left),
            None => self.create(wanted, taken).await?,
        };
        let changes = wanted.update(self.provider, &found.id, &found.last);
        self.change(changes, exported.insert(found)).await?;
        Ok(done)
    }

    /// Creates an object. After a try without an answer it is looked for before the next.
    async fn create<T: Export>(
        &self,
        wanted: &T,
        taken: &BTreeSet<String>,
    ) -> Result<(Exported<T>, Done)> {
        let call = self.provider.shaped(wanted.create(self.provider));
        let mut attempt = 1;
        loop {
            match self.sender.once(&call).await {
                Ok(answer) if answer.status == 201 => {
                    let id = id(&answer.json()?).context("the answer to POST has no id")?;
                    let last = wanted.created();
                    return Ok((Exported { id, last }, Done::Created));
                }
                // Somebody was faster, perhaps an earlier try of ours.
                Ok(answer) if answer.status == 409 => {
                    let found = self.find(wanted, taken).await?;
                    let found = found.with_context(|| refused(&call, &answer))?;
                    return Ok((found, Done::Matched));
                }
                Ok(answer) => bail!(refused(&call, &answer)),
                Err(trouble) if attempt == ATTEMPTS => return Err(trouble.into()),
                Err(_) => self.sender.pause(attempt).await,
            }
            attempt += 1;
            if let Some(found) = self.find(wanted, taken).await? {
                return Ok((found, Done::Created));
            }
        }
    }

    async fn find<T: Export>(
        &self,
        wanted: &T,
        taken: &BTreeSet<String>,
    ) -> Result<Option<Exported<T>>> {
        for call in wanted.look_up(self.provider) {
            let list = self.ok(&call).await?.json()?;
            let found = list["Resources"].as_array().map_or(&[][..], Vec::as_slice);
            ensure!(found.len() < 2, "{call}matches {} resources", found.len());
            if let Some(resource) = found.first() {
                let id = id(resource).with_context(|| format!("{call}found one without an id"))?;
                ensure!(
                    !taken.contains(&id),
                    "{call}found {id}, which is another object's"
                );
                let last = T::read(resource);
                return Ok(Some(Exported { id, last }));
            }
        }
        Ok(None)
    }

    async fn change<T>(&self, changes: Vec<Change<T>>, exported: &mut Exported<T>) -> Result<()> {
        for change in changes {
            let call = match change.request {
                Request::Send(call) => call,
                Request::Rewrite(rewrite) => {
                    let Rewrite { read, over, write } = *rewrite;
                    let Value::Object(resource) = self.ok(&read).await?.json()? else {
                        bail!("{read}the answer is no resource");
                    };
                    write.with_body(over.apply(resource))
                }
            };
            let call = self.provider.shaped(call);
            match change.on_refusal {
                OnRefusal::Fail => drop(self.ok(&call).await?),
                OnRefusal::GoOn => drop(self.sender.send(&call).await?),
            }
            exported.last = change.then;
        }
        Ok(())
    }

    /// A resource that is not there has been deleted, perhaps by an earlier try.
    async fn delete(&self, call: &Call) -> Result<Done> {
        let answer = self.sender.send(call).await?;
        match answer.status {
            204 | 200 | 404 => Ok(Done::Deleted),
            _ => bail!(refused(call, &answer)),
        }
    }

    async fn ok(&self, call: &Call) -> Result<Answer> {
        let answer = self.sender.send(call).await?;
        match answer.status {
            200 | 204 => Ok(answer),
            404 => Err(Gone(refused(call, &answer)).into()),
            _ => bail!(refused(call, &answer)),
        }
    }
}

/// A resource that was exported is not there any more.
#[derive(Debug)]
struct Gone(String);

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Gone {}

fn refused(call: &Call, answer: &Answer) -> String {
    format!("{call}{answer}")
}

fn id(resource: &Value) -> Option<String> {
    resource["id"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulate::entra::Entra;
    use crate::simulate::okta::Okta;
    use crate::simulate::scripted::{Line, Scripted};
    use crate::simulate::testing::user;
    use crate::simulate::values::User;
    use Line::{Answer, HangUp};

    fn nothing() -> Line {
        Answer(200, json!({"totalResults": 0}))
    }

    fn ann() -> Value {
        json!({"id": "7", "userName": "ann", "active": true})
    }

    fn found() -> Line {
        Answer(200, json!({"totalResults": 1, "Resources": [ann()]}))
    }

    fn export() -> Work<User> {
        Work::Export {
            wanted: user("userName=ann active"),
            absent: Absent::Create,
        }
    }

    fn exported() -> Exported<User> {
        Exported {
            id: "7".to_owned(),
            last: user("userName=ann active"),
        }
    }

    fn update(provider: &dyn Provider) -> Work<User> {
        let exported = exported();
        let changes = user("userName=ann").update(provider, "7", &exported.last);
        Work::Update { exported, changes }
    }

    /// The requests that a job leads to, and how it ends.
    async fn played(provider: &dyn Provider, work: Work<User>, script: Vec<Line>) -> String {
        let (server, client) = Scripted::start(script).await;
        let sender = Sender::new(&client, 0);
        let worker = Worker {
            sender: &sender,
            provider,
        };
        let taken = BTreeSet::from(["taken".to_owned()]);
        let anchor = "a".to_owned();
        let outcome = worker.run(Job { anchor, work }, &taken).await;
        let ended = match outcome.done {
            Ok(done) => format!("{done:?}"),
            Err(error) => error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned(),
        };
        let known = outcome.exported.map_or_else(
            || "nothing is exported".to_owned(),
            |exported| {
                format!(
                    "{} is exported, active {}",
                    exported.id, exported.last.active
                )
            },
        );
        format!("{}\n{ended}, {known}", server.asked())
    }

    macro_rules! check {
        ($provider:expr, $work:expr, [$($line:expr),* $(,)?], @$shown:literal) => {
            insta::assert_snapshot!(played(&$provider, $work, vec![$($line),*]).await, @$shown)
        };
    }

    #[tokio::test]
    async fn created_after_two_looks() {
        check!(Entra::Usual, export(), [nothing(), nothing(), Answer(201, ann())], @r#"
        GET /Users
        GET /Users
        POST /Users
        Created, 7 is exported, active true
        "#);
    }

    #[tokio::test]
    async fn whoever_is_there_is_taken_over() {
        check!(Entra::Usual, export(), [nothing(), found()], @r#"
        GET /Users
        GET /Users
        Matched, 7 is exported, active true
        "#);
    }

    #[tokio::test]
    async fn whoever_belongs_to_another_object_is_not() {
        let other = json!({"totalResults": 1, "Resources": [{"id": "taken"}]});
        check!(Entra::Usual, export(), [Answer(200, other)], @r#"
        GET /Users
        found taken, which is another object's, nothing is exported
        "#);
    }

    #[tokio::test]
    async fn a_lost_answer_to_post_is_followed_by_a_look() {
        check!(Okta::Put, export(), [nothing(), HangUp, found()], @r#"
        GET /Users
        POST /Users
        GET /Users
        Created, 7 is exported, active true
        "#);
        check!(Okta::Put, export(), [nothing(), HangUp, nothing(), Answer(201, ann())], @r#"
        GET /Users
        POST /Users
        GET /Users
        POST /Users
        Created, 7 is exported, active true
        "#);
        check!(Okta::Put, export(), [nothing(), Answer(503, json!({})), found()], @r#"
        GET /Users
        POST /Users
        GET /Users
        Created, 7 is exported, active true
        "#);
    }

    #[tokio::test]
    async fn a_conflict_is_followed_by_a_look() {
        check!(Okta::Put, export(), [nothing(), Answer(409, json!({})), found()], @r#"
        GET /Users
        POST /Users
        GET /Users
        Matched, 7 is exported, active true
        "#);
        check!(Okta::Put, export(), [nothing(), Answer(409, json!("x")), nothing()], @r#"
        GET /Users
        POST /Users
        GET /Users
        < "x", nothing is exported
        "#);
    }

    #[tokio::test]
    async fn nobody_is_created_inactive() {
        let work = || Work::Export {
            wanted: user("userName=ann"),
            absent: Absent::Leave,
        };
        check!(Okta::Patch, work(), [nothing()], @r#"
        GET /Users
        Left, nothing is exported
        "#);
        check!(Okta::Patch, work(), [found(), Answer(200, ann())], @r#"
        GET /Users
        PATCH /Users/7
        Matched, 7 is exported, active false
        "#);
    }

    #[tokio::test]
    async fn changes_are_repeated() {
        let fine = || Answer(200, ann());
        check!(Entra::Usual, update(&Entra::Usual), [fine(), HangUp, Answer(500, json!({})), fine()], @r#"
        GET /Users/7
        PATCH /Users/7
        PATCH /Users/7
        PATCH /Users/7
        Updated, 7 is exported, active false
        "#);
        check!(Okta::Put, update(&Okta::Put), [fine(), HangUp, Answer(200, ann())], @r#"
        GET /Users/7
        PUT /Users/7
        PUT /Users/7
        Updated, 7 is exported, active false
        "#);
        check!(Okta::Patch, update(&Okta::Patch), [Answer(429, json!({})), Answer(429, json!({})), fine()], @r#"
        PATCH /Users/7
        PATCH /Users/7
        PATCH /Users/7
        Updated, 7 is exported, active false
        "#);
    }

    #[tokio::test]
    async fn a_refused_change_leaves_what_was_known() {
        check!(Okta::Patch, update(&Okta::Patch), [Answer(400, json!("no"))], @r#"
        PATCH /Users/7
        < "no", 7 is exported, active true
        "#);
    }

    #[tokio::test]
    async fn what_has_vanished_is_forgotten() {
        check!(Entra::Usual, update(&Entra::Usual), [Answer(404, json!("gone"))], @r#"
        GET /Users/7
        < "gone", nothing is exported
        "#);
    }

    #[tokio::test]
    async fn deleted_once() {
        let delete = || Work::Delete {
            exported: exported(),
        };
        check!(Entra::Usual, delete(), [Answer(204, json!(null))], @r#"
        DELETE /Users/7
        Deleted, nothing is exported
        "#);
        check!(Entra::Usual, delete(), [HangUp, Answer(404, json!({}))], @r#"
        DELETE /Users/7
        DELETE /Users/7
        Deleted, nothing is exported
        "#);
        check!(Entra::Usual, delete(), [Answer(403, json!("no"))], @r#"
        DELETE /Users/7
        < "no", 7 is exported, active true
        "#);
    }
}
