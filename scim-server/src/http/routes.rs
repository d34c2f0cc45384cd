//! The URL table with what is served filled in: for documents, and for tests that leave nothing out.

use super::App;
use super::call::READING;
use super::route::Below;
use crate::store::TokenKind;

/// A path that is served, with the names of its resource type and verb.
///
/// ```no_run
/// # fn example(server: scim_server::Server) {
/// for route in server.routes() {
///     println!("{} {}", route.methods, route.pattern);
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutePattern {
    /// The path; `{tenant}` and `{id}` stand for themselves.
    pub pattern: String,
    /// The methods, as an `Allow` header has them.
    pub methods: &'static str,
}

impl App {
    /// Every path below `/t/{tenant}`.
    pub(crate) fn routes(&self) -> Vec<RoutePattern> {
        let mut routes = Vec::new();
        for pattern in Below::PATTERNS {
            if pattern.contains("{endpoint}") {
                self.of_types(pattern, &mut routes);
            } else {
                routes.push(RoutePattern {
                    pattern: (*pattern).to_owned(),
                    methods: methods(pattern),
                });
            }
        }
        routes
    }

    fn of_types(&self, pattern: &str, routes: &mut Vec<RoutePattern>) {
        for served in self.engine.catalog().visible(TokenKind::App) {
            let endpoint = served.resource_type.endpoint().trim_start_matches('/');
            let of_type = pattern.replace("{endpoint}", endpoint);
            if pattern.ends_with("{verb}") {
                let kind = served.resource_type.name();
                for verb in self.engine.verbs().filter(|verb| verb.kind == kind) {
                    routes.push(RoutePattern {
                        pattern: of_type.replace("{verb}", verb.name),
                        methods: verb.methods(),
                    });
                }
                continue;
            }
            let methods = if pattern.ends_with("{id}") {
                served.allowed_on_resource()
            } else if pattern.ends_with("{endpoint}") {
                served.allowed_on_collection()
            } else {
                "POST"
            };
            routes.push(RoutePattern {
                pattern: of_type,
                methods,
            });
        }
    }
}

/// The methods of a path that belongs to no resource type.
fn methods(pattern: &str) -> &'static str {
    match pattern.rsplit('/').next() {
        Some("token" | "Bulk" | ".search") => "POST",
        Some("Me") => "GET, HEAD, PUT, PATCH, DELETE",
        _ => READING,
    }
}
