//! Who comes before whom, so that a manager is there when somebody names them.

/// A row, and whether its manager can only be said when all are there: two of them manage each other.
pub(crate) type Placed = (usize, Manager);

/// When the manager of a person is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    WithThem,
    Afterwards,
}

/// The rows in an order in which managers come first, otherwise as they are. `managers` has the row of each
/// one's manager, where the file has it.
pub(crate) fn managers_first(managers: &[Option<usize>]) -> Vec<Placed> {
    let mut placed = Vec::with_capacity(managers.len());
    let mut seen = vec![Seen::Not; managers.len()];
    for start in 0..managers.len() {
        let mut path = Vec::new();
        let mut next = Some(start);
        let mut closes = false;
        while let Some(row) = next {
            match seen.get_mut(row) {
                Some(seen @ Seen::Not) => *seen = Seen::OnPath,
                Some(Seen::OnPath) => {
                    closes = true;
                    break;
                }
                Some(Seen::Placed) | None => break,
            }
            path.push(row);
            next = managers.get(row).copied().flatten();
        }
        while let Some(row) = path.pop() {
            let manager = if closes {
                Manager::Afterwards
            } else {
                Manager::WithThem
            };
            closes = false;
            placed.push((row, manager));
            if let Some(seen) = seen.get_mut(row) {
                *seen = Seen::Placed;
            }
        }
    }
    placed
}

#[derive(Clone, Copy)]
enum Seen {
    Not,
    OnPath,
    Placed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(managers: &[Option<usize>]) -> String {
        let placed = managers_first(managers).into_iter();
        let shown = placed.map(|(row, manager)| match manager {
            Manager::WithThem => row.to_string(),
            Manager::Afterwards => format!("{row} later"),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn managers_come_first() {
        assert_eq!(ordered(&[None, None]), "0, 1");
        assert_eq!(ordered(&[Some(2), None, Some(1), None]), "1, 2, 0, 3");
        assert_eq!(ordered(&[Some(1), Some(0)]), "1 later, 0");
        assert_eq!(ordered(&[Some(0), Some(0)]), "0 later, 1");
        assert_eq!(ordered(&[Some(1), Some(2), Some(1)]), "2 later, 1, 0");
    }

    #[test]
    fn a_long_line_of_managers_needs_no_deep_stack() {
        let managers: Vec<Option<usize>> = (1..100_000).map(Some).chain([None]).collect();
        assert_eq!(
            managers_first(&managers).first(),
            Some(&(99_999, Manager::WithThem))
        );
    }
}
