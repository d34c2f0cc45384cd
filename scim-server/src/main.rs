//! A plain SCIM server: users and groups, nothing more.

use std::process::ExitCode;

use scim_server::command::{self, Parts, Product};
use scim_server::service::users_and_groups;

/// Requests make many small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    command::main(Product {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "A SCIM 2.0 server for users and groups",
        default_database: "sqlite://scim.db",
        build,
        commands: &[],
        pages: None,
        first_start: None,
    })
}

fn build() -> anyhow::Result<Parts> {
    Ok((users_and_groups()?, Vec::new()))
}
