//! A server on a file of its own, at a fixed time, with ids that count: snapshots need no
//! redaction.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use jiff::Timestamp;
use scim_core::{ResourceType, Schema, schema};
use scim_server::auth::Tokens;
use scim_server::clock::{CountingIds, FixedClock};
use scim_server::edge::ClientAddress;
use scim_server::service::{Audience, Served};
use scim_server::store::sql::Purpose;
use scim_server::store::{PolicyName, SqlStore, Store, TokenKind};
use scim_server::{Builder, Limits, Server};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// What all paths of the tenant `main` begin with.
pub(crate) const BASE: &str = "/t/main/scim/v2";

const TOKEN: &str = "/t/main/oauth/token";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A server with the tenants `main` and `other`, Users, Groups, and Badges for applications.
pub(crate) struct Scim {
    pub(crate) server: Server,
    pub(crate) store: Arc<dyn Store>,
    sql: Arc<SqlStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) idp: String,
    pub(crate) app: String,
    router: Router,
    folder: TempDir,
}

impl Scim {
    pub(crate) async fn start() -> Scim {
        Scim::with(|builder| builder).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Scim {
        Scim::with(|builder| builder.limits(limits)).await
    }

    /// A server that differs from the usual one.
    pub(crate) async fn with(differ: impl FnOnce(Builder) -> Builder) -> Scim {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("scim.db").display());
        let clock = Arc::new(FixedClock::new(at("2026-01-01T00:00:00Z")));
        let ids = Arc::new(CountingIds::default());
        let store = SqlStore::open(&url, Purpose::Serve, clock.clone(), ids.clone())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        let sql = Arc::new(store);
        let store: Arc<dyn Store> = sql.clone();
        for tenant in ["main", "other"] {
            let (tenant, now) = (tenant.parse().unwrap(), at("2026-01-01T00:00:00Z"));
            assert!(store.create_tenant(&tenant, now).await.unwrap());
        }
        let builder = Server::builder(Arc::clone(&store))
            .serve([
                served(user(), Audience::Connections),
                served(group(), Audience::Connections),
                served(badge(), Audience::Apps),
            ])
            .clock(clock.clone())
            .ids(ids)
            .public_url("https://scim.example/");
        let server = differ(builder).build();
        let mut scim = Scim {
            router: server.router(),
            server,
            store,
            sql,
            clock,
            idp: String::new(),
            app: String::new(),
            folder,
        };
        scim.idp = scim.token("main", TokenKind::Idp, None).await;
        scim.app = scim.token("main", TokenKind::App, None).await;
        scim
    }

    pub(crate) async fn token(
        &self,
        tenant: &str,
        kind: TokenKind,
        expires: Option<&str>,
    ) -> String {
        let tenant = tenant.parse().unwrap();
        let made = self.server.tokens();
        let made = made.create(
            &tenant,
            "Entra",
            kind,
            PolicyName::default(),
            expires.map(at),
        );
        made.await.unwrap().1.to_string()
    }

