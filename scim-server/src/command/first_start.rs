//! The first start on an empty database: a tenant, a token, and what to do with them.

use std::io::Write;
use std::sync::Arc;

use super::Product;
use super::settings::Settings;
use super::token::in_days;
use crate::Server;
use crate::clock::{Clock, SystemClock};
use crate::store::{Store, TokenKind};

const TENANT: &str = "main";
const TOKEN_NAME: &str = "Identity provider";
const TOKEN_DAYS: u16 = 365;

/// Makes the tenant and its token, and says so; nothing when there is any tenant.
///
/// `shown` is the endpoint where an application sees what came of the pushed users.
pub(super) async fn greet(
    product: Product,
    store: &Arc<dyn Store>,
    server: &Server,
    settings: &Settings,
    shown: &str,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if !store.tenants().await?.is_empty() {
        return Ok(());
    }
    let tenant = TENANT.parse()?;
    // Of several processes on one new database, one greets.
    if !store.create_tenant(&tenant, SystemClock.now()).await? {
        return Ok(());
    }
    let expires = in_days(TOKEN_DAYS)?;
    let (_, secret) = server
        .tokens()
        .create(&tenant, TOKEN_NAME, TokenKind::Idp, Some(expires))
        .await?;
    let (name, base_url) = (product.name, server.base_url(&tenant));
    let database = elsewhere(product, settings);
    writeln!(
        out,
        "
The database was empty, so this is a first start. Connect an identity provider:

  Tenant URL:    {base_url}
  Secret Token:  {secret}

The secret is shown this once and is valid for {TOKEN_DAYS} days.

1. In Microsoft Entra ID, open Enterprise applications, New application, Create your own
   application, Provisioning; enter both values, test the connection, and start provisioning.
2. To see what arrived, make a token for an application:
     {name} token create --tenant {TENANT} --name Reception --kind app{database}
3. Ask with that token:
     curl -H \"Authorization: Bearer SECRET\" {base_url}{shown}
"
    )?;
    out.flush()?;
    Ok(())
}

/// The option that the next command needs too. A URL that may hold a password is not repeated.
fn elsewhere(product: Product, settings: &Settings) -> String {
    if settings.database == product.default_database {
        String::new()
    } else if settings.database.starts_with("sqlite://") {
        format!(" --database {}", settings.database)
    } else {
        " --database URL".to_owned()
    }
}
