//! Are the fixtures well formed, explained, and do they name only what an earlier answer told?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use conformance_tests::fixture::{self, Conversation};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn entra() -> Vec<Conversation> {
    fixture::load(&folder().join("entra")).expect("the fixtures are well formed")
}

#[test]
fn every_conversation_is_explained() {
    let readme = fs::read_to_string(folder().join("README.md")).expect("fixtures have a README.md");
    for conversation in entra() {
        assert!(
            readme.contains(&format!("`{}`", conversation.name)),
            "fixtures/README.md does not tell where {} comes from",
            conversation.name
        );
    }
}

#[test]
fn requests_use_only_what_was_told_before() {
    for conversation in entra() {
        let mut told = BTreeSet::from(["base".to_owned()]);
        for step in &conversation.steps {
            let path = folder()
                .join("entra")
                .join(&conversation.name)
                .join(&step.name);
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

fn placeholders(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("the fixture was loaded before");
    let inside = |part: &str| Some(part.split_once("}}")?.0.to_owned());
    text.split("{{").skip(1).filter_map(inside).collect()
}