    /// An access token of the identity provider.
    pub(crate) async fn access_token(&self) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id=Entra&client_secret={}",
            self.idp
        );
        let answer = self.token_endpoint(&[], &form).await;
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        token.unwrap_or_else(|| panic!("{answer}"))
    }

    /// Asks the token endpoint of `main`.
    pub(crate) async fn token_endpoint(&self, headers: &[(&str, &str)], form: &str) -> Answer {
        let all = [&[FORM], headers].concat();
        self.raw("POST", TOKEN, &all, form.to_owned()).await
    }

    /// Asks the token endpoint of `main`, from this address.
    pub(crate) async fn token_endpoint_from(&self, address: &str, form: &str) -> Answer {
        let client = ClientAddress(address.parse().unwrap());
        let router = self.router.clone().layer(Extension(client));
        sent(router, "POST", TOKEN, &[FORM], form.to_owned()).await
    }

    /// Asks from this address.
    pub(crate) async fn raw_from(&self, address: &str, line: (&str, &str), secret: &str) -> Answer {
        let client = ClientAddress(address.parse().unwrap());
        let router = self.router.clone().layer(Extension(client));
        let bearer = format!("Bearer {secret}");
        let headers = [("authorization", bearer.as_str())];
        sent(router, line.0, line.1, &headers, String::new()).await
    }

    /// Tokens as another process sees them, which remembers nothing of this one's.
    pub(crate) fn other_process(&self) -> Tokens {
        Tokens::new(Arc::clone(&self.store), self.clock.clone())
    }

    /// What the newest line of the change feed keeps of its request.
    #[expect(
        clippy::disallowed_types,
        reason = "nothing of the library shows bodies of the change feed yet"
    )]
    pub(crate) fn last_request(&self) -> String {
        let file = rusqlite::Connection::open(self.folder.path().join("scim.db")).unwrap();
        let newest = "SELECT coalesce(request, '') FROM change ORDER BY id DESC LIMIT 1";
        let kept: String = file.query_row(newest, [], |row| row.get(0)).unwrap();
        let Ok(Value::Object(mut request)) = serde_json::from_str(&kept) else {
            return kept;
        };
        // How long a request takes is no matter of a test.
        request.shift_remove("durationMs");
        Value::Object(request).to_string()
    }

    /// How many statements were run so far.
    pub(crate) fn statements(&self) -> u64 {
        self.sql.cost().statements()
    }

    /// How many secrets and access tokens are stored.
    #[expect(
        clippy::disallowed_types,
        reason = "the library counts only what is still good"
    )]
    pub(crate) fn secrets(&self) -> i64 {
        let file = rusqlite::Connection::open(self.folder.path().join("scim.db")).unwrap();
        let all = "SELECT count(*) FROM token_secret";
        file.query_row(all, [], |row| row.get(0)).unwrap()
    }

    /// Sends `METHOD /path` below the base of `main`, as the identity provider.
    pub(crate) async fn send(&self, line: &str) -> Answer {
        self.send_with(line, &[], "").await
    }

    pub(crate) async fn send_with(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.idp);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(headers);
        let (method, path) = line.split_once(' ').unwrap();
        self.raw(method, &format!("{BASE}{path}"), &all, body).await
    }

    /// Sends a request as the application.
    pub(crate) async fn send_as_app(&self, line: &str) -> Answer {
        let bearer = format!("Bearer {}", self.app);
        let (method, path) = line.split_once(' ').unwrap();
        let headers = [("authorization", bearer.as_str())];
        self.raw(method, &format!("{BASE}{path}"), &headers, "")
            .await
    }

    /// Lists the users of `main`, from this address.
    pub(crate) async fn from(&self, address: &str, headers: &[(&str, &str)]) -> Answer {
        let client = ClientAddress(address.parse().unwrap());
        let router = self.router.clone().layer(Extension(client));
        let path = format!("{BASE}/Users");
        sent(router, "GET", &path, headers, "").await
    }

    /// Sends exactly this.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        sent(self.router.clone(), method, path, headers, body).await
    }

    /// Makes users with these names.
    pub(crate) async fn with_users(names: &[&str]) -> Scim {
        let scim = Scim::start().await;
        for name in names {
            let body = format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#
            );
            let made = scim.send_with("POST /Users", &[], body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{made}");
        }
        scim
    }
}

async fn sent(
    router: Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    // Ids that nobody sends would be taken from the counter.
    let request = request.header("x-request-id", "test");
    let request = request.body(body.into()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let sent_bytes = body.len();
    let mut text = String::new();
    match parts.headers.get("content-encoding") {
        Some(_) => flate2::read::GzDecoder::new(&*body).read_to_string(&mut text),
        None => body.as_ref().read_to_string(&mut text),
    }
    .unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: text,
        sent_bytes,
    }
}

/// An answer; shown as its status, the headers that decide something, and its body.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// Of the body, compressed or not.
    pub(crate) sent_bytes: usize,
}

impl Answer {
    /// Status and `detail`, for tables of refusals.
    pub(crate) fn refusal(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = |key: &str| body[key].as_str().unwrap_or("-").to_owned();
        assert_eq!(text("status"), self.status.as_str(), "{self}");
        format!(
            "{} {}: {}",
            text("status"),
            text("scimType"),
            text("detail")
        )
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        for name in [
            "content-type",
            "location",
            "etag",
            "allow",
            "www-authenticate",
            "scim-error-code",
        ] {
            if let Some(value) = self.headers.get(name) {
                write!(f, "\n{name}: {}", value.to_str().unwrap())?;
            }
        }
        if !self.body.is_empty() {
            write!(f, "\n{}", self.body)?;
        }
        Ok(())
    }
}

/// The value of a header with a name and a secret (RFC 7617).
pub(crate) fn basic(user: &str, secret: &str) -> String {
    let pair = format!("{user}:{secret}");
    format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn served(resource_type: ResourceType, audience: Audience) -> Served {
    Served {
        resource_type,
        audience,
    }
}

fn user() -> ResourceType {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .unique(["userName", "externalId"])
        .reverse("groups", "members")
        .build()
        .unwrap()
}

fn group() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .indexed(["displayName"])
        .rows("members", ["User"])
        .build()
        .unwrap()
}

fn badge() -> ResourceType {
    let badge = r#"{"id": "urn:example:Badge", "name": "Badge", "attributes": [{"name": "color", "type": "string"}]}"#;
    ResourceType::new("Badge", "/Badges", Schema::from_json(badge).unwrap())
        .build()
        .unwrap()
}
