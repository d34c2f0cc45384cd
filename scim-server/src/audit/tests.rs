//! Every deed at every place of a log is found, also when whoever did it makes all hashes anew; an
//! export says the same as the log.

use jiff::Timestamp;
use scim_core::{TenantId, Version};
use uuid::Uuid;

use super::{
    AuditKey, Audited, Checkpoint, Facts, Finding, Kept, Line, Origin, PublicKey, Report, Salted,
    Verifier, link,
};
use crate::store::{Change, ChangeBody, Sealed, What};

const LENGTH: usize = 24;

/// A log, the checkpoints of its middle and its end, and what verifies them.
struct Log {
    entries: Vec<Audited>,
    checkpoints: Vec<Checkpoint>,
    key: PublicKey,
}

fn main_tenant() -> TenantId {
    "main".parse().unwrap()
}

fn entry(id: u128) -> Audited {
    let salted = Salted::new(ChangeBody {
        after: Some(format!(r#"{{"userName":"user{id}"}}"#)),
        ..ChangeBody::default()
    });
    let change = Change {
        id: Uuid::from_u128(id),
        at: Timestamp::UNIX_EPOCH,
        actor: None,
        owner: None,
        kind: "User".to_owned(),
        resource: None,
        version: Version(1),
        what: What::Created,
        cause: None,
    };
    Audited {
        sealed: Sealed {
            sequence: 0,
            change_id: change.id,
            hash: [0; 32],
        },
        facts: Facts::Read {
            change,
            commitment: salted.commitment(),
            marked: true,
        },
        body: Kept::Whole(salted),
    }
}

/// Numbers and hashes as a sealer makes them.
fn seal(entries: &mut [Audited]) {
    let mut hash = [0; 32];
    renumber(entries);
    for entry in entries {
        if let Facts::Read {
            change, commitment, ..
        } = &entry.facts
        {
            hash = link(&hash, entry.sealed.sequence, change, commitment);
        }
        entry.sealed.hash = hash;
    }
}

fn renumber(entries: &mut [Audited]) {
    for (number, entry) in (1..).zip(entries) {
        entry.sealed.sequence = number;
    }
}

impl Log {
    fn new() -> Log {
        let mut entries: Vec<Audited> = (1..=LENGTH as u128).map(entry).collect();
        seal(&mut entries);
        let key = AuditKey::from_pem(&AuditKey::generate()).unwrap();
        let signed = [LENGTH / 2, LENGTH].map(|number| &entries[number - 1].sealed);
        let sign = |last| Checkpoint::sign(&key, &main_tenant(), last, Timestamp::UNIX_EPOCH);
        Log {
            checkpoints: signed.map(sign).to_vec(),
            key: key.public_key(),
            entries,
        }
    }

    fn verify(&self, entries: &[Audited]) -> Report {
        let mut verifier = Verifier::new(main_tenant(), vec![self.key]);
        for checkpoint in &self.checkpoints {
            verifier.checkpoint(checkpoint.clone(), Origin::Log);
        }
        for entry in entries {
            verifier.entry(entry);
        }
        verifier.finish(Vec::new())
    }
}

/// What was done, where, and what the log is then.
fn deeds(entries: &[Audited]) -> Vec<(String, Vec<Audited>)> {
    let mut done = Vec::new();
    let mut deed = |name: String, change: &dyn Fn(&mut Vec<Audited>)| {
        let mut changed = entries.to_vec();
        change(&mut changed);
        done.push((format!("{name}, sealed anew"), changed.clone()));
        let (_, anew) = done.last_mut().unwrap();
        seal(anew);
        done.push((name, changed));
    };
    for place in 0..LENGTH {
        deed(format!("edited {place}"), &|log| {
            if let Facts::Read { change, .. } = &mut log[place].facts {
                change.version = Version(2);
            }
        });
        deed(format!("edited {place} with its body"), &|log| {
            let other = Salted::new(ChangeBody::default());
            if let Facts::Read { commitment, .. } = &mut log[place].facts {
                *commitment = other.commitment();
            }
            log[place].body = Kept::Whole(other);
        });
        deed(format!("edited the body of {place}"), &|log| {
            if let Kept::Whole(salted) = &mut log[place].body {
                salted.body.after = None;
            }
        });
        deed(format!("deleted {place}"), &|log| drop(log.remove(place)));
        deed(format!("deleted {place} and renumbered"), &|log| {
            log.remove(place);
            renumber(log);
        });
        deed(format!("inserted at {place} and renumbered"), &|log| {
            log.insert(place, entry(99));
            renumber(log);
        });
        deed(format!("cut off at {place}"), &|log| log.truncate(place));
        for other in 0..place {
            deed(format!("exchanged {other} and {place}"), &|log| {
                log.swap(other, place);
                renumber(log);
            });
            deed(format!("exchanged what {other} and {place} hold"), &|log| {
                let (one, two) = (log[other].clone(), log[place].clone());
                log[other] = Audited {
                    sealed: one.sealed.clone(),
                    ..two.clone()
                };
                log[place] = Audited {
                    sealed: two.sealed,
                    ..one
                };
            });
        }
    }
    done
}

#[test]
fn every_deed_at_every_place_is_found() {
    let log = Log::new();
    assert_eq!(log.verify(&log.entries).findings, []);
    let deeds = deeds(&log.entries);
    assert!(deeds.len() > 1_000, "{}", deeds.len());
    for (name, entries) in deeds {
        let report = log.verify(&entries);
        assert!(!report.is_whole(), "{name}");
        let named = report.findings.len() <= 3;
        assert!(named, "{name}: {:#?}", report.findings);
    }
}

#[test]
fn an_export_says_what_the_log_says() {
    let log = Log::new();
    let there_and_back = |entry: &Audited| {
        let text = serde_json::to_string(&Line::change(entry)).unwrap();
        let line: Line = serde_json::from_str(&text).unwrap();
        line.entry().unwrap()
    };
    let read: Vec<Audited> = log.entries.iter().map(there_and_back).collect();
    assert_eq!(read, log.entries);
    for checkpoint in &log.checkpoints {
        let text = serde_json::to_string(&Line::of_checkpoint(&main_tenant(), checkpoint));
        let line: Line = serde_json::from_str(&text.unwrap()).unwrap();
        assert_eq!(line.checkpoint(), Some((main_tenant(), checkpoint.clone())));
    }
}

/// A log that does not hold anywhere is told in a hundred lines, and the rest is counted.
#[test]
fn findings_are_bounded() {
    let mut entries: Vec<Audited> = (1..=1_000).map(entry).collect();
    seal(&mut entries);
    for entry in &mut entries {
        if let Facts::Read { change, .. } = &mut entry.facts {
            change.version = Version(2);
        }
    }
    let mut verifier = Verifier::new(main_tenant(), Vec::new());
    for entry in &entries {
        verifier.entry(entry);
    }
    let report = verifier.finish(Vec::new());
    assert_eq!((report.findings.len(), report.more), (100, 900));
    assert_eq!(report.findings[99], Finding::Edited { number: 100 });
}
