//! The URL table: where does a path lead?
//!
//! It is read here rather than by axum's router: the same few lines say what is logged and counted,
//! what a person reaches and what is served, and no request pays for layers.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route<'p> {
    Alive,
    Ready,
    Metrics,
    /// RFC 8414 §3.1: the path of the issuer stands behind the well-known one.
    OauthMetadata(Cow<'p, str>),
    /// Whatever lies below `/t/{tenant}`.
    Tenant(Cow<'p, str>, Below<'p>),
    Nowhere,
}

/// The table of what lies below `/t/{tenant}`: each line is a variant with the parts of its path, and the
/// pattern by which logs, metrics, documents and tests know it.
macro_rules! table {
    ($($(#[$doc:meta])* $name:ident $(($($part:ident),+))? = $pattern:literal;)+) => {
        /// Where a path leads below `/t/{tenant}`.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(super) enum Below<'p> {
            $($(#[$doc])* $name $(($(table!(@text 'p $part)),+))?,)+
            Nowhere,
        }

        impl Below<'_> {
            /// All patterns.
            pub(super) const PATTERNS: &'static [&'static str] = &[$($pattern),+];

            fn pattern(&self) -> &'static str {
                match self {
                    $(Below::$name { .. } => $pattern,)+
                    Below::Nowhere => "-",
                }
            }
        }
    };
    (@text $life:lifetime $part:ident) => { Cow<$life, str> };
}

table! {
    OauthToken = "/t/{tenant}/oauth/token";
    ServiceProviderConfig = "/t/{tenant}/scim/v2/ServiceProviderConfig";
    ResourceTypes = "/t/{tenant}/scim/v2/ResourceTypes";
    ResourceType(name) = "/t/{tenant}/scim/v2/ResourceTypes/{id}";
    Schemas = "/t/{tenant}/scim/v2/Schemas";
    Schema(urn) = "/t/{tenant}/scim/v2/Schemas/{id}";
    Me = "/t/{tenant}/scim/v2/Me";
    Bulk = "/t/{tenant}/scim/v2/Bulk";
    Root = "/t/{tenant}/scim/v2";
    SearchAll = "/t/{tenant}/scim/v2/.search";
    Search(endpoint) = "/t/{tenant}/scim/v2/{endpoint}/.search";
    Collection(endpoint) = "/t/{tenant}/scim/v2/{endpoint}";
    Resource(endpoint, id) = "/t/{tenant}/scim/v2/{endpoint}/{id}";
    /// What a resource does besides being read and written.
    Action(endpoint, id, verb) = "/t/{tenant}/scim/v2/{endpoint}/{id}/actions/{verb}";
}

impl<'p> Route<'p> {
    pub(super) fn of(path: &'p str) -> Route<'p> {
        if let Some(rest) = path.strip_prefix("/t/") {
            let (tenant, rest) = rest.split_once('/').unwrap_or((rest, ""));
            if tenant.is_empty() {
                return Route::Nowhere;
            }
            // No tenant has a name that needs decoding, so what cannot be decoded is none either.
            let tenant = decoded(tenant).unwrap_or(Cow::Borrowed(tenant));
            return Route::Tenant(tenant, Below::of(rest).unwrap_or(Below::Nowhere));
        }
        match path {
            "/healthz" => Route::Alive,
            "/readyz" => Route::Ready,
            "/metrics" => Route::Metrics,
            _ => {
                let issuer = path.strip_prefix("/.well-known/oauth-authorization-server/t/");
                let tenant = issuer.and_then(segment);
                tenant.map_or(Route::Nowhere, Route::OauthMetadata)
            }
        }
    }

    /// How logs and metrics call the route: without names.
    pub(super) fn pattern(&self) -> &'static str {
        match self {
            Route::Alive => "/healthz",
            Route::Ready => "/readyz",
            Route::Metrics => "/metrics",
            Route::OauthMetadata(_) => "/.well-known/oauth-authorization-server/t/{tenant}",
            Route::Tenant(_, below) => below.pattern(),
            Route::Nowhere => "-",
        }
    }
}

