//! What a provider remembers of what it has exported, and how users and groups are alike in that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::escrow::Escrow;
use super::provider::{Change, Provider};
use super::values::{Group, User};
use crate::client::Call;

/// Everything of one kind that was exported, by the directory's ids.
#[derive(Debug)]
pub(super) struct Exports<T> {
    pub(super) known: BTreeMap<String, Exported<T>>,
    pub(super) escrow: BTreeMap<String, Escrow>,
}

/// One object at the service provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exported<T> {
    /// The service provider's id.
    pub(super) id: String,
    /// What was sent last and answered.
    pub(super) last: T,
}

impl<T> Exports<T> {
    pub(super) fn new() -> Self {
        Self {
            known: BTreeMap::new(),
            escrow: BTreeMap::new(),
        }
    }

    /// Whether the object may be worked on: it has not failed, or has waited long enough.
    pub(super) fn is_due(&self, anchor: &str, cycle: u32) -> bool {
        self.escrow
            .get(anchor)
            .is_none_or(|escrow| escrow.is_due(cycle))
    }

    /// Stops waiting for what has gone from the directory and was never exported.
    pub(super) fn forget(&mut self, is_there: impl Fn(&str) -> bool) {
        let known = &self.known;
        self.escrow
            .retain(|anchor, _| is_there(anchor) || known.contains_key(anchor));
    }

    /// The service provider's id.
    pub(super) fn id(&self, anchor: &str) -> Option<&String> {
        Some(&self.known.get(anchor)?.id)
    }
}

/// What users and groups have in common.
pub(super) trait Export: Clone {
    /// The endpoint.
    const PATH: &'static str;

    /// What a resource says.
    fn read(resource: &Value) -> Self;
    /// What a new one has: everything but references.
    fn created(&self) -> Self;
    /// How the provider looks for one.
    fn look_up(&self, provider: &dyn Provider) -> Vec<Call>;
    /// How the provider creates one.
    fn create(&self, provider: &dyn Provider) -> Call;
    /// How the provider brings one from `from` to `self`.
    fn update(&self, provider: &dyn Provider, id: &str, from: &Self) -> Vec<Change<Self>>;
}

impl Export for User {
    const PATH: &'static str = "/Users";

    fn read(resource: &Value) -> Self {
        Self::read(resource)
    }

    fn created(&self) -> Self {
        Self {
            manager: None,
            ..self.clone()
        }
    }

    fn look_up(&self, provider: &dyn Provider) -> Vec<Call> {
        provider.look_up_user(self)
    }

    fn create(&self, provider: &dyn Provider) -> Call {
        provider.create_user(self)
    }

    fn update(&self, provider: &dyn Provider, id: &str, from: &Self) -> Vec<Change<Self>> {
        provider.update_user(id, from, self)
    }
}

impl Export for Group {
    const PATH: &'static str = "/Groups";

    fn read(resource: &Value) -> Self {
        Self::read(resource)
    }

    fn created(&self) -> Self {
        Self {
            members: BTreeSet::new(),
            ..self.clone()
        }
    }

    fn look_up(&self, provider: &dyn Provider) -> Vec<Call> {
        provider.look_up_group(self)
    }

    fn create(&self, provider: &dyn Provider) -> Call {
        provider.create_group(self)
    }

    fn update(&self, provider: &dyn Provider, id: &str, from: &Self) -> Vec<Change<Self>> {
        provider.update_group(id, from, self)
    }
}
