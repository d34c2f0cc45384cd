//! Whether a server stays upright and in order when it is sent what no honest client sends.
//!
//! A file of attacks is one JSON object a line; `fixtures/README.md` describes the keys. An attack
//! passes if its answer has the expected status, if a refusal is a SCIM error with the expected
//! `scimType`, and if the answer does not repeat more than [`ECHO_CHARS_MAX`] characters of the
//! request.

mod attack;
mod verdict;
mod wire;

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::client::{Call, Client, Credential};

pub use attack::{Attack, Bytes};
pub use verdict::ECHO_CHARS_MAX;

/// Reads every `*.jsonl` of a folder, in the order of their names.
pub fn load(folder: &Path) -> Result<Vec<Theme>> {
    let cannot = || format!("the folder {} cannot be read", folder.display());
    let mut files = fs::read_dir(folder)
        .with_context(cannot)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()
        .with_context(cannot)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    if files.is_empty() {
        bail!("{} holds no *.jsonl", folder.display());
    }
    files.iter().map(|file| Theme::read(file)).collect()
}

/// Attacks of one kind.
#[derive(Debug)]
pub struct Theme {
    /// The file's name without its end.
    pub name: String,
    /// In the order of the lines.
    pub attacks: Vec<Attack>,
}

impl Theme {
    fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let attacks = text
            .lines()
            .enumerate()
            .map(|(at, line)| {
                serde_json::from_str(line)
                    .with_context(|| format!("{}, line {}", file.display(), at + 1))
            })
            .collect::<Result<_>>()?;
        let name = file.file_stem().unwrap_or_default();
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            attacks,
        })
    }
}

/// Sends all attacks of a theme. Each that names `{{user}}` or `{{group}}` gets a new one.
pub async fn play(theme: &Theme, client: &Client) -> Result<Played> {
    if client.address().starts_with("https://") {
        bail!("attacks go over http:// only: they are bytes that no TLS library would send");
    }
    let (base, host) = wire::place(client.address());
    let mut failures = Vec::new();
    for (at, attack) in theme.attacks.iter().enumerate() {
        let number = format!("{}-{}", theme.name, at + 1);
        let mut known = vec![
            ("{{base}}", base.to_owned()),
            ("{{number}}", number.clone()),
        ];
        for (name, path, body) in victims(&number) {
            if attack.names(name) {
                known.push((name, create(client, path, body).await?));
            }
        }
        let secret = client.secret(Credential::Idp).unwrap_or_default();
        let sent = attack.fill(&known);
        let problems = match wire::send(host, base, secret, &sent) {
            Ok(answer) => verdict::problems(attack, &sent, &answer),
            Err(error) => vec![format!("{error:#}")],
        };
        if !problems.is_empty() {
            failures.push(Failure {
                attack: format!("{number} {}", attack.name),
                request: format!("{} {}", sent.method, verdict::cut(&sent.target)),
                problems,
            });
        }
    }
    Ok(Played {
        theme: theme.name.clone(),
        attacks: theme.attacks.len(),
        failures,
    })
}

/// How a theme went.
#[derive(Debug)]
pub struct Played {
    /// Its name.
    pub theme: String,
    /// How many requests it has.
    pub attacks: usize,
    /// Those that were not answered as they should.
    pub failures: Vec<Failure>,
}

/// One line of counts, then every failure.
impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = self.attacks - self.failures.len();
        let all = self.attacks;
        writeln!(f, "{}: {passed} of {all} answered as expected", self.theme)?;
        for failure in &self.failures {
            writeln!(f, "  {}\n    {}", failure.attack, failure.request)?;
            for problem in &failure.problems {
                writeln!(f, "    {problem}")?;
            }
        }
        Ok(())
    }
}

/// An attack that was not answered as it should.
#[derive(Debug)]
pub struct Failure {
    /// Theme, line and name.
    pub attack: String,
    /// Its first line.
    pub request: String,
    /// What was wrong with the answer.
    pub problems: Vec<String>,
}

/// What an attack may be aimed at.
fn victims(number: &str) -> [(&'static str, &'static str, serde_json::Value); 2] {
    let address = format!("victim.{number}@example.com");
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": address,
        "name": {"givenName": "Vic", "familyName": "Tim"},
        "active": true,
        "emails": [
            {"type": "work", "value": address, "primary": true},
            {"type": "home", "value": format!("home.{number}@example.com")},
        ],
    });
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": format!("Victims {number}"),
    });
    [
        ("{{user}}", "/Users", user),
        ("{{group}}", "/Groups", group),
    ]
}

async fn create(client: &Client, path: &str, body: serde_json::Value) -> Result<String> {
    let answer = client
        .send(&Call::new("POST", path).with_body(body))
        .await?;
    let id = answer
        .json()?
        .get("id")
        .and_then(|id| id.as_str().map(str::to_owned));
    id.with_context(|| format!("nothing to attack could be made:\n{answer}"))
}
