//! The first start on an empty database: a tenant, a token, and what to do with them.

use std::io::Write;
use std::sync::Arc;

use scim_core::TenantId;

use super::Product;
use super::settings::Settings;
use super::token::in_days;
use crate::Server;
use crate::clock::{Clock, SystemClock};
use crate::store::Store;

const TENANT: &str = "main";
const TOKEN_NAME: &str = "Identity provider";
const TOKEN_DAYS: u16 = 365;

/// Makes the tenant and its token, and says so; nothing when there is any other tenant, or a
/// token. A start that broke off between the two is made up for.
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
    let tenant: TenantId = TENANT.parse()?;
    if store
        .tenants()
        .await?
        .iter()
        .any(|other| other.id != tenant)
    {
        return Ok(());
    }
    store.create_tenant(&tenant, SystemClock.now()).await?;
    let expires = in_days(TOKEN_DAYS)?;
    let first = server.tokens().create_first(&tenant, TOKEN_NAME, expires);
    let Some(secret) = first.await? else {
        return Ok(());
    };
    let more = match product.first_start {
        Some(first_start) => first_start(server, &tenant).await?,
        None => String::new(),
    };
    let (name, base_url) = (product.name, server.base_url(&tenant));
    let database = elsewhere(product, settings);
    writeln!(
        out,
        "
The database was empty, so this is a first start. Connect an identity provider:

  Tenant URL:    {base_url}
  Secret Token:  {secret}

The secret is shown this once and is valid for {TOKEN_DAYS} days.
{more}
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
