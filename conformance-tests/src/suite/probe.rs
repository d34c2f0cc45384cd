//! What a check works with: it speaks to the server, and remembers what it made there.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use tokio::time::sleep;

use super::bodies::{merged, patch_body};
use super::discovered::{Discovered, GROUP, USER};
use super::said::{at, values};
use super::{Listed, People, Said, Stop, fail, not_applicable};
use crate::client::{Answer, Call, Client};

/// Speaks to the server for the checks.
pub struct Probe {
    client: Client,
    mark: String,
    discovered: Discovered,
    people: OnceCell<People>,
    state: Mutex<State>,
    interrupted: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    /// What the check under way sent and got.
    exchanges: Vec<Exchange>,
    /// What must be deleted again.
    made: Vec<Made>,
    /// What the server would not delete.
    left: Vec<Made>,
    names: u32,
    /// How long to wait before each request, once the server asked to be spared.
    pause: Option<Duration>,
    requests: u64,
    /// Whether each 429 told when to come back.
    refusals: Vec<bool>,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request; the token is named, never shown.
    pub sent: String,
    /// The answer, or why there was none.
    pub came_back: String,
}

/// A resource that this run made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// With a slash in front: `/Users`.
    pub(crate) endpoint: String,
    pub(crate) id: String,
    /// As it was answered.
    pub(crate) body: Value,
}

impl Made {
    /// Stands where the server has no such resource type.
    pub(super) fn none() -> Self {
        Self {
            endpoint: String::new(),
            id: String::new(),
            body: Value::Null,
        }
    }

    /// Below the SCIM base.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.endpoint, self.id)
    }
}

/// As many attempts as a server may refuse with 429.
const ATTEMPTS_MAX: u32 = 5;
/// 25 requests a second are what a provisioning client may count on.
const SPARING: Duration = Duration::from_millis(40);
/// Longer than any sensible `Retry-After`.
const RETRY_AFTER_MAX_S: u64 = 30;
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Sending.
impl Probe {
    pub(super) fn new(client: Client, mark: String, interrupted: Arc<AtomicBool>) -> Self {
        Self {
            client,
            mark,
            discovered: Discovered::default(),
            people: OnceCell::new(),
            state: Mutex::default(),
            interrupted,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What every name that this run makes begins with.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// What locations begin with.
    pub(crate) fn base(&self) -> &str {
        self.client.base()
    }

    pub(crate) async fn send(&self, call: Call) -> Result<Said, Stop> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        self.send_even_then(call).await
    }

    /// Cleaning up goes on when somebody wants the run to end.
    async fn send_even_then(&self, call: Call) -> Result<Said, Stop> {
        let sent = call.to_string();
        let answer = match self.patiently(&call).await {
            Ok(answer) => answer,
            Err(error) => {
                let came_back = format!("{error:#}");
                self.state().exchanges.push(Exchange {
                    sent,
                    came_back: came_back.clone(),
                });
                return fail(format!("no answer came: {came_back}"));
            }
        };
        self.state().exchanges.push(Exchange {
            sent,
            came_back: answer.to_string(),
        });
        let said = Said::new(answer);
        self.remember(&call, &said);
        Ok(said)
    }

    /// A server that says 429 is asked again when it says, and from then on more slowly.
    async fn patiently(&self, call: &Call) -> anyhow::Result<Answer> {
        let mut attempt = 1;
        loop {
            let pause = self.state().pause;
            if let Some(pause) = pause {
                sleep(pause).await;
            }
            self.state().requests += 1;
            let answer = self.client.send(call).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            {
                let mut state = self.state();
                state.refusals.push(answer.header("retry-after").is_some());
                state.pause = Some(SPARING);
            }
            if attempt == ATTEMPTS_MAX {
                return Ok(answer);
            }
            let seconds = answer
                .header("retry-after")
                .and_then(|text| text.parse().ok());
            sleep(Duration::from_secs(
                seconds.unwrap_or(1).min(RETRY_AFTER_MAX_S),
            ))
            .await;
            attempt += 1;
        }
    }

    /// How often the server answered 429.
    pub(crate) fn times_refused(&self) -> usize {
        self.state().refusals.len()
    }

    /// Whether the last 429, if there was one, had `Retry-After`.
    pub(crate) fn last_refusal(&self) -> Option<bool> {
        self.state().refusals.last().copied()
    }

    /// The address, cut where its path begins.
    pub(crate) fn origin_and_path(&self) -> (String, String) {
        let address = self.client.address();
        let host = address.find("://").map_or(0, |at| at + 3);
        let slash = address[host..]
            .find('/')
            .map_or(address.len(), |at| host + at);
        let (origin, path) = address.split_at(slash);
        (origin.to_owned(), path.to_owned())
    }

    pub(super) fn requests(&self) -> u64 {
        self.state().requests
    }

    /// What was sent and came back since this was asked last.
    pub(super) fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.state().exchanges)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Said, Stop> {
        self.send(Call::new("GET", path)).await
    }

