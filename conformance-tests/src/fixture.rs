//! What is in a folder of `name.request.json` and `name.expected.json` pairs, and under which policy
//! they are played.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Credential;
use crate::replay::{Pattern, Template};

/// Reads every conversation at or below `folder`, in the order of their names. A folder that holds
/// pairs is a conversation; a folder that holds folders is a collection of them.
pub fn load(folder: &Path) -> Result<Vec<Conversation>> {
    let mut conversations = Vec::new();
    collect(folder, &mut conversations)?;
    if conversations.is_empty() {
        bail!(
            "{} holds no *.request.json: name a folder of fixtures",
            folder.display()
        );
    }
    Ok(conversations)
}

/// Requests that are sent one after the other; what an answer told may be used by later ones.
#[derive(Debug)]
pub struct Conversation {
    /// The folder's name.
    pub name: String,
    /// What it asks of the server.
    pub setting: Setting,
    /// In the order of their file names.
    pub steps: Vec<Step>,
}

/// The content of a `conversation.json`: where a conversation can be played.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Setting {
    /// The tolerance policy of the connections that speak, such as `compatible` or `strict`.
    pub policy: String,
    /// Whether it needs hosts, which only the product has.
    #[serde(default)]
    pub product_only: bool,
}

impl Conversation {
    /// Whose tokens are needed.
    pub fn credentials(&self) -> impl Iterator<Item = Credential> {
        self.steps.iter().map(|step| step.request.credential)
    }
}

/// One request and its expected answer.
#[derive(Debug)]
pub struct Step {
    /// The file name without `.request.json`.
    pub name: String,
    /// What is sent.
    pub request: Request,
    /// What must come back.
    pub expected: Expected,
}

/// The content of a `name.request.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Why the step is there, for the reader.
    #[serde(default)]
    pub note: Option<String>,
    /// Whose token it carries; the identity provider's if nothing is said.
    #[serde(default, rename = "as")]
    pub credential: Credential,
    /// `GET`, `POST`, …
    pub method: String,
    /// Below the SCIM base, beginning with a slash.
    pub path: Template,
    /// What follows the question mark.
    #[serde(default)]
    pub query: Option<Template>,
    /// Headers beside `Authorization`.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The body; `{{name}}` in its strings is replaced.
    #[serde(default)]
    pub body: Option<Value>,
}

/// The content of a `name.expected.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The HTTP status code.
    pub status: u16,
    /// Headers that must be there, each fitting its template.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// The whole body; without it, the answer must have none.
    #[serde(default)]
    pub body: Option<Pattern>,
}

fn collect(folder: &Path, conversations: &mut Vec<Conversation>) -> Result<()> {
    let mut steps = Vec::new();
    for path in sorted(folder)? {
        let name = file_name(&path);
        if path.is_dir() {
            collect(&path, conversations)?;
        } else if let Some(name) = name.strip_suffix(".request.json") {
            steps.push(Step {
                name: name.to_owned(),
                request: read(&path)?,
                expected: read(&folder.join(format!("{name}.expected.json")))?,
            });
        } else if let Some(name) = name.strip_suffix(".expected.json")
            && !folder.join(format!("{name}.request.json")).exists()
        {
            bail!("{} has no {name}.request.json beside it", path.display());
        }
    }
    if !steps.is_empty() {
        conversations.push(Conversation {
            name: file_name(folder),
            setting: read(&folder.join("conversation.json"))?,
            steps,
        });
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let cannot = || format!("the folder {} cannot be read", folder.display());
    let mut paths = fs::read_dir(folder)
        .with_context(cannot)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()
        .with_context(cannot)?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not fit", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let setting = ("conversation.json", r#"{"policy": "strict"}"#);
        for (name, text) in [&[setting], files].concat() {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn refusal(files: &[(&str, &str)]) -> String {
        format!("{:#}", load(folder(files).path()).unwrap_err())
    }

    const GET: &str = r#"{"method": "GET", "path": "/Users"}"#;

    #[test]
    fn pairs_come_in_the_order_of_their_names() {
        let folder = folder(&[
            ("02-b.request.json", GET),
            ("02-b.expected.json", r#"{"status": 200}"#),
            ("01-a.request.json", GET),
            ("01-a.expected.json", r#"{"status": 404}"#),
        ]);
        let conversations = load(folder.path()).unwrap();
        let steps = conversations[0].steps.iter();
        let shown: Vec<_> = steps
            .map(|s| (s.name.as_str(), s.expected.status))
            .collect();
        assert_eq!(shown, [("01-a", 404), ("02-b", 200)]);
    }

    #[test]
    fn a_conversation_names_its_policy() {
        let folder = folder(&[
            ("a.request.json", GET),
            ("a.expected.json", r#"{"status": 200}"#),
        ]);
        let conversations = load(folder.path()).unwrap();
        assert_eq!(conversations[0].setting.policy, "strict");
        fs::remove_file(folder.path().join("conversation.json")).unwrap();
        let refusal = format!("{:#}", load(folder.path()).unwrap_err());
        assert!(refusal.contains("conversation.json cannot be read"));
    }

    #[test]
    fn a_request_needs_its_answer() {
        assert!(refusal(&[("a.request.json", GET)]).contains("a.expected.json cannot be read"));
    }

    #[test]
    fn an_answer_needs_its_request() {
        let refusal = refusal(&[("a.expected.json", r#"{"status": 200}"#)]);
        assert!(refusal.contains("has no a.request.json beside it"));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let expected = r#"{"status": 200, "boddy": {}}"#;
        let refusal = refusal(&[("a.request.json", GET), ("a.expected.json", expected)]);
        assert!(refusal.contains("unknown field `boddy`"), "{refusal}");
    }

    #[test]
    fn a_misspelt_placeholder_is_refused() {
        let expected = r#"{"status": 200, "body": {"id": "{{idd:user}}"}}"#;
        let refusal = refusal(&[("a.request.json", GET), ("a.expected.json", expected)]);
        assert!(refusal.contains("{{idd:user}}"), "{refusal}");
    }

    #[test]
    fn a_folder_without_requests_is_refused() {
        assert!(refusal(&[]).contains("holds no *.request.json"));
    }
}
