//! The commands that a product adds to those of the library.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgMatches, Command};
use futures::future::BoxFuture;

use super::settings::Settings;
use super::{Product, Running, database, schemas};
use crate::service::{Catalog, Engine};
use crate::store::Store;

/// A command of a product, as [`Product::commands`] lists them.
///
/// ```
/// use std::process::ExitCode;
///
/// use clap::{Arg, Command};
/// use scim_server::command::Added;
///
/// const GREET: Added = Added {
///     define: || Command::new("greet").about("Say hello").arg(Arg::new("name").required(true)),
///     run: |given| {
///         Box::pin(async move {
///             let name: Option<&String> = given.matches.get_one("name");
///             println!("hello, {}", name.map_or("you", String::as_str));
///             Ok(ExitCode::SUCCESS)
///         })
///     },
/// };
/// assert!(GREET.is("greet"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Added {
    /// What can be typed and what `--help` says. clap's derive makes one with
    /// `Arguments::augment_args(Command::new("name"))`, and reads the matches with
    /// `Arguments::from_arg_matches`.
    pub define: fn() -> Command,
    /// Does it; the exit code tells scripts how it went, and an error is told in a line.
    pub run: for<'g> fn(Given<'g>) -> BoxFuture<'g, anyhow::Result<ExitCode>>,
}

impl Added {
    /// Whether it is called so.
    pub fn is(&self, name: &str) -> bool {
        (self.define)().get_name() == name
    }
}

/// What a command of a product is given.
///
/// ```no_run
/// # async fn list(given: scim_server::command::Given<'_>) -> anyhow::Result<()> {
/// let store = given.store().await?;
/// for tenant in store.tenants().await? {
///     println!("{}", tenant.id);
/// }
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Given<'g> {
    /// What was typed after its name.
    pub matches: &'g ArgMatches,
    product: Product,
    settings: &'g Settings,
}

impl<'g> Given<'g> {
    pub(super) fn new(product: Product, settings: &'g Settings, matches: &'g ArgMatches) -> Self {
        Self {
            matches,
            product,
            settings,
        }
    }

    /// Opens the database that `--database` names, for commands that use what the product serves. Whoever takes
    /// it closes the store at the end.
    pub async fn running<'o>(
        &self,
        out: &'o mut (dyn Write + Send),
    ) -> anyhow::Result<Running<'o>> {
        let store = self.store().await?;
        let (served, hooks) = schemas::parts(self.product, self.settings)?;
        let engine = Engine::new(store, Catalog::new(served), hooks);
        Ok(Running {
            engine: Arc::new(engine),
            program: self.product.name,
            out,
        })
    }

    /// Opens the database that `--database` names, as `token` and `tenant` do.
    pub async fn store(&self) -> anyhow::Result<Arc<dyn Store>> {
        database::open(self.product, self.settings).await
    }
}
