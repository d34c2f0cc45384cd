//! "Test Connection": what the identity provider behind a connection will send, sent to this server in the
//! connection's name, in a rehearsal of which nothing is kept.

use std::sync::Arc;

use scim_core::{ResourceId, TenantId};
use scim_server::auth::{self, Authenticate};
use scim_server::service::{Caller, FindingOut};
use scim_server::store::{Rehearsal, Store, Token, TokenKind, Transaction, unit};
use scim_server::{Error, Limits, Server};
use serde_json::{Value, json};

use super::hook::{LIFE, TEST};
use super::{Settings, source};
use crate::derived::date_time;
use crate::doctor::{Doctor, InProcess, Mode, Provider, Report};
use crate::schemas::unusable;
use crate::verb;

/// URN of the answer to `test`.
const TEST_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:ConnectionTest";
const OFF: &str = "The connection is switched off, or over: nothing that it sends is taken.";

/// What the identity provider behind a connection would find.
pub(super) async fn find_out(asked: &FindingOut<'_>) -> Result<Value, Error> {
    verb::only_a_reason(asked.body)?;
    let (store, tenant) = (asked.engine.store(), &asked.caller.tenant);
    let (token, run, is_taken) = store.read(tenant, connection(asked.id)).await?;
    may_be_tested(&token)?;
    let mut examined = Vec::new();
    let mut made = 0;
    for provider in providers(&token) {
        // A stage for each of them: what it costs to repeat grows with what was played on it.
        let stage: Arc<dyn Store> = Arc::new(Rehearsal::of(Arc::clone(store)));
        let endpoint = InProcess::new(&server(stage, tenant, &token)?, tenant, "rehearsed");
        let report = Doctor::new(&endpoint, &run).examine(&[provider]).await;
        examined.extend(report.providers);
        made += report.made;
    }
    let mut report = Report::new(Mode::Full, examined);
    report.made = made;
    let mut checks = report.checks();
    if !is_taken {
        checks.insert(0, OFF.to_owned());
    }
    let mut told = serde_json::to_value(&report).unwrap_or_default();
    if let Some(told) = told.as_object_mut() {
        let passed = is_taken && report.passed();
        told.insert("schemas".to_owned(), json!([TEST_URN]));
        told.insert(
            "result".to_owned(),
            json!(if passed { "ok" } else { "failed" }),
        );
        told.insert("checks".to_owned(), json!(checks));
    }
    Ok(told)
}

/// What a connection keeps of its last test.
pub(super) fn keep(tx: &mut Transaction<'_>, was: &Token, found: &Value) {
    let last_test = json!({
        "at": date_time(tx),
        "result": found["result"],
        "checks": found["checks"],
    });
    let settings = Settings {
        last_test: Some(last_test),
        ..Settings::of(was.settings.as_deref())
    };
    let is = Token {
        settings: settings.to_text(),
        ..was.clone()
    };
    auth::keep::change(tx, was, is);
}

/// Refuses what no identity provider is behind, or what is over.
pub(super) fn may_be_tested(token: &Token) -> Result<(), Error> {
    if token.kind != TokenKind::Idp {
        return Err(Error::Forbidden(
            "only a connection of the kind idp is tested: no identity provider is behind this one",
        ));
    }
    LIFE.after(source::state(token), TEST).map(drop)
}

fn connection(id: ResourceId) -> impl scim_server::store::Unit<Output = (Token, String, bool)> {
    unit(move |tx| {
        Box::pin(async move {
            let token = tx.token(id.uuid()).await?;
            let token = token.ok_or_else(|| source::not_found(id))?;
            let run = tx.new_id().simple().to_string();
            let is_taken = auth::is_taken(&token, tx.now());
            Ok((token, run, is_taken))
        })
    })
}

/// Whoever is known to be behind a connection, or else all.
fn providers(token: &Token) -> Vec<Provider> {
    match token.policy.as_str().parse() {
        Ok(provider) => vec![provider],
        Err(_) => Provider::ALL.to_vec(),
    }
}

/// The product on another store, which takes every request for one of the connection.
fn server(store: Arc<dyn Store>, tenant: &TenantId, token: &Token) -> Result<Server, Error> {
    let limits = Limits {
        rate: 0,
        ..Limits::default()
    };
    let server = Server::builder(store)
        .limits(limits)
        .serve(crate::served().map_err(unusable)?)
        .hooks(crate::hooks().map_err(unusable)?)
        .authenticate(Always(auth::caller(tenant, token)));
    Ok(server.build())
}

struct Always(Caller);

#[async_trait::async_trait]
impl Authenticate for Always {
    async fn caller(&self, _: &TenantId, _: &axum::http::request::Parts) -> Result<Caller, Error> {
        Ok(self.0.clone())
    }
}
