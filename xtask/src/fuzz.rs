//! Runs one of the fuzz targets, fed with what the fixtures hold.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::run::{cargo, program, run, succeeds};

/// Run a fuzz target for some seconds.
///
/// Needs the nightly toolchain; cargo-fuzz is installed when it is missing.
/// What was found stays in the `fuzz/artifacts` of the crate, and what leads
/// to new paths in its `fuzz/corpus`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The target
    #[arg(value_enum)]
    target: Target,
    /// For how many seconds
    #[arg(default_value_t = 60)]
    seconds: u32,
}

/// What is fed with hostile input.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Target {
    /// Filters
    Filter,
    /// Attribute paths
    Path,
    /// PATCH bodies, and operations compared with a plain model
    Patch,
    /// Bodies of POST and PUT
    Resource,
    /// Bulk requests
    Bulk,
    /// Values of the Authorization header
    Authorization,
    /// JWTs, and the keys that they are verified with
    Jwt,
}

impl Target {
    /// Where cargo-fuzz finds it.
    fn folder(self) -> &'static str {
        match self {
            Target::Filter | Target::Path | Target::Patch | Target::Resource | Target::Bulk => {
                "scim-core/fuzz"
            }
            Target::Authorization | Target::Jwt => "scim-server/fuzz",
        }
    }
}

/// Writes the seeds, then fuzzes.
pub(crate) fn fuzz(options: &Options) -> anyhow::Result<()> {
    install()?;
    let value = options.target.to_possible_value();
    let value = value.expect("no target is hidden from --help");
    let name = value.get_name();
    let folder = options.target.folder();
    let corpus = Path::new(folder).join("corpus").join(name);
    let seeds = write_seeds(options.target, &corpus)?;
    println!("{} holds {seeds} seeds from the fixtures", corpus.display());
    let seconds = format!("-max_total_time={}", options.seconds);
    let mut nightly = program("rustup");
    nightly.args([
        "run",
        "nightly",
        "cargo",
        "fuzz",
        "run",
        "--fuzz-dir",
        folder,
    ]);
    run(nightly.args([
        name,
        "--",
        &seconds,
        "-max_len=8192",
        "-print_final_stats=1",
    ]))
}

fn install() -> anyhow::Result<()> {
    const NIGHTLY: &str = "rustup toolchain install nightly --profile minimal";
    if !succeeds(program("rustup").args(["run", "nightly", "rustc", "--version"])) {
        bail!("fuzzing needs the nightly compiler; install it with: {NIGHTLY}");
    }
    if succeeds(program("cargo-fuzz").arg("--version")) {
        return Ok(());
    }
    println!("installing cargo-fuzz");
    run(cargo().args(["install", "cargo-fuzz", "--locked"]))
        .context("install cargo-fuzz by hand: cargo install cargo-fuzz --locked")
}

/// Writes every part of the fixtures that the target reads, each in a file
/// that is named by its number.
fn write_seeds(target: Target, corpus: &Path) -> anyhow::Result<usize> {
    fs::create_dir_all(corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
    let mut seeds = Vec::new();
    for file in json_files(Path::new("fixtures"))? {
        let text = fs::read_to_string(&file)?;
        // One value, or in *.jsonl one in each line.
        let values = serde_json::Deserializer::from_str(&text).into_iter();
        for fixture in values.map_while(Result::ok) {
            collect(target, &fixture, &mut seeds);
        }
    }
    seeds.sort_unstable();
    seeds.dedup();
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number:05}")), seed)?;
    }
    Ok(seeds.len())
}

fn json_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("no folder {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(json_files(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json" || extension == "jsonl")
        {
            files.push(path);
        }
    }
    Ok(files)
}