    /// With a query, whose values are percent-encoded.
    pub(crate) async fn query(&self, path: &str, query: &[(&str, &str)]) -> Result<Said, Stop> {
        self.send(Call::new("GET", path).with_query(encoded(query)))
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Said, Stop> {
        self.send(Call::new("POST", path).with_body(body)).await
    }
}

/// `name=value&…`, with every sign encoded that could mean something.
fn encoded(query: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = query
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)))
        .collect();
    pairs.join("&")
}

/// What the server says about itself.
impl Probe {
    /// Reads the three discovery endpoints. An error means that the server cannot be talked to.
    pub(super) async fn discover(&mut self) -> Result<(), String> {
        let told = |stop: Stop| match stop {
            Stop::Failed(why) => why,
            other => format!("{other:?}"),
        };
        let config = self.get("/ServiceProviderConfig").await.map_err(told)?;
        if [401, 403].contains(&config.code()) {
            return Err(format!(
                "the server refuses the credentials with status {}: pass those of a test tenant",
                config.code()
            ));
        }
        let mut lists = HashMap::new();
        for path in ["/ResourceTypes", "/Schemas"] {
            let said = self.get(path).await.map_err(told)?;
            let listed = match said.body() {
                // Some answer with the bare list.
                Value::Array(found) => found.clone(),
                body => values(at(body, "Resources")).to_vec(),
            };
            lists.insert(path, listed);
        }
        self.discovered = Discovered {
            config: if config.succeeded() {
                config.body().clone()
            } else {
                Value::Null
            },
            types: lists.remove("/ResourceTypes").unwrap_or_default(),
            schemas: lists.remove("/Schemas").unwrap_or_default(),
        };
        self.take_exchanges();
        Ok(())
    }

    pub(crate) fn discovered(&self) -> &Discovered {
        &self.discovered
    }

    /// Goes on if the configuration says that `feature` is supported.
    pub(crate) fn offers(&self, feature: &str) -> Result<(), Stop> {
        match self.discovered.supports(feature) {
            Some(true) => Ok(()),
            Some(false) => not_applicable(format!(
                "ServiceProviderConfig says that {feature} is not supported"
            )),
            // What every identity provider needs is asked of a server that says nothing.
            None if ["patch", "filter"].contains(&feature) => Ok(()),
            None => not_applicable(format!(
                "ServiceProviderConfig does not say that {feature} is supported"
            )),
        }
    }

    pub(crate) fn has(&self, kind: &str, path: &str) -> bool {
        let attribute = self.discovered.attribute(kind, path);
        attribute.is_some_and(|attribute| at(&attribute, "mutability") != "readOnly")
    }

    /// Goes on if clients can write these attributes.
    pub(crate) fn needs(&self, kind: &str, paths: &[&str]) -> Result<(), Stop> {
        self.endpoint(kind)?;
        for path in paths {
            if !self.has(kind, path) {
                return not_applicable(format!("the schema of {kind} has no writable {path}"));
            }
        }
        Ok(())
    }

