//! What a connection may do: names of the form `area.action`.

use std::fmt;
use std::str::FromStr;

use crate::store::TokenKind;

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

    /// What a connection may do of which nothing else was said.
    ///
    /// ```
    /// use scim_server::service::Scopes;
    /// use scim_server::store::TokenKind;
    ///
    /// assert!(Scopes::of_kind(TokenKind::App).are_all());
    /// assert!(!Scopes::of_kind(TokenKind::Kiosk).allow("hosts", "read"));
    /// ```
    pub fn of_kind(kind: TokenKind) -> Scopes {
        match kind {
            TokenKind::Idp | TokenKind::App | TokenKind::Csv | TokenKind::Console => Scopes(None),
            // What they are for is said with each of them.
            TokenKind::Agent | TokenKind::Kiosk => Scopes::none(),
        }
    }

    /// Does whoever has these have the others too? Nobody may give away more than they have.
    ///
    /// ```
    /// use scim_server::service::Scopes;
    ///
    /// let scopes: Scopes = "hosts.* *.read".parse()?;
    /// assert!(scopes.cover(&"hosts.suspend locations.read".parse()?));
    /// assert!(!scopes.cover(&"locations.*".parse()?));
    /// assert!(!scopes.cover(&Scopes::default()));
    /// # Ok::<(), String>(())
    /// ```
    pub fn cover(&self, others: &Scopes) -> bool {
        let whole = [Scope {
            area: None,
            action: None,
        }];
        let Some(own) = &self.0 else {
            return true;
        };
        let fits = |own: &Option<String>, other: &Option<String>| own.is_none() || own == other;
        let others = others.0.as_deref().unwrap_or(&whole);
        others.iter().all(|other| {
            let mut own = own.iter();
            own.any(|own| fits(&own.area, &other.area) && fits(&own.action, &other.action))
        })
    }

    /// Is nothing held back?
    pub fn are_all(&self) -> bool {
        self.0.is_none()
    }

    /// Is everything held back?
    pub fn are_none(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
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

    /// May it do anything in that area?
    pub(super) fn reach(&self, area: &str) -> bool {
        let scopes = self.0.as_deref().unwrap_or_default();
        let fits = |own: &Scope| own.area.as_deref().is_none_or(|own| own == area);
        self.are_all() || scopes.iter().any(fits)
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