impl<'p> Below<'p> {
    /// `None` also for what is not UTF-8 once it is decoded.
    fn of(path: &'p str) -> Option<Below<'p>> {
        let Some(path) = path.strip_prefix("scim/v2") else {
            return (path == "oauth/token").then_some(Below::OauthToken);
        };
        let path = match path.strip_prefix('/') {
            Some(path) => path,
            None if path.is_empty() => return Some(Below::Root),
            None => return None,
        };
        Some(match path.split_once('/') {
            None => match path {
                "" => Below::Root,
                ".search" => Below::SearchAll,
                "Bulk" => Below::Bulk,
                "Me" => Below::Me,
                "ResourceTypes" => Below::ResourceTypes,
                "Schemas" => Below::Schemas,
                "ServiceProviderConfig" => Below::ServiceProviderConfig,
                endpoint => Below::Collection(segment(endpoint)?),
            },
            Some(("ResourceTypes", name)) => Below::ResourceType(segment(name)?),
            Some(("Schemas", urn)) => Below::Schema(segment(urn)?),
            Some((endpoint, ".search")) => Below::Search(segment(endpoint)?),
            Some((endpoint, rest)) => match rest.split_once("/actions/") {
                None => Below::Resource(segment(endpoint)?, segment(rest)?),
                Some((id, verb)) => Below::Action(segment(endpoint)?, segment(id)?, segment(verb)?),
            },
        })
    }

    /// What the server says of itself, which shows nobody's data.
    pub(super) fn is_discovery(&self) -> bool {
        matches!(
            self,
            Below::ServiceProviderConfig
                | Below::ResourceTypes
                | Below::ResourceType(_)
                | Below::Schemas
                | Below::Schema(_)
        )
    }
}

/// One segment, neither empty nor several.
fn segment(text: &str) -> Option<Cow<'_, str>> {
    let one = !text.is_empty() && !text.contains('/');
    one.then(|| decoded(text)).flatten()
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($path:literal, @$shown:literal) => {
            let route = Route::of($path);
            insta::assert_snapshot!(format!("{} {route:?}", route.pattern()), @$shown)
        };
    }

    #[test]
    fn paths_of_the_process() {
        check!("/healthz", @"/healthz Alive");
        check!("/readyz", @"/readyz Ready");
        check!("/metrics", @"/metrics Metrics");
        check!("/.well-known/oauth-authorization-server/t/main", @r#"/.well-known/oauth-authorization-server/t/{tenant} OauthMetadata("main")"#);
        check!("/.well-known/oauth-authorization-server/t/", @"- Nowhere");
        check!("/.well-known/oauth-authorization-server/t/a/b", @"- Nowhere");
        check!("/", @"- Nowhere");
        check!("/healthz/", @"- Nowhere");
        check!("/t/", @"- Nowhere");
        check!("/t//scim/v2", @"- Nowhere");
    }

    #[test]
    fn paths_of_a_tenant() {
        check!("/t/main", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/oauth/token", @r#"/t/{tenant}/oauth/token Tenant("main", OauthToken)"#);
        check!("/t/main/scim/v2", @r#"/t/{tenant}/scim/v2 Tenant("main", Root)"#);
        check!("/t/main/scim/v2/", @r#"/t/{tenant}/scim/v2 Tenant("main", Root)"#);
        check!("/t/main/scim/v2x", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/.search", @r#"/t/{tenant}/scim/v2/.search Tenant("main", SearchAll)"#);
        check!("/t/main/scim/v2/Bulk", @r#"/t/{tenant}/scim/v2/Bulk Tenant("main", Bulk)"#);
        check!("/t/main/scim/v2/Me", @r#"/t/{tenant}/scim/v2/Me Tenant("main", Me)"#);
        check!("/t/main/scim/v2/ServiceProviderConfig", @r#"/t/{tenant}/scim/v2/ServiceProviderConfig Tenant("main", ServiceProviderConfig)"#);
        check!("/t/main/scim/v2/ResourceTypes", @r#"/t/{tenant}/scim/v2/ResourceTypes Tenant("main", ResourceTypes)"#);
        check!("/t/main/scim/v2/ResourceTypes/User", @r#"/t/{tenant}/scim/v2/ResourceTypes/{id} Tenant("main", ResourceType("User"))"#);
        check!("/t/main/scim/v2/Schemas", @r#"/t/{tenant}/scim/v2/Schemas Tenant("main", Schemas)"#);
        check!("/t/main/scim/v2/Schemas/urn%3Ax", @r#"/t/{tenant}/scim/v2/Schemas/{id} Tenant("main", Schema("urn:x"))"#);
    }

    #[test]
    fn paths_of_resources() {
        check!("/t/main/scim/v2/Users", @r#"/t/{tenant}/scim/v2/{endpoint} Tenant("main", Collection("Users"))"#);
        check!("/t/main/scim/v2/Users/", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2//1", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/Users/1", @r#"/t/{tenant}/scim/v2/{endpoint}/{id} Tenant("main", Resource("Users", "1"))"#);
        check!("/t/main/scim/v2/Users/1/2", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/Users/.search", @r#"/t/{tenant}/scim/v2/{endpoint}/.search Tenant("main", Search("Users"))"#);
        check!("/t/main/scim/v2/Hosts/1/actions/suspend", @r#"/t/{tenant}/scim/v2/{endpoint}/{id}/actions/{verb} Tenant("main", Action("Hosts", "1", "suspend"))"#);
        check!("/t/main/scim/v2/Hosts/1/actions/", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/Hosts/1/actions", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/Hosts/1/actions/a/b", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/main/scim/v2/Hosts/actions/a", @r#"- Tenant("main", Nowhere)"#);
        // Decoded after the slashes are looked at, and never into one of the paths above.
        check!("/t/main/scim/v2/%55sers/a%2Fb", @r#"/t/{tenant}/scim/v2/{endpoint}/{id} Tenant("main", Resource("Users", "a/b"))"#);
        check!("/t/main/scim/v2/B%75lk", @r#"/t/{tenant}/scim/v2/{endpoint} Tenant("main", Collection("Bulk"))"#);
    }

    #[test]
    fn what_is_not_utf_8_leads_nowhere() {
        check!("/t/main/scim/v2/Users/%ff", @r#"- Tenant("main", Nowhere)"#);
        check!("/t/%ff/scim/v2/Users", @r#"/t/{tenant}/scim/v2/{endpoint} Tenant("%ff", Collection("Users"))"#);
        check!("/.well-known/oauth-authorization-server/t/%ff", @"- Nowhere");
    }
}