    /// Where resources of a type are, if the server has it.
    pub(crate) fn endpoint(&self, kind: &str) -> Result<String, Stop> {
        match self.discovered.endpoint(kind) {
            Some(endpoint) => Ok(endpoint),
            None => not_applicable(format!("the server has no resource type {kind}")),
        }
    }
}

/// Making things.
impl Probe {
    /// A name that nobody else has.
    pub(crate) fn name(&self) -> String {
        let mut state = self.state();
        state.names += 1;
        format!("{}-{}", self.mark, state.names)
    }

    /// The body of a plain user, with what the schema requires.
    pub(crate) fn new_user(&self) -> Value {
        let name = self.name();
        let mut body = json!({
            "schemas": [USER],
            "userName": format!("{name}@example.com"),
        });
        let optional = [
            ("displayName", json!(format!("User {name}"))),
            (
                "name",
                json!({"givenName": "Given", "familyName": format!("Family {name}")}),
            ),
            ("active", json!(true)),
            (
                "emails",
                json!([{"value": format!("{name}@work.example"), "type": "work", "primary": true}]),
            ),
        ];
        for (attribute, value) in optional {
            if self.has("User", attribute) {
                body = merged(body, json!({attribute: value}));
            }
        }
        self.discovered.complete("User", &mut body);
        body
    }

    /// The body of a group with these members.
    pub(crate) fn new_group(&self, members: &[&Made]) -> Value {
        let mut body = json!({
            "schemas": [GROUP],
            "displayName": format!("{} group", self.name()),
        });
        if !members.is_empty() {
            body = merged(body, json!({"members": refs(members)}));
        }
        self.discovered.complete("Group", &mut body);
        body
    }

    /// Tries to create; the answer may be a refusal.
    pub(crate) async fn create(&self, kind: &str, body: Value) -> Result<Said, Stop> {
        self.post(&self.endpoint(kind)?, body).await
    }

    /// A new user, without which the check could not run.
    pub(crate) async fn user(&self) -> Result<Made, Stop> {
        self.made("User", self.new_user()).await
    }

    /// A new user with these members instead of the usual ones.
    pub(crate) async fn user_with(&self, over: Value) -> Result<Made, Stop> {
        let mut body = merged(self.new_user(), over);
        declare(&mut body);
        self.made("User", body).await
    }

    /// A new group, without which the check could not run.
    pub(crate) async fn group(&self, members: &[&Made]) -> Result<Made, Stop> {
        self.made("Group", self.new_group(members)).await
    }

    pub(crate) async fn group_with(&self, members: &[&Made], over: Value) -> Result<Made, Stop> {
        self.made("Group", merged(self.new_group(members), over))
            .await
    }

    async fn made(&self, kind: &str, body: Value) -> Result<Made, Stop> {
        let endpoint = self.endpoint(kind)?;
        let said = match self.post(&endpoint, body).await {
            Err(Stop::Failed(why)) => return Err(Stop::CouldNotRun(why)),
            other => other?,
        };
        let id = said.string("id");
        if !said.succeeded() || id.is_empty() {
            return Err(Stop::CouldNotRun(format!(
                "a {kind} could not be made: status {}, id {id:?}",
                said.code()
            )));
        }
        Ok(Made {
            endpoint,
            id,
            body: said.body().clone(),
        })
    }

    /// The resource as it is now.
    pub(crate) async fn read(&self, made: &Made) -> Result<Said, Stop> {
        self.get(&made.path()).await?.status(&[200])
    }

    pub(crate) async fn put(&self, made: &Made, body: Value) -> Result<Said, Stop> {
        self.send(Call::new("PUT", made.path()).with_body(body))
            .await
    }

    /// The resource after a PUT with these members changed.
    pub(crate) async fn put_over(&self, made: &Made, over: Value) -> Result<Said, Stop> {
        let mut body = merged(made.body.clone(), over);
        declare(&mut body);
        self.put(made, body).await?.accepted()?;
        self.read(made).await
    }

