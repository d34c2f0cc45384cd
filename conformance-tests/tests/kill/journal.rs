//! What one client knows: what was acknowledged, and what it asked for without hearing back.

use std::collections::BTreeSet;

/// The journal of one client. Nobody else writes the people in it.
pub(crate) struct Journal {
    /// The client's number, part of every user name.
    pub(crate) client: usize,
    /// Everybody this client ever tried to create.
    pub(crate) people: Vec<Person>,
    /// What the request under way would make of them: all of it or nothing.
    pub(crate) unanswered: Vec<(usize, State)>,
    /// How many writes were acknowledged.
    pub(crate) acknowledged: usize,
    /// Answers that no server should give.
    pub(crate) problems: Vec<String>,
}

/// One User.
pub(crate) struct Person {
    pub(crate) user_name: String,
    /// Known since the answer to POST, or since it was found after a restart.
    pub(crate) id: Option<String>,
    pub(crate) state: State,
    /// The newest version that was acknowledged.
    pub(crate) version: u64,
}

/// What is true of a User, as far as this test changes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    Present(Facts),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) display_name: String,
    pub(crate) active: bool,
    /// Ids.
    pub(crate) groups: BTreeSet<String>,
}

/// How many writes were acknowledged so far, and how many are unanswered.
pub(crate) fn counts(journals: &[Journal]) -> (usize, usize) {
    let acknowledged = journals.iter().map(|journal| journal.acknowledged).sum();
    let unanswered = journals
        .iter()
        .filter(|journal| !journal.unanswered.is_empty())
        .count();
    (acknowledged, unanswered)
}

impl Journal {
    pub(crate) fn new(client: usize) -> Self {
        let (people, unanswered, problems) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            client,
            people,
            unanswered,
            acknowledged: 0,
            problems,
        }
    }

    /// Writes down somebody who does not exist yet and returns the number in the journal.
    pub(crate) fn add_absent(&mut self) -> usize {
        let number = self.people.len();
        let user_name = format!("kill-{}-{number}@example.com", self.client);
        self.people.push(Person {
            user_name,
            id: None,
            state: State::Absent,
            version: 0,
        });
        number
    }

    /// Those who exist, by number, with their ids and facts.
    pub(crate) fn present(&self) -> impl Iterator<Item = (usize, &str, &Facts)> {
        self.people
            .iter()
            .enumerate()
            .filter_map(|(number, person)| match &person.state {
                State::Present(facts) => Some((number, person.id.as_deref()?, facts)),
                State::Absent => None,
            })
    }

    /// Writes down what is going to be asked for, before it is sent.
    pub(crate) fn begin(&mut self, changes: Vec<(usize, State)>) {
        self.unanswered = changes;
    }

    /// The request had its effect.
    pub(crate) fn acknowledge(&mut self) {
        self.acknowledged += 1;
        for (number, state) in self.unanswered.drain(..) {
            self.people[number].state = state;
        }
    }

    /// The request had no effect.
    pub(crate) fn refuse(&mut self) {
        self.unanswered.clear();
    }

    /// Compares the journal with what is `found` in the server, and takes over whatever happened
    /// to the unanswered request.
    pub(crate) fn settle(&mut self, found: impl Fn(&Person) -> State) -> Vec<String> {
        let mut problems = std::mem::take(&mut self.problems);
        let unanswered = std::mem::take(&mut self.unanswered);
        let happened = |people: &[Person]| {
            unanswered
                .iter()
                .all(|(number, state)| found(&people[*number]) == *state)
        };
        if happened(&self.people) {
            for (number, state) in unanswered {
                self.people[number].state = state;
            }
        }
        for person in &self.people {
            let found = found(person);
            if found != person.state {
                let Person {
                    user_name, state, ..
                } = person;
                problems.push(format!("{user_name}: expected {state:?}, found {found:?}"));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> State {
        State::Present(Facts {
            display_name: name.to_owned(),
            active: true,
            groups: BTreeSet::new(),
        })
    }

    /// Two people, acknowledged as `old`, asked to become `new` without an answer; the server then
    /// says `found`.
    fn problems_when_found(found: [&str; 2]) -> Vec<String> {
        let mut journal = Journal::new(0);
        let numbers = [journal.add_absent(), journal.add_absent()];
        journal.begin(numbers.map(|number| (number, named("old"))).into());
        journal.acknowledge();
        journal.begin(numbers.map(|number| (number, named("new"))).into());
        journal.settle(|person| {
            let [first, second] = found;
            named(if person.user_name == "kill-0-0@example.com" {
                first
            } else {
                second
            })
        })
    }

    #[test]
    fn an_unanswered_request_may_have_happened() {
        assert!(problems_when_found(["new", "new"]).is_empty());
    }

    #[test]
    fn an_unanswered_request_may_not_have_happened() {
        assert!(problems_when_found(["old", "old"]).is_empty());
    }

    #[test]
    fn half_of_a_request_is_a_problem() {
        assert_eq!(problems_when_found(["new", "old"]).len(), 1);
    }

    #[test]
    fn an_acknowledged_write_that_is_lost_is_a_problem() {
        assert_eq!(problems_when_found(["older", "older"]).len(), 2);
    }
}
