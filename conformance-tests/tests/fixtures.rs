//! Are the fixtures well formed, explained, and do they name only what an earlier answer told?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use conformance_tests::fixture;

#[test]
fn every_conversation_is_explained() {
    let readme = fs::read_to_string(fixtures().join("README.md")).expect("fixtures have a README");
    for collection in collections() {
        let name = file_name(&collection);
        assert!(
            readme.contains(&format!("### {name}/")),
            "fixtures/README.md has no heading `### {name}/`"
        );
        for conversation in fixture::load(&collection).expect("the fixtures are well formed") {
            assert!(
                readme.contains(&format!("| `{}` |", conversation.name)),
                "fixtures/README.md does not tell where {name}/{} comes from",
                conversation.name
            );
        }
    }
}

/// In its tables of shapes and failures a step is `folder/conversation/step`, the last two by their
/// numbers.
#[test]
fn the_readme_names_steps_that_exist() {
    let mut steps = BTreeSet::new();
    for collection in collections() {
        for conversation in fixture::load(&collection).expect("the fixtures are well formed") {
            for step in &conversation.steps {
                let number = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
                let (conversation, step) = (number(&conversation.name), number(&step.name));
                steps.insert(format!("{}/{conversation}/{step}", file_name(&collection)));
            }
        }
    }
    let readme = fs::read_to_string(fixtures().join("README.md")).expect("fixtures have a README");
    let tables = readme.split_once("## Shapes that clients send");
    let (_, tables) = tables.expect("fixtures/README.md lists the shapes that clients send");
    let named = tables.split('`').skip(1).step_by(2);
    let of_steps = |name: &&str| {
        name.bytes()
            .rev()
            .take(6)
            .filter(u8::is_ascii_digit)
            .count()
            == 4
    };
    let named: Vec<&str> = named.filter(of_steps).collect();
    assert!(named.len() > 200, "{} steps", named.len());
    for name in named {
        assert!(
            steps.contains(name),
            "fixtures/README.md names {name}, which does not exist"
        );
    }
    for failure in 1..=32 {
        let row = format!("\n| {failure} | ");
        assert!(
            tables.contains(&row),
            "fixtures/README.md lacks failure {failure}"
        );
    }
}

#[test]
fn requests_use_only_what_was_told_before() {
    for collection in collections() {
        for conversation in fixture::load(&collection).expect("the fixtures are well formed") {
            let mut told = BTreeSet::from(["base".to_owned()]);
            for step in &conversation.steps {
                let path = collection.join(&conversation.name).join(&step.name);
                for name in placeholders(&path.with_added_extension("request.json")) {
                    assert!(
                        told.contains(&name),
                        "{}: nobody told {{{{{name}}}}}",
                        path.display()
                    );
                }
                let expected = placeholders(&path.with_added_extension("expected.json"));
                told.extend(
                    expected
                        .iter()
                        .filter_map(|p| Some(p.split_once(':')?.1.to_owned())),
                );
            }
        }
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every folder of conversations; `hostile` holds single requests, and `csv` files.
fn collections() -> Vec<PathBuf> {
    let entries = fs::read_dir(fixtures()).expect("the fixtures stand beside this crate");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.is_dir() && !path.ends_with("hostile") && !path.ends_with("csv"))
        .collect()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn placeholders(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("the fixture was loaded before");
    let inside = |part: &str| Some(part.split_once("}}")?.0.to_owned());
    text.split("{{").skip(1).filter_map(inside).collect()
}
