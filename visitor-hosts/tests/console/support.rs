//! A server with its pages, asked in the name of somebody.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use scim_core::Policy;
use scim_server::service::{Caller, Grants};
use scim_server::store::{ConnectionId, Fresh, Store, TokenKind};
use scim_server::{Limits, Server};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) struct Console {
    pub(crate) fresh: Arc<Fresh>,
    pub(crate) server: Server,
    pages: Router,
    caller: Caller,
}

/// What a browser got.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) html: String,
}

impl Console {
    pub(crate) async fn new() -> Console {
        let fresh = Fresh::sqlite().await;
        let store: Arc<dyn Store> = fresh.store.clone();
        let limits = Limits {
            rate: 0,
            ..Limits::default()
        };
        let server = Server::builder(store)
            .public_url("https://hosts.example")
            .limits(limits)
            .serve(visitor_hosts::served().unwrap())
            .hooks(visitor_hosts::hooks().unwrap())
            .build();
        Console {
            pages: visitor_console::pages(&server).unwrap(),
            server,
            fresh: Arc::new(fresh),
            caller: caller(7, "Ada", TokenKind::App, Grants::default()),
        }
    }

    /// The same, as somebody who may do this alone.
    pub(crate) fn with_scopes(&self, scopes: &str) -> Console {
        let grants = Grants {
            scopes: scopes.parse().unwrap(),
            ..Grants::default()
        };
        self.with_caller(caller(8, "Sam", TokenKind::App, grants))
    }

    fn with_caller(&self, caller: Caller) -> Console {
        Console {
            fresh: Arc::clone(&self.fresh),
            server: self.server.clone(),
            pages: self.pages.clone(),
            caller,
        }
    }