    pub(crate) async fn patch(
        &self,
        made: &Made,
        operations: impl IntoIterator<Item = Value>,
    ) -> Result<Said, Stop> {
        self.offers("patch")?;
        let call = Call::new("PATCH", made.path()).with_body(patch_body(operations));
        self.send(call).await
    }

    /// The resource after a PATCH, which must succeed.
    pub(crate) async fn patched(
        &self,
        made: &Made,
        operations: impl IntoIterator<Item = Value>,
    ) -> Result<Said, Stop> {
        self.patch(made, operations).await?.status(&[200, 204])?;
        self.read(made).await
    }

    /// Waits until the server's clock shows another time than `meta.lastModified` did: some show
    /// whole seconds.
    pub(crate) async fn tick(&self, last_modified: &str) {
        let fraction = last_modified
            .split_once('.')
            .map_or("", |(_, fraction)| fraction);
        let is_fine = fraction.contains(|sign| ('1'..='9').contains(&sign));
        sleep(Duration::from_millis(if is_fine { 20 } else { 1_050 })).await;
    }

    pub(crate) async fn delete(&self, made: &Made) -> Result<Said, Stop> {
        self.send(Call::new("DELETE", made.path())).await
    }
}

/// Members as a group has them.
pub(crate) fn refs(members: &[&Made]) -> Value {
    members
        .iter()
        .map(|made| json!({"value": made.id}))
        .collect()
}

/// `schemas` names the extensions in use.
fn declare(body: &mut Value) {
    let urns: Vec<Value> = body
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys())
        .filter(|name| name.starts_with("urn:"))
        .map(|name| json!(name))
        .collect();
    if let Some(Value::Array(schemas)) = body.get_mut("schemas") {
        for urn in urns {
            if !schemas.contains(&urn) {
                schemas.push(urn);
            }
        }
    }
}

/// Looking for things.
impl Probe {
    pub(crate) async fn people(&self) -> Result<&People, Stop> {
        let made = self.people.get_or_try_init(|| People::make(self)).await;
        made.map_err(|stop| match stop {
            Stop::Failed(why) => Stop::CouldNotRun(why),
            other => other,
        })
    }

    pub(crate) async fn find(&self, kind: &str, filter: &str) -> Result<Said, Stop> {
        self.query(&self.endpoint(kind)?, &[("filter", filter)])
            .await
    }

    /// People, and a filter that selects them alone.
    pub(crate) async fn crowd(&self) -> Result<&People, Stop> {
        self.offers("filter")?;
        let people = self.people().await?;
        if people.filter.is_empty() {
            return Err(Stop::CouldNotRun(
                "no filter by name.familyName, userName or displayName selects the users just made"
                    .to_owned(),
            ));
        }
        Ok(people)
    }

    /// Of the people, these and no others are selected by a filter. In it, `{mark}` stands for
    /// what all names have in common, and `{crowd}` for a filter that selects the people alone.
    pub(crate) async fn selects(
        &self,
        attributes: &[&str],
        filter: &str,
        expected: &[&str],
    ) -> Result<Listed, Stop> {
        self.offers("filter")?;
        self.needs("User", attributes)?;
        let people = self.people().await?;
        let mut filter = filter.replace("{mark}", &self.mark);
        if filter.contains("{crowd}") {
            filter = filter.replace("{crowd}", &self.crowd().await?.filter);
        }
        let listed = self.find("User", &filter).await?.list()?;
        let found = people.among(&listed);
        if found == expected {
            return Ok(listed);
        }
        fail(format!(
            "{filter} must select {expected:?}, selected {found:?}"
        ))
    }
}

