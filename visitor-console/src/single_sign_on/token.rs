//! Who it is, by the ID token that the provider gives for a code.

use axum::http::Request;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use data_encoding::BASE64;
use form_urlencoded::{Serializer, byte_serialize};
use scim_server::Server;
use scim_server::auth::jwt::{Refusal, UnverifiedJwt};
use scim_server::outbound::OutboundError;
use scim_server::store::TrustedKeys;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::provider::{Provider, Providers};
use super::{EMAIL, SingleSignOn, UnderWay};

const BYTES_MAX: usize = 256 * 1024;

/// Why nobody is known by what the provider gave.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unknown {
    #[error("the provider was not asked")]
    Unasked(#[source] OutboundError),
    #[error("the request to the provider cannot be written")]
    Unwritten(#[source] axum::http::Error),
    #[error("the provider answered the code with the status {0}")]
    Status(u16),
    #[error("the provider gave no ID token")]
    NoToken,
    #[error("the ID token is refused: {0}")]
    Token(#[from] Refusal),
    #[error("the provider tells of somebody else")]
    Other,
    #[error("the provider says no claim {0:?} with a text")]
    NoClaim(String),
    #[error("the provider has not verified the e-mail address")]
    Unverified,
}

/// What the provider claims of whoever signed in there, under the name that was agreed on.
pub(crate) async fn claimed(
    server: &Server,
    providers: &Providers,
    (single_sign_on, provider): (&SingleSignOn, &Provider),
    (under_way, code, redirect_uri): (&UnderWay, &str, &str),
    secret: Option<&str>,
) -> Result<String, Unknown> {
    let code = (under_way, code, redirect_uri);
    let request = request((single_sign_on, provider), code, secret)?;
    let answer = providers.outbound().ask(request, BYTES_MAX).await;
    let answer = answer.map_err(Unknown::Unasked)?;
    if !answer.status().is_success() {
        return Err(Unknown::Status(answer.status().as_u16()));
    }
    let answer: Answer = serde_json::from_slice(answer.body()).map_err(|_| Unknown::NoToken)?;
    let jwt = UnverifiedJwt::parse(&answer.id_token)?;
    let now = server.clock().now();
    let client = &single_sign_on.client_id;
    jwt.check_id_token(&provider.issuer, client, &code.0.nonce, now)?;
    let keys = TrustedKeys::Url(provider.jwks_uri.clone());
    server.tokens().verify_signature(&jwt, &keys).await?;
    let claim = &single_sign_on.match_claim;
    let said = |name: &str| jwt.claim(name).cloned();
    if said(claim).is_some() {
        return named(claim, &said);
    }
    let subject = said("sub").unwrap_or_default();
    let told = told(providers, provider, &answer.access_token, &subject).await?;
    named(claim, &|name| told.get(name).cloned())
}

/// What else the provider tells of the same person (OpenID Connect Core 1.0 §5.3): many put no more into an ID token
/// than who it is.
async fn told(
    providers: &Providers,
    provider: &Provider,
    access_token: &str,
    subject: &Value,
) -> Result<Map<String, Value>, Unknown> {
    let Some(endpoint) = &provider.userinfo_endpoint else {
        return Ok(Map::new());
    };
    let request = Request::get(endpoint)
        .header(AUTHORIZATION, format!("Bearer {access_token}"))
        .header(ACCEPT, "application/json")
        .body(Vec::new())
        .map_err(Unknown::Unwritten)?;
    let answer = providers.outbound().ask(request, BYTES_MAX).await;
    let answer = answer.map_err(Unknown::Unasked)?;
    if !answer.status().is_success() {
        return Err(Unknown::Status(answer.status().as_u16()));
    }
    let told: Map<String, Value> =
        serde_json::from_slice(answer.body()).map_err(|_| Unknown::NoToken)?;
    // §5.3.2: or it is told of somebody else.
    if told.get("sub") != Some(subject) {
        return Err(Unknown::Other);
    }
    Ok(told)
}

/// The request that gives the code for a token (RFC 6749 §4.1.3).
fn request(
    (single_sign_on, provider): (&SingleSignOn, &Provider),
    (under_way, code, redirect_uri): (&UnderWay, &str, &str),
    secret: Option<&str>,
) -> Result<Request<Vec<u8>>, Unknown> {
    let id = &single_sign_on.client_id;
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", &under_way.verifier);
    let mut request = Request::post(&provider.token_endpoint)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json");
    match secret {
        Some(secret) if !provider.wants_secret_in_body() => {
            // RFC 6749 §2.3.1: encoded as in a form before they are joined.
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(id), encoded(secret));
            let basic = format!("Basic {}", BASE64.encode(pair.as_bytes()));
            request = request.header(AUTHORIZATION, basic);
        }
        Some(secret) => {
            form.append_pair("client_id", id);
            form.append_pair("client_secret", secret);
        }
        None => {
            form.append_pair("client_id", id);
        }
    }
    let request = request.body(form.finish().into_bytes());
    request.map_err(Unknown::Unwritten)
}

#[derive(Deserialize)]
struct Answer {
    id_token: String,
    #[serde(default)]
    access_token: String,
}

/// The text of a claim. An address counts where the provider has verified it.
fn named(claim: &str, said: &dyn Fn(&str) -> Option<Value>) -> Result<String, Unknown> {
    let name = match said(claim) {
        Some(Value::String(name)) if !name.is_empty() => name,
        _ => return Err(Unknown::NoClaim(claim.to_owned())),
    };
    // Anybody may write an address that is not theirs into a profile.
    let is_verified = match said("email_verified") {
        Some(Value::Bool(verified)) => verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    if claim == EMAIL && !is_verified {
        return Err(Unknown::Unverified);
    }
    Ok(name)
}
