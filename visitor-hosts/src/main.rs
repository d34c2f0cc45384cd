//! The product: people and groups pushed over SCIM become hosts and host groups.

use std::process::ExitCode;

use scim_server::command::{Parts, Product};

/// Requests make many small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    scim_server::command::main(Product {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        about: "Hosts for visitor management, provisioned over SCIM 2.0",
        default_database: "sqlite://visitor-hosts.db",
        build,
        commands: visitor_hosts::command::ALL,
        pages: Some(visitor_console::pages),
        first_start: Some(visitor_hosts::command::admin::first),
    })
}

fn build() -> anyhow::Result<Parts> {
    Ok((visitor_hosts::served()?, visitor_hosts::hooks()?))
}
