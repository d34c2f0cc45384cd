//! Databases that tests make and drop.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Makes an empty database beside the one that `server` names.
pub(crate) async fn create_database(server: &str, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    let text = format!("CREATE DATABASE {name}");
    sqlx::query(AssertSqlSafe(text))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Drops a database, whoever is connected to it; blocks, for use in `Drop`.
pub(crate) fn drop_database(server: &str, name: &str) {
    let (server, name) = (server.to_owned(), name.to_owned());
    // A test may end inside a runtime, where nothing blocks: another thread does.
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut connection = PgConnection::connect(&server).await?;
            let text = format!("DROP DATABASE {name} WITH (FORCE)");
            sqlx::query(AssertSqlSafe(text))
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
    });
    let _ = thread.join();
}

/// How many sessions on this database hold a transaction open and do nothing.
pub(crate) async fn idle_in_transaction(url: &str) -> Result<i64, sqlx::Error> {
    let mut connection = PgConnection::connect(url).await?;
    let count = sqlx::query_scalar(
        "SELECT count(*)
         FROM pg_stat_activity
         WHERE datname = current_database()
         AND state IN ('idle in transaction', 'idle in transaction (aborted)')",
    )
    .fetch_one(&mut connection)
    .await?;
    connection.close().await?;
    Ok(count)
}
