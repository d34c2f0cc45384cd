//! The states of a run.

use proptest::prelude::*;

use super::states::{DECISIONS, EVENTS, is_over};

/// Every line of the table that describes runs, as it was decided.
const DECIDED: &[(&str, &str)] = &[
    ("queued", "fetching"),
    ("fetching", "fetching"),
    ("fetching", "failed"),
    ("fetching", "normalising"),
    ("normalising", "matching"),
    ("matching", "awaitingReview"),
    ("matching", "applying"),
    ("awaitingReview", "applying"),
    ("awaitingReview", "cancelled"),
    ("awaitingReview", "succeeded"),
    ("applying", "succeeded"),
    ("applying", "partiallySucceeded"),
    ("applying", "failed"),
    ("queued", "cancelled"),
    ("fetching", "cancelled"),
    // A dry run that meets a storage error.
    ("matching", "failed"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_sequence_of_events_leaves_the_table(events in prop::collection::vec(0..32_usize, 0..12)) {
        let tables = [EVENTS, DECISIONS];
        let all: Vec<&'static str> = tables.iter().flat_map(|it| it.table).map(|it| it.verb).collect();
        let mut state = "queued";
        for event in events {
            let verb = all[event % all.len()];
            let next = tables.iter().find_map(|table| table.after(state, verb).ok());
            let Some(next) = next else {
                continue;
            };
            // What is over can be deleted, and nothing else happens to it.
            if is_over(state) {
                prop_assert_eq!((verb, next), ("delete", state));
            } else {
                prop_assert!(DECIDED.contains(&(state, next)), "{state} {verb} {next}");
            }
            state = next;
        }
    }
}

#[test]
fn every_state_that_is_not_over_leads_to_one_that_is() {
    let mut reach: Vec<&str> = vec!["succeeded", "partiallySucceeded", "failed", "cancelled"];
    for _ in 0..EVENTS.table.len() {
        let leading = EVENTS.table.iter().filter(|line| reach.contains(&line.to));
        let leading: Vec<&str> = leading.map(|line| line.from).collect();
        reach.extend(leading);
    }
    for line in EVENTS.table {
        assert!(reach.contains(&line.from), "{}", line.from);
    }
}
