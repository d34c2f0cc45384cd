//! What a connection may do: names of the form `area.action`.

use std::fmt;
use std::str::FromStr;

/// What a connection may do.
///
/// A scope is `{area}.{action}`. The area is the endpoint with a small first letter (`hosts`,
/// `changeSets`); the action is `read`, `write` (POST, PUT, PATCH, DELETE) or the name of a verb that changes
/// something (`suspend`). A star stands for all actions, or for everything: `hosts.*`, `*.read`, `*`.
///
/// ```
/// use scim_server::service::Scopes;
///
/// let scopes: Scopes = "hosts.* changeSets.release *.read".parse()?;
/// assert!(scopes.allow("hosts", "suspend"));
/// assert!(scopes.allow("locations", "read"));
/// assert!(!scopes.allow("changeSets", "discard"));
/// assert!(Scopes::default().allow("apiTokens", "write"), "nothing is held back");
/// assert!("hosts".parse::<Scopes>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Scopes(Option<Vec<Scope>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    /// `None`: every area.
    area: Option<String>,
    /// `None`: every action.
    action: Option<String>,
}

impl Scopes {
    /// Nothing.
    pub fn none() -> Scopes {
        Scopes(Some(Vec::new()))
    }

    /// Is nothing held back?
    pub fn are_all(&self) -> bool {
        self.0.is_none()
    }

    /// May it do this in that area?
    pub fn allow(&self, area: &str, action: &str) -> bool {
        let Some(scopes) = &self.0 else {
            return true;
        };
        let fits =
            |own: &Option<String>, asked: &str| own.as_deref().is_none_or(|own| own == asked);
        let mut scopes = scopes.iter();
        scopes.any(|scope| fits(&scope.area, area) && fits(&scope.action, action))
    }

    /// The area of an endpoint.
    ///
    /// ```
    /// use scim_server::service::Scopes;
    ///
    /// assert_eq!(Scopes::area("/ChangeSets"), "changeSets");
    /// ```
    pub fn area(endpoint: &str) -> String {
        let name = endpoint.trim_start_matches('/');
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        first.into_iter().chain(letters).collect()
    }
}

impl FromStr for Scopes {
    type Err = String;

    fn from_str(text: &str) -> Result<Scopes, String> {
        let scopes = text.split_ascii_whitespace().map(scope);
        scopes
            .collect::<Result<_, _>>()
            .map(|scopes| Scopes(Some(scopes)))
    }
}

fn scope(text: &str) -> Result<Scope, String> {
    let named = |part: &str| (part != "*").then(|| part.to_owned());
    let is_name = |part: &str| {
        part == "*" || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    };
    match text.split_once('.') {
        None if text == "*" => Ok(Scope {
            area: None,
            action: None,
        }),
        Some((area, action)) if is_name(area) && is_name(action) => Ok(Scope {
            area: named(area),
            action: named(action),
        }),
        _ => Err(format!(
            "{text:?} is no scope: write an area and an action, as hosts.read, hosts.* or *.read"
        )),
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(scopes) = &self.0 else {
            return f.write_str("*");
        };
        for (number, scope) in scopes.iter().enumerate() {
            let space = if number == 0 { "" } else { " " };
            match (&scope.area, &scope.action) {
                (None, None) => write!(f, "{space}*")?,
                (area, action) => write!(
                    f,
                    "{space}{}.{}",
                    area.as_deref().unwrap_or("*"),
                    action.as_deref().unwrap_or("*")
                )?,
            }
        }
        Ok(())
    }
}
