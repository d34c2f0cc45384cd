//! The checks, a file for each chapter: what is required, what is asked of the server to see it,
//! and what it must answer.
//!
//! How a check is added stands in `docs/conformance.md`.

mod auth;
mod bulk;
mod create;
mod cursor;
mod delete;
mod discovery;
mod entra;
mod entra_changes;
mod entra_groups;
mod errors;
mod filter;
mod http;
mod ipsie;
mod me;
mod okta;
mod others;
mod paging;
mod patch;
mod patch_add;
mod patch_remove;
mod patch_replace;
mod read;
mod replace;
mod search;
mod sort;
mod versions;

use crate::suite::Chapter;

/// All chapters, in the order in which they run.
pub static CHAPTERS: &[&Chapter] = &[
    &discovery::CHAPTER,
    &auth::CHAPTER,
    &http::CHAPTER,
    &create::CHAPTER,
    &read::CHAPTER,
    &filter::CHAPTER,
    &sort::CHAPTER,
    &paging::CHAPTER,
    &cursor::CHAPTER,
    &search::CHAPTER,
    &replace::CHAPTER,
    &patch::CHAPTER,
    &patch_add::CHAPTER,
    &patch_remove::CHAPTER,
    &patch_replace::CHAPTER,
    &delete::CHAPTER,
    &bulk::CHAPTER,
    &me::CHAPTER,
    &versions::CHAPTER,
    &errors::CHAPTER,
    &entra::CHAPTER,
    &entra_changes::CHAPTER,
    &entra_groups::CHAPTER,
    &okta::CHAPTER,
    &others::CHAPTER,
    &ipsie::CHAPTER,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::CHAPTERS;
    use crate::suite::{Check, Level, Profile};

    fn all() -> impl Iterator<Item = &'static Check> {
        CHAPTERS.iter().flat_map(|chapter| chapter.checks)
    }

    #[test]
    fn each_id_names_its_source_and_one_check() {
        let mut seen = BTreeSet::new();
        for check in all() {
            assert!(seen.insert(check.id), "{} stands twice", check.id);
            let (source, rest) = check.id.split_once('-').expect("a source and more");
            let of_an_rfc = source.starts_with("RFC");
            assert_eq!(of_an_rfc, check.level != Level::Idp, "{}", check.id);
            let signs = |sign: char| sign.is_ascii_alphanumeric() || "-.".contains(sign);
            assert!(!rest.is_empty() && rest.chars().all(signs), "{}", check.id);
        }
        assert!(seen.len() >= 400, "{}", seen.len());
    }

    #[test]
    fn each_check_says_what_is_required_and_what_would_fix_it() {
        for check in all() {
            for text in [check.requires, check.fix] {
                assert!(
                    !text.is_empty() && !text.ends_with('.'),
                    "{}: {text}",
                    check.id
                );
            }
        }
    }

    #[test]
    fn chapters_of_one_profile_stand_together() {
        let levels = |chapter: &&&crate::suite::Chapter| chapter.profile == Profile::Rfc;
        let rfc = CHAPTERS.iter().take_while(levels).count();
        assert_eq!(rfc, CHAPTERS.iter().filter(levels).count());
    }

    /// The public failures that a black box can see: all 32.
    #[test]
    fn each_public_failure_has_a_check() {
        let found: BTreeSet<u8> = all().flat_map(|check| check.failures).copied().collect();
        let missing: Vec<u8> = (1..=32).filter(|number| !found.contains(number)).collect();
        assert_eq!(missing, [0; 0]);
    }

    /// What stands in the documentation is what is run.
    #[test]
    fn the_documentation_counts_the_checks() {
        let text = include_str!("../../../docs/conformance.md");
        for chapter in CHAPTERS {
            let row = format!(
                "| `{}` | {} | {} |",
                chapter.name,
                chapter.title,
                chapter.checks.len()
            );
            assert!(
                text.contains(&row),
                "docs/conformance.md lacks the row\n{row}"
            );
        }
        let sum: usize = CHAPTERS.iter().map(|chapter| chapter.checks.len()).sum();
        assert!(
            text.contains(&format!("| together | | {sum} |")),
            "there are {sum} checks"
        );
        for number in 1..=32 {
            let ids: Vec<_> = all()
                .filter(|check| check.failures.contains(&number))
                .map(|check| format!("`{}`", check.id))
                .collect();
            let row = format!("| {} |", ids.join(", "));
            let beginning = format!("| {number} |");
            let mut lines = text.lines();
            assert!(
                lines.any(|line| line.starts_with(&beginning) && line.ends_with(&row)),
                "failure {number}: the row must end with\n{row}"
            );
        }
        let tolerances: Vec<_> = all()
            .filter_map(|check| Some(format!("| `{}` | `{}` |", check.id, check.tolerance?)))
            .collect();
        for row in tolerances {
            assert!(
                text.contains(&row),
                "docs/conformance.md lacks the row\n{row}"
            );
        }
    }
}
