//! What earlier answers of a conversation told, by the name that a fixture gave it.

use std::collections::BTreeMap;

/// Values by name. `base`, what locations begin with, is known from the beginning.
#[derive(Clone, Debug)]
pub struct Captures(BTreeMap<String, String>);

impl Captures {
    /// Nothing but the base address.
    pub fn new(base: &str) -> Self {
        Self(BTreeMap::from([("base".to_owned(), base.to_owned())]))
    }

    pub(super) fn held(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn hold(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}
