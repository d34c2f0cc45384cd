//! What commands of a product work with that use what it serves.

use std::io::Write;
use std::sync::Arc;

use scim_core::TenantId;

use super::tenant;
use crate::service::Engine;

/// What a command of a product works with.
///
/// ```no_run
/// use scim_server::command::Running;
///
/// async fn greet(running: &mut Running<'_>) -> anyhow::Result<()> {
///     let tenant = running.tenant(None).await?;
///     writeln!(running.out, "{} works on {tenant}", running.program)?;
///     Ok(())
/// }
/// ```
pub struct Running<'o> {
    /// The use cases of the product, on the database that was named.
    pub engine: Arc<Engine>,
    /// The name of the program, as people type it.
    pub program: &'static str,
    /// Where it writes what was asked for.
    pub out: &'o mut (dyn Write + Send),
}

impl Running<'_> {
    /// The tenant that was named; where none was, the only one that there is.
    pub async fn tenant(&mut self, named: Option<&TenantId>) -> anyhow::Result<TenantId> {
        tenant::one(self.engine.store().as_ref(), named).await
    }
}
