//! The bare cost of storing JSON documents behind HTTP, in the requests of SCIM.
//!
//! What a SCIM server is compared with: no schema, no validation, no filter language, no history.
//! It answers a handful of requests, is right about those alone, and is as durable as the server:
//! SQLite in WAL mode with synchronous=FULL and one COMMIT for all writes that wait ([`sqlite`]),
//! or PostgreSQL as it is ([`postgres`]).

mod http;
mod patch;
mod postgres;
mod sqlite;
mod store;

use anyhow::{Context, bail};

use crate::store::Store;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url] = arguments.as_slice() else {
        bail!("usage: floor sqlite://FILE, or floor postgres://USER@HOST/NAME");
    };
    let store = match url.strip_prefix("sqlite://") {
        Some(file) => Store::Sqlite(sqlite::Sqlite::open(file)?),
        None => Store::Postgres(postgres::connect(url).await?),
    };
    let router = http::router(store).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .context("cannot listen")?;
    // In the words of the server, so that one reader understands both.
    println!("Tenant URL: http://{}", listener.local_addr()?);
    println!("Secret Token: {}", http::TOKEN);
    axum::serve(listener, router).await?;
    Ok(())
}
