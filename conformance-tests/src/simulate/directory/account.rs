//! What can happen to an account.

/// The state of an account. One that is deleted for good is not in the directory any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// In use.
    Enabled,
    /// Switched off by somebody.
    Disabled,
    /// In the bin, from which it may be restored, as Entra keeps it for 30 days.
    SoftDeleted,
}

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// It is switched on.
    Enable,
    /// It is switched off.
    Disable,
    /// It goes to the bin.
    SoftDelete,
    /// It comes back from the bin.
    Restore,
    /// The bin is emptied.
    HardDelete,
}

/// After an event: still there in a state, gone, or as before because the event cannot happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// There, in this state.
    Is(Account),
    /// Gone for good.
    Gone,
    /// The event has no meaning in this state.
    Impossible,
}

impl Account {
    /// The state after `event`.
    pub(crate) fn next(self, event: Event) -> Next {
        match (self, event) {
            (Self::Enabled, Event::Disable) => Next::Is(Self::Disabled),
            (Self::Disabled, Event::Enable) | (Self::SoftDeleted, Event::Restore) => {
                Next::Is(Self::Enabled)
            }
            (Self::Enabled | Self::Disabled, Event::SoftDelete) => Next::Is(Self::SoftDeleted),
            (Self::SoftDeleted, Event::HardDelete) => Next::Gone,
            _ => Next::Impossible,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transitions() {
        use Account::{Disabled, Enabled, SoftDeleted};
        for (before, event, after) in [
            (Enabled, Event::Disable, Next::Is(Disabled)),
            (Disabled, Event::Enable, Next::Is(Enabled)),
            (Disabled, Event::SoftDelete, Next::Is(SoftDeleted)),
            (SoftDeleted, Event::Restore, Next::Is(Enabled)),
            (SoftDeleted, Event::HardDelete, Next::Gone),
            // Only what is in the bin can be emptied from it.
            (Enabled, Event::HardDelete, Next::Impossible),
            (SoftDeleted, Event::Disable, Next::Impossible),
        ] {
            assert_eq!(before.next(event), after, "{before:?} {event:?}");
        }
    }
}