    /// An answer as it comes.
    pub(crate) async fn raw(&self, path: &str) -> Response {
        let mut request = Request::builder().uri(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(self.caller.clone());
        self.pages.clone().oneshot(request).await.unwrap()
    }

    /// An answer that goes on.
    pub(crate) async fn stream(&self, path: &str) -> BodyDataStream {
        let answer = self.raw(&format!("/console/main{path}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body().into_data_stream()
    }

    async fn send(&self, method: Method, path: &str, form: Option<&str>) -> Got {
        let body = form.map_or_else(Body::empty, |form| Body::from(form.to_owned()));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "hosts.example")
            .header(header::ORIGIN, "https://hosts.example")
            .header("sec-fetch-site", "same-origin")
            .body(body)
            .unwrap();
        request.extensions_mut().insert(self.caller.clone());
        let answer = self.pages.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let location = answer.headers().get(header::LOCATION);
        let location = location.map_or("", |it| it.to_str().unwrap()).to_owned();
        let bytes = to_bytes(answer.into_body(), 16 << 20).await.unwrap();
        Got {
            status,
            location,
            html: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// A page, by its address below `/console/main`.
    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, &format!("/console/main{path}"), None)
            .await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Got {
        let path = format!("/console/main{path}");
        self.send(Method::POST, &path, Some(form)).await
    }

    /// A request to the API itself: as a directory, or as an application.
    async fn api(&self, as_: &Caller, method: Method, path: &str, body: Option<&Value>) -> Value {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(format!("/t/main/scim/v2{path}"))
            .header(header::CONTENT_TYPE, "application/scim+json")
            .extension(as_.clone())
            .body(body)
            .unwrap();
        let answer = self.server.router().oneshot(request).await.unwrap();
        let bytes = to_bytes(answer.into_body(), 16 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        self.api(&self.caller, Method::GET, path, None).await
    }

    pub(crate) async fn create(&self, endpoint: &str, body: Value) -> Value {
        self.api(
            &self.caller,
            Method::POST,
            &format!("/{endpoint}"),
            Some(&body),
        )
        .await
    }

    /// People whom a directory brings, by their numbers.
    pub(crate) async fn people(&self, numbers: std::ops::Range<usize>) -> Vec<String> {
        let mut ids = Vec::new();
        for number in numbers {
            ids.push(self.person(&entra(), number, json!({})).await);
        }
        ids
    }

    /// One of them, in whom this is different.
    pub(crate) async fn person(&self, as_: &Caller, number: usize, different: Value) -> String {
        let mut user = json!({
            "schemas": [USER, ENTERPRISE],
            "userName": format!("user{number}@contoso.example"),
            "externalId": format!("{}-{number}", as_.name),
            "displayName": format!("User {number}"),
            "emails": [{ "type": "work", "value": format!("user{number}@contoso.example") }],
            ENTERPRISE: { "employeeNumber": number.to_string(), "department": "Sales" },
        });
        for (name, value) in different.as_object().unwrap() {
            user[name] = value.clone();
        }
        let user = self.api(as_, Method::POST, "/Users", Some(&user)).await;
        user["id"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn deactivate(&self, user: &str) {
        let operation = json!({ "op": "replace", "path": "active", "value": false });
        let body = json!({ "schemas": [PATCH], "Operations": [operation] });
        self.api(
            &entra(),
            Method::PATCH,
            &format!("/Users/{user}"),
            Some(&body),
        )
        .await;
    }

    /// The id of the first resource that a list has.
    pub(crate) async fn first(&self, path: &str) -> String {
        let listed = self.read(path).await;
        listed["Resources"][0]["id"].as_str().unwrap().to_owned()
    }
}

/// A directory.
pub(crate) fn entra() -> Caller {
    caller(1, "Entra", TokenKind::Idp, Grants::default())
}

/// Another one.
pub(crate) fn okta() -> Caller {
    caller(2, "Okta", TokenKind::Idp, Grants::default())
}

fn caller(number: u128, name: &str, kind: TokenKind, grants: Grants) -> Caller {
    Caller {
        tenant: "main".parse().unwrap(),
        connection: ConnectionId(Uuid::from_u128(number)),
        name: name.into(),
        kind,
        policy: Policy::compatible(),
        person: None,
        grants: Arc::new(grants),
        origin: None,
    }
}

impl Got {
    /// What somebody reads in the page itself, a line for each piece; ids and times are left out.
    pub(crate) fn text(&self) -> String {
        let main = self
            .html
            .split_once("<main")
            .map_or(self.html.as_str(), |(_, main)| main);
        let main = main.split_once("</main>").map_or(main, |(main, _)| main);
        let main = main.split_once('>').map_or(main, |(_, main)| main);
        let mut text = String::new();
        let mut rest = main;
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            let (tag, after) = after.split_once('>').unwrap();
            let name = tag
                .split([' ', '/'])
                .find(|part| !part.is_empty())
                .unwrap_or_default();
            match (tag.starts_with('/'), name) {
                (true, "td" | "th" | "dt") => text.push_str(" | "),
                (
                    true,
                    "tr" | "p" | "h1" | "h2" | "li" | "dd" | "label" | "legend" | "summary"
                    | "option",
                ) => {
                    text.push('\n');
                }
                (false, "input") => {
                    let value = attribute(tag, "value");
                    text.push_str(&format!("[{value}]\n"));
                }
                (false, "option") if tag.contains(" selected") => text.push_str("* "),
                (false, "h1") => text.push_str("# "),
                (false, "h2") => text.push_str("## "),
                _ => {}
            }
            rest = after;
        }
        text.push_str(rest);
        let lines = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let lines = lines.map(|line| line.trim_matches(['|', ' ']).to_owned());
        let lines: Vec<String> = lines
            .filter(|line| !line.is_empty())
            .map(|line| steady(&unescaped(&line)))
            .collect();
        lines.join("\n")
    }

    /// The lines of it that hold one of these words.
    pub(crate) fn lines(&self, words: &[&str]) -> String {
        let text = self.text();
        let lines = text
            .lines()
            .filter(|line| words.iter().any(|word| line.contains(word)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Where the browser was sent, without ids.
    pub(crate) fn went(&self) -> String {
        format!("{} {}", self.status.as_u16(), steady(&self.location))
    }
}

fn attribute<'t>(tag: &'t str, name: &str) -> &'t str {
    let beginning = format!(" {name}=\"");
    let value = tag.split_once(&beginning).map(|(_, rest)| rest);
    value
        .and_then(|rest| rest.split_once('"'))
        .map_or("", |(value, _)| value)
}

fn unescaped(text: &str) -> String {
    let named = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    named.iter().fold(text.to_owned(), |text, (code, sign)| {
        text.replace(code, sign)
    })
}

/// The text with a word in the place of each id and each time.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    let is_id = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|sign| !is_id(sign)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        steady.push_str(if word.parse::<Uuid>().is_ok() {
            "ID"
        } else {
            word
        });
        let mut signs = after.chars();
        steady.extend(signs.next());
        rest = signs.as_str();
    }
    times(&steady)
}

/// `26 Nov 2026, 08:00 UTC` and `1.3 ms` are never the same twice.
fn times(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut steady: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let is_time = words
            .get(at + 4)
            .is_some_and(|zone| zone.starts_with("UTC"))
            && words.get(at + 3).is_some_and(|clock| clock.contains(':'));
        let is_length = words.get(at + 1).is_some_and(|unit| *unit == "ms");
        if is_time {
            steady.push("TIME");
            at += 5;
        } else if is_length {
            steady.push("SOME");
            at += 1;
        } else {
            steady.push(words[at]);
            at += 1;
        }
    }
    steady.join(" ")
}