/// Fixtures are searched at every depth for what looks like a seed, so that
/// their structure may change.
fn collect(target: Target, value: &Value, seeds: &mut Vec<String>) {
    match value {
        Value::String(text) if target == Target::Filter => {
            if let Some((_, query)) = text.split_once("filter=") {
                let filter = query.split('&').next().unwrap_or_default();
                seeds.push(unescaped(filter));
            }
        }
        Value::Object(map) => {
            let has = |name: &str| map.keys().any(|key| key.eq_ignore_ascii_case(name));
            match target {
                Target::Filter => {
                    if let Some(Value::String(filter)) = map.get("filter") {
                        seeds.push(filter.clone());
                    }
                }
                Target::Path if has("op") => {
                    if let Some(Value::String(path)) = map.get("path") {
                        seeds.push(path.clone());
                    }
                }
                Target::Patch if has("Operations") => seeds.push(value.to_string()),
                Target::Resource if has("userName") || has("displayName") => {
                    seeds.push(value.to_string());
                }
                Target::Bulk => seeds.extend(bulk(map)),
                Target::Jwt if has("kty") => seeds.push(json!({ "keys": [value] }).to_string()),
                Target::Jwt => seeds.extend(header_and_claims(map)),
                Target::Path | Target::Patch | Target::Resource | Target::Authorization => {}
            }
            map.values().for_each(|value| collect(target, value, seeds));
        }
        // A header of an attack: its name and its value.
        Value::Array(values) if target == Target::Authorization => {
            if let [Value::String(name), Value::String(value)] = values.as_slice()
                && name.eq_ignore_ascii_case("authorization")
            {
                seeds.push(value.clone());
            }
            values.iter().for_each(|it| collect(target, it, seeds));
        }
        Value::Array(values) => values.iter().for_each(|it| collect(target, it, seeds)),
        _ => {}
    }
}

/// A bulk request as it is, or one of a single request.
fn bulk(map: &Map<String, Value>) -> Option<String> {
    const URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    if map.get("schemas").is_some_and(|urns| *urns == json!([URN])) {
        return Some(json!(map).to_string());
    }
    let operation = json!({
        "method": map.get("method")?,
        "path": map.get("path")?,
        "bulkId": "a",
        "data": map.get("body"),
    });
    Some(json!({ "schemas": [URN], "Operations": [operation] }).to_string())
}

/// What a recipe of the JWT corpus changes, in lines as the target takes them.
fn header_and_claims(recipe: &Map<String, Value>) -> Option<String> {
    recipe.get("name")?;
    let part = |text: &str, members: &str, usual: Value| {
        if let Some(Value::String(text)) = recipe.get(text) {
            return text.clone();
        }
        let mut part = usual;
        for (name, value) in recipe
            .get(members)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            part[name] = value.clone();
        }
        part.to_string()
    };
    let header = part(
        "header_text",
        "header",
        json!({ "alg": "RS256", "kid": "rsa" }),
    );
    let claims = json!({
        "iss": "https://login.example/tid/v2.0",
        "sub": "subject",
        "aud": "api://scim",
        "appid": "app",
        "exp": 1_767_229_200
    });
    Some(format!("{header}\n{}", part("claims_text", "set", claims)))
}

/// The text of a part of a query.
fn unescaped(query: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.strip_prefix('%').and_then(|rest| rest.get(..2));
        let escaped = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let length = match (escaped, first) {
            (Some(byte), _) => {
                bytes.push(byte);
                3
            }
            (None, '+') => {
                bytes.push(b' ');
                1
            }
            (None, other) => {
                bytes.extend(other.to_string().bytes());
                other.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds(target: Target) -> Vec<String> {
        let fixture = json!({"requests": [
            {"method": "GET", "path": "/Users?filter=userName%20eq+%22k%C3%AF%22&count=1"},
            {"body": {"Operations": [{"op": "add", "path": "title", "value": "x"}]}},
            {"body": {"userName": "kim"}},
            {"headers": [["Authorization", "Bearer x"]]},
            {"name": "alg none", "header": {"alg": "none"}},
        ]});
        let mut seeds = Vec::new();
        collect(target, &fixture, &mut seeds);
        seeds
    }

    #[test]
    fn seeds_are_found_at_every_depth() {
        assert_eq!(seeds(Target::Filter), ["userName eq \"kï\""]);
        assert_eq!(seeds(Target::Path), ["title"]);
        assert_eq!(seeds(Target::Resource), [r#"{"userName":"kim"}"#]);
        assert_eq!(seeds(Target::Patch).len(), 1);
        assert_eq!(
            seeds(Target::Bulk),
            [
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"GET","path":"/Users?filter=userName%20eq+%22k%C3%AF%22&count=1","bulkId":"a","data":null}]}"#
            ]
        );
        assert_eq!(seeds(Target::Authorization), ["Bearer x"]);
        let jwt = seeds(Target::Jwt);
        let [jwt] = jwt.as_slice() else {
            panic!("{jwt:?}");
        };
        assert!(jwt.starts_with("{\"alg\":\"none\",\"kid\":\"rsa\"}\n{"));
    }

    #[test]
    fn broken_escapes_stay() {
        assert_eq!(unescaped("%zz%4"), "%zz%4");
    }
}
