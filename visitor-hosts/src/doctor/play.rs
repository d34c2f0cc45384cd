//! One script: which request follows, what is kept of the answers, and when to go on.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use super::endpoint::{Answer, Request};
use super::examine::Doctor;
use super::fill::{Known, Unknown};
use super::judge::{self, Judged};
use super::report::{Problem, StepReport, Verdict};
use super::script::{Must, Provider, Script, Step};
use super::tidy::{Made, Tidied};

/// One script, as far as it has been played.
pub(super) struct Playing<'p> {
    doctor: &'p Doctor<'p>,
    provider: Provider,
    script: &'p Script,
    known: Known,
    made: Made,
    /// Why nothing else is tried.
    over: Option<String>,
    /// Remarks on answers in general, each of which is made once.
    remarked: HashSet<String>,
}

impl<'p> Playing<'p> {
    pub(super) fn new(
        doctor: &'p Doctor<'p>,
        provider: Provider,
        script: &'p Script,
    ) -> Playing<'p> {
        let tag = format!("{}-{}", doctor.tag, provider.word());
        let mut known = Known::default();
        known.learn("run", json!(tag));
        known.learn("nobody", json!(format!("{tag}-nobody")));
        Playing {
            doctor,
            provider,
            script,
            known,
            made: Made::new(&tag),
            over: None,
            remarked: HashSet::new(),
        }
    }

    pub(super) async fn play(&mut self, step: &Step) -> StepReport {
        let stopped = self
            .doctor
            .stop
            .is_some_and(|stop| stop.load(Ordering::Relaxed));
        if stopped {
            self.over = Some("it was stopped".to_owned());
        }
        if let Some(why) = &self.over {
            return skipped(step, why.clone());
        }
        let request = self.request(step, step.body.as_ref());
        let request = match request.and_then(|request| self.can_judge(step).map(|()| request)) {
            Ok(request) => request,
            Err(Unknown(name)) => return skipped(step, self.missing(&name)),
        };
        let mut told = StepReport {
            id: step.id.clone(),
            title: step.title.clone(),
            verdict: Verdict::Good,
            sent: Some(judge::short(&request.to_string())),
            came: None,
            problems: Vec::new(),
            skipped: None,
        };
        let (answer, mut problems) = self.attempt(step, &request).await;
        let broken = problems
            .iter()
            .any(|problem| problem.verdict == Verdict::Broken);
        if broken && self.over.is_none() {
            self.try_the_flag(step, &mut problems).await;
            self.fall_back(step, &mut problems).await;
        }
        if let Some(answer) = &answer {
            told.came = Some(judge::came(answer));
            let remark = judge::manners(answer);
            problems.extend(remark.filter(|remark| self.remarked.insert(remark.found.clone())));
        }
        told.verdict = problems
            .iter()
            .map(|problem| problem.verdict)
            .max()
            .unwrap_or(Verdict::Good);
        told.problems = problems;
        told
    }

    /// Deletes what was made.
    pub(super) async fn tidy(self) -> Tidied {
        let endpoint = self.doctor.endpoint;
        self.made.tidy(endpoint, self.script, &self.known).await
    }

    /// Sends the request and looks at all that must be true afterwards.
    async fn attempt(&mut self, step: &Step, request: &Request) -> (Option<Answer>, Vec<Problem>) {
        let answer = match self.doctor.endpoint.send(request).await {
            Ok(answer) => answer,
            Err(why) => {
                self.over = Some("the server does not answer".to_owned());
                return (None, vec![judge::silence(self.provider, &why)]);
            }
        };
        let mut problems = match judge::status(self.provider, step, &answer) {
            Judged::On(problems) => problems,
            Judged::Over(_) if answer.status == 404 && self.lists_users().await => {
                vec![judge::wrong_status(step, &answer)]
            }
            Judged::Over(problem) => {
                self.over = Some(format!("\"{}\" failed", step.title));
                return (Some(answer), vec![problem]);
            }
        };
        if !(200..300).contains(&answer.status) {
            return (Some(answer), problems);
        }
        let body = answer.json();
        match &body {
            Some(body) => {
                problems.extend(judge::body(step, &step.checks, &self.known, body));
                problems.extend(self.take(step, body).await);
            }
            None if answer.body.is_empty() && (answer.status == 204 || step.checks.is_empty()) => {}
            None => problems.push(Problem {
                verdict: step.severity.into(),
                found: "The answer is no JSON.".to_owned(),
                means: step.means.clone(),
                change: step.change.clone(),
            }),
        }
        if let Some(gone) = &step.removes
            && let Ok(gone) = self.known.text(gone)
        {
            self.made.forget(&gone);
        }
        problems.extend(self.read_back(step).await);
        (Some(answer), problems)
    }

    /// Whether there are users at the address, although a look-up was answered with 404.
    async fn lists_users(&self) -> bool {
        let list = Request::new("GET", "/Users");
        let list = list.with("startIndex", "1").with("count", "1");
        let answer = self.doctor.endpoint.send(&list).await;
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// Keeps what later steps need. Of a new resource nothing is kept unless it carries our name.
    async fn take(&mut self, step: &Step, body: &Value) -> Vec<Problem> {
        if let Some(endpoint) = &step.creates {
            let Some(id) = body["id"].as_str() else {
                return vec![problem(
                    step,
                    "The answer has no id, or one that is no text.",
                )];
            };
            let path = format!("{endpoint}/{id}");
            if !self.made.is_ours(body) {
                let again = self.doctor.endpoint.send(&Request::new("GET", &path)).await;
                let again = again.ok().and_then(|answer| answer.json());
                if !again.is_some_and(|resource| self.made.is_ours(&resource)) {
                    return vec![problem(
                        step,
                        "The answer is not the resource that was sent.",
                    )];
                }
            }
            self.made.remember(&path);
        }
        keep(&mut self.known, &step.keep, body);
        Vec::new()
    }

    async fn read_back(&mut self, step: &Step) -> Vec<Problem> {
        let Some(then) = &step.then else {
            return Vec::new();
        };
        let Ok(path) = self.known.text(&then.path) else {
            return Vec::new();
        };
        let mut request = Request::new("GET", &path);
        request.headers = headers(&self.script.headers, None);
        let answer = match self.doctor.endpoint.send(&request).await {
            Ok(answer) => answer,
            Err(why) => {
                self.over = Some("the server does not answer".to_owned());
                return vec![judge::silence(self.provider, &why)];
            }
        };
        match answer.json().filter(|_| answer.status == 200) {
            Some(body) => {
                keep(&mut self.known, &then.keep, &body);
                judge::body(step, &then.checks, &self.known, &body)
            }
            None => {
                let found = format!(
                    "{path} cannot be read afterwards (status {}).",
                    answer.status
                );
                vec![problem(step, &found)]
            }
        }
    }

    /// Whether the server takes what Entra sends once its flag is set.
    async fn try_the_flag(&mut self, step: &Step, problems: &mut [Problem]) {
        let Some(flagged) = &step.with_flag else {
            return;
        };
        let Ok(request) = self.request(step, Some(flagged)) else {
            return;
        };
        let (_, left) = self.attempt(step, &request).await;
        if left.is_empty()
            && let Some(problem) = problems.first_mut()
        {
            problem.change = format!(
                "Write ?aadOptscim062020 behind the Tenant URL. Entra then sends {}, which this \
                 server takes. Otherwise: {}",
                request.body.unwrap_or_default()["Operations"],
                problem.change
            );
        }
    }

    /// Whether the server takes something simpler, with which one can go on.
    async fn fall_back(&mut self, step: &Step, problems: &mut [Problem]) {
        let Some(fallback) = &step.fallback else {
            return;
        };
        let told = |known: &Known| step.keep.keys().all(|name| known.get(name).is_ok());
        if told(&self.known) {
            return;
        }
        let Ok(request) = self.request(step, Some(&fallback.body)) else {
            return;
        };
        self.attempt(step, &request).await;
        if told(&self.known)
            && let Some(problem) = problems.first_mut()
        {
            problem.found = format!("{} {}", problem.found, fallback.tells);
        }
    }

    /// Whether all is known that the answer is compared with.
    fn can_judge(&self, step: &Step) -> Result<(), Unknown> {
        let then = step.then.as_ref().map_or(&[][..], |then| &then.checks);
        for check in step.checks.iter().chain(then) {
            if let Must::Is(wanted) | Must::Has(wanted) | Must::Lacks(wanted) = &check.must {
                self.known.json(wanted)?;
            }
        }
        Ok(())
    }

    fn request(&self, step: &Step, body: Option<&Value>) -> Result<Request, Unknown> {
        let mut request = Request::new(&step.method, &self.known.text(&step.path)?);
        for (name, value) in &step.query {
            let value = self.known.text(value.as_str().unwrap_or_default())?;
            request = request.with(name, &value);
        }
        request.headers = headers(&self.script.headers, body);
        if let Some(body) = body {
            let mut body = self.known.json(body)?;
            if let Some(read) = &step.over {
                let mut whole = self.known.get(read)?.clone();
                if let (Some(whole), Some(body)) = (whole.as_object_mut(), body.as_object_mut()) {
                    whole.append(body);
                }
                body = whole;
            }
            request.body = Some(body);
        }
        Ok(request)
    }

    /// Which step should have told the name.
    fn missing(&self, name: &str) -> String {
        let told = |step: &&Step| {
            let then = step.then.as_ref();
            step.keep.contains_key(name) || then.is_some_and(|then| then.keep.contains_key(name))
        };
        match self.script.steps.iter().find(told) {
            Some(step) => format!("it needs \"{}\"", step.title),
            None => format!("it needs {name}"),
        }
    }
}

fn problem(step: &Step, found: &str) -> Problem {
    Problem {
        verdict: step.severity.into(),
        found: found.to_owned(),
        means: step.means.clone(),
        change: step.change.clone(),
    }
}

fn keep(known: &mut Known, wanted: &Map<String, Value>, body: &Value) {
    for (name, at) in wanted {
        if let Some(value) = body.pointer(at.as_str().unwrap_or_default()) {
            known.learn(name, value.clone());
        }
    }
}

/// Without a body, none is declared.
fn headers(all: &Map<String, Value>, body: Option<&Value>) -> Vec<(String, String)> {
    let texts = all.iter().filter_map(|(name, value)| {
        let value = value.as_str()?;
        let fits = body.is_some() || !name.eq_ignore_ascii_case("content-type");
        fits.then(|| (name.clone(), value.to_owned()))
    });
    texts.collect()
}

fn skipped(step: &Step, why: String) -> StepReport {
    StepReport {
        id: step.id.clone(),
        title: step.title.clone(),
        verdict: Verdict::Skipped,
        sent: None,
        came: None,
        problems: Vec::new(),
        skipped: Some(why),
    }
}