/// Cleaning up.
impl Probe {
    /// Only what a request of this run made is ever deleted.
    fn remember(&self, call: &Call, said: &Said) {
        if !said.succeeded() {
            return;
        }
        let path = call.path.trim_end_matches('/');
        match call.method.as_str() {
            "POST" if path.ends_with("/Bulk") => {
                for operation in values(at(said.body(), "Operations")) {
                    let location = at(operation, "location").as_str().unwrap_or_default();
                    if at(operation, "method") == "POST" && !location.is_empty() {
                        self.remember_location(location);
                    }
                }
            }
            "POST" if path.ends_with("/.search") => {}
            "POST" | "PUT" if said.code() == 201 || call.method == "POST" => {
                let id = said.string("id");
                if id.is_empty() {
                    self.remember_location(said.header("location").unwrap_or_default());
                } else {
                    let endpoint = match call.method.as_str() {
                        "PUT" => path.rsplit_once('/').map_or(path, |(endpoint, _)| endpoint),
                        _ => path,
                    };
                    self.keep(endpoint, &id);
                }
            }
            "DELETE" => self.state().made.retain(|made| made.path() != path),
            _ => {}
        }
    }

    fn remember_location(&self, location: &str) {
        let mut parts = location.trim_end_matches('/').rsplit('/');
        if let (Some(id), Some(endpoint)) = (parts.next(), parts.next()) {
            self.keep(&format!("/{endpoint}"), id);
        }
    }

    fn keep(&self, endpoint: &str, id: &str) {
        let made = Made {
            endpoint: endpoint.to_owned(),
            id: id.to_owned(),
            body: Value::Null,
        };
        let mut state = self.state();
        if !state.made.contains(&made) {
            state.made.push(made);
        }
    }

    /// Deletes what the check under way made; what the people are stays for the next one.
    pub(super) async fn clean_after_check(&self) {
        let kept: Vec<String> = match self.people.get() {
            Some(people) => people
                .users
                .iter()
                .chain([&people.staff])
                .map(Made::path)
                .collect(),
            None => Vec::new(),
        };
        self.clean(|made| !kept.contains(&made.path())).await;
        self.take_exchanges();
    }

    /// Deletes everything, tries again what would not go, and tells what stays.
    pub(super) async fn clean_all(&self) -> Vec<String> {
        {
            let mut state = self.state();
            let left = std::mem::take(&mut state.left);
            state.made.extend(left);
        }
        self.clean(|_| true).await;
        self.look_for_more().await;
        self.clean(|_| true).await;
        self.state().left.iter().map(Made::path).collect()
    }

    /// A server may have made what it did not tell, or its answer was lost. Names tell whose it
    /// is: no other run has this mark.
    async fn look_for_more(&self) {
        for (kind, attribute) in [("User", "userName"), ("Group", "displayName")] {
            let Ok(endpoint) = self.endpoint(kind) else {
                continue;
            };
            let filter = format!(r#"{attribute} sw "{}-""#, self.mark);
            let call = Call::new("GET", &endpoint).with_query(encoded(&[("filter", &filter)]));
            let Ok(said) = self.send_even_then(call).await else {
                continue;
            };
            for found in values(at(said.body(), "Resources")) {
                let name = at(found, attribute).as_str().unwrap_or_default();
                let id = at(found, "id").as_str().unwrap_or_default();
                let is_left = self.state().left.iter().any(|made| made.id == id);
                if name.starts_with(&self.mark) && !id.is_empty() && !is_left {
                    self.keep(&endpoint, id);
                }
            }
        }
    }

    async fn clean(&self, wanted: impl Fn(&Made) -> bool) {
        let mut made = self.state().made.clone();
        // Groups come after their members, and go before them.
        made.reverse();
        for made in made.into_iter().filter(|made| wanted(made)) {
            let answer = self.send_even_then(Call::new("DELETE", made.path())).await;
            let gone = answer.is_ok_and(|said| said.succeeded() || said.code() == 404);
            let mut state = self.state();
            state.made.retain(|other| *other != made);
            if !gone {
                state.left.push(made);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded() {
        let query = [("filter", r#"userName eq "a+b&c""#), ("count", "1")];
        assert_eq!(
            encoded(&query),
            "filter=userName%20eq%20%22a%2Bb%26c%22&count=1"
        );
    }

    #[test]
    fn extensions_are_declared() {
        let mut body = json!({"schemas": [USER], "urn:x": {}});
        declare(&mut body);
        assert_eq!(body["schemas"], json!([USER, "urn:x"]));
    }
}
