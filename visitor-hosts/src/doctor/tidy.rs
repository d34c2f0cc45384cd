//! What was made, and that it goes again.

use serde_json::Value;

use super::endpoint::{Endpoint, Request};
use super::fill::Known;
use super::script::Script;

/// Resources of a run.
#[derive(Debug)]
pub(super) struct Made {
    tag: String,
    /// What is there, as far as answers have told.
    paths: Vec<String>,
    count: usize,
}

/// What came of tidying up.
#[derive(Debug)]
pub(super) struct Tidied {
    pub(super) made: usize,
    pub(super) left_behind: Vec<String>,
}

impl Made {
    pub(super) fn new(tag: &str) -> Made {
        Made {
            tag: tag.to_owned(),
            paths: Vec::new(),
            count: 0,
        }
    }

    /// Whether the resource carries the name of the run. Nothing else is ever changed or deleted.
    pub(super) fn is_ours(&self, resource: &Value) -> bool {
        let texts = ["userName", "displayName"].map(|name| resource[name].as_str());
        texts
            .into_iter()
            .flatten()
            .any(|text| text.contains(&self.tag))
    }

    pub(super) fn remember(&mut self, path: &str) {
        self.paths.push(path.to_owned());
        self.count += 1;
    }

    pub(super) fn forget(&mut self, path: &str) {
        self.paths.retain(|known| known != path);
    }

    /// Deletes what is known, groups before their members, then looks for what an answer did not
    /// tell.
    pub(super) async fn tidy(
        self,
        endpoint: &dyn Endpoint,
        script: &Script,
        known: &Known,
    ) -> Tidied {
        let mut tidied = Tidied {
            made: self.count,
            left_behind: Vec::new(),
        };
        for path in self.paths.iter().rev() {
            tidied.delete(endpoint, path).await;
        }
        for made in &script.made {
            let Ok(filter) = known.text(&made.filter) else {
                continue;
            };
            let search = Request::new("GET", &made.path).with("filter", &filter);
            let found = endpoint.send(&search).await.ok();
            let found = found.and_then(|answer| answer.json()).unwrap_or_default();
            let ours = found["Resources"].as_array().into_iter().flatten();
            for resource in ours.filter(|resource| self.is_ours(resource)) {
                if let Some(id) = resource["id"].as_str() {
                    let path = format!("{}/{id}", made.path);
                    if !self.paths.contains(&path) {
                        tidied.made += 1;
                        tidied.delete(endpoint, &path).await;
                    }
                }
            }
        }
        tidied
    }
}

impl Tidied {
    async fn delete(&mut self, endpoint: &dyn Endpoint, path: &str) {
        match endpoint.send(&Request::new("DELETE", path)).await {
            Ok(answer) if matches!(answer.status, 200 | 202 | 204 | 404) => {}
            Ok(answer) => {
                let line = format!("{path} (DELETE was answered with {})", answer.status);
                self.left_behind.push(line);
            }
            Err(why) => self.left_behind.push(format!("{path} ({why})")),
        }
    }
}
