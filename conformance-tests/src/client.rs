//! How one request is sent, and what a reader needs to see of it afterwards.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::Deserialize;
use serde_json::Value;

/// Sends requests to one SCIM service provider.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    base: String,
    credentials: Credentials,
    basic: Option<Basic>,
}

impl Client {
    /// A client for the SCIM base address `address`, such as
    /// `http://127.0.0.1:8080/t/main/scim/v2`.
    pub fn new(address: &str, credentials: Credentials) -> Result<Self> {
        if !address.starts_with("http://") && !address.starts_with("https://") {
            bail!("{address:?} must begin with http:// or https://");
        }
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(60))
            .no_proxy()
            .build()
            .context("the HTTP client cannot be set up")?;
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self {
            http,
            base: address.clone(),
            address,
            credentials,
            basic: None,
        })
    }

    /// The same client for a server that calls itself by another name, because it stands behind a
    /// proxy: `base` is what `meta.location` begins with.
    pub fn with_public_base(self, base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            ..self
        }
    }

    /// The same client, with a name and a password in the place of the identity provider's token.
    pub fn with_basic(self, basic: Basic) -> Self {
        Self {
            basic: Some(basic),
            ..self
        }
    }

    /// The same client, sending to another address, behind which the same server stands.
    pub(crate) fn at(self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self
        }
    }

    /// What the locations in answers begin with.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Where requests go: the address without a slash at its end.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The secret for `credential`, if there is one.
    pub(crate) fn secret(&self, credential: Credential) -> Option<&str> {
        self.credentials.secret(credential)
    }

    /// Whether there is a secret for `credential`.
    pub fn has(&self, credential: Credential) -> bool {
        credential == Credential::None || self.credentials.secret(credential).is_some()
    }

    /// Sends `call` and waits for the whole answer. An error means that no answer came, so the
    /// request may or may not have had its effect.
    pub async fn send(&self, call: &Call) -> Result<Answer> {
        let method = Method::from_bytes(call.method.as_bytes())
            .with_context(|| format!("{:?} is no HTTP method", call.method))?;
        let url = match call.target() {
            absolute if absolute.starts_with("http") => absolute,
            path => format!("{}{path}", self.address),
        };
        let mut request = self.http.request(method, url);
        match (&self.basic, call.credential) {
            (Some(Basic { user, password }), Credential::Idp) => {
                request = request.basic_auth(user, Some(password));
            }
            (_, credential) => {
                if let Some(secret) = self.credentials.secret(credential) {
                    request = request.bearer_auth(secret);
                }
            }
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let json = call.body.as_ref().map(Value::to_string);
        if let Some(body) = json.or_else(|| call.text.clone()) {
            if !call
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            {
                request = request.header(CONTENT_TYPE, "application/scim+json");
            }
            request = request.body(body);
        }
        let response = request.send().await.context("the server did not answer")?;
        let status = response.status().as_u16();
        let headers = readable(response.headers());
        let body = response.text().await.context("the answer broke off")?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}

/// The secrets that a conversation may speak with.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The identity provider's token.
    pub idp: String,
    /// The token of another identity provider of the same tenant.
    pub idp2: Option<String>,
    /// An application's token, which may read what the product derives.
    pub app: Option<String>,
}

impl Credentials {
    fn secret(&self, credential: Credential) -> Option<&str> {
        match credential {
            Credential::Idp => Some(&self.idp),
            Credential::Idp2 => self.idp2.as_deref(),
            Credential::App => self.app.as_deref(),
            Credential::None => None,
        }
    }
}

/// A name and a password (RFC 7617).
#[derive(Clone)]
pub struct Basic {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// Whose token a request carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Credential {
    /// The identity provider.
    #[default]
    Idp,
    /// A second identity provider.
    Idp2,
    /// An application.
    App,
    /// Nobody: no `Authorization` header.
    None,
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idp => "idp",
            Self::Idp2 => "idp2",
            Self::App => "app",
            Self::None => "none",
        })
    }
}

/// One request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whose token it carries.
    pub credential: Credential,
    /// `GET`, `POST`, …
    pub method: String,
    /// Below the SCIM base, beginning with a slash; or a whole address.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
    /// Headers beside `Authorization`; `Content-Type` is `application/scim+json` unless given.
    pub headers: Vec<(String, String)>,
    /// The JSON body.
    pub body: Option<Value>,
    /// A body that is no JSON; only without the other.
    pub text: Option<String>,
}

impl Call {
    /// A request of the identity provider without query, headers and body.
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self {
            credential: Credential::Idp,
            method: method.to_owned(),
            path: path.into(),
            query: None,
            headers: Vec::new(),
            body: None,
            text: None,
        }
    }

    /// The same request with another token.
    pub fn with_credential(self, credential: Credential) -> Self {
        Self { credential, ..self }
    }

    /// The same request with a query.
    pub fn with_query(self, query: impl Into<String>) -> Self {
        Self {
            query: Some(query.into()),
            ..self
        }
    }

    /// The same request with a body.
    pub fn with_body(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// The same request with a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same request with a body that is no JSON.
    pub fn with_text(self, text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..self
        }
    }

    fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// The transcript of a request. The token is named, never shown.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "> {} {} (as {})",
            self.method,
            self.target(),
            self.credential
        )?;
        for (name, value) in &self.headers {
            writeln!(f, "> {name}: {value}")?;
        }
        match (&self.body, &self.text) {
            (Some(body), _) => writeln!(f, "> {body}"),
            (None, Some(text)) => writeln!(f, "> {text}"),
            (None, None) => Ok(()),
        }
    }
}

/// One answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status code.
    pub status: u16,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text; empty when there is none.
    pub body: String,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body)
            .with_context(|| format!("the body is no JSON: {:?}", self.body))
    }
}

/// The transcript of an answer.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "< {}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "< {name}: {value}")?;
        }
        if self.body.is_empty() {
            Ok(())
        } else {
            writeln!(f, "< {}", self.body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_transcript_names_the_credential_and_hides_the_secret() {
        let call = Call::new("PATCH", "/Users/7")
            .with_query("attributes=id")
            .with_body(json!({"a": 1}));
        assert_eq!(
            call.to_string(),
            "> PATCH /Users/7?attributes=id (as idp)\n> {\"a\":1}\n"
        );
    }

    #[test]
    fn an_address_without_http_is_refused() {
        let refused = Client::new("example.com/scim/v2", Credentials::default());
        assert!(refused.is_err_and(|error| error.to_string().contains("must begin with http://")));
        assert!(Client::new("https://example.com/scim/v2", Credentials::default()).is_ok());
    }
}
