//! The console of the product: its pages, as a browser without scripts sees them.

mod audit;
mod changes;
mod conflicts;
mod cost;
mod hosts;
mod locations;
mod provisioning;
mod roles;
mod support;
mod whole;
