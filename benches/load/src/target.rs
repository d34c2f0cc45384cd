//! Which server is asked, and how much is put on it.

use std::str::FromStr;

use anyhow::Context;

/// A server on this machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What it is called in every line that is printed.
    pub name: String,
    /// Host and port.
    pub authority: String,
    /// The path of the base, without a slash at its end.
    pub path: String,
    /// The secret that it takes.
    pub token: String,
    /// Whose processor time and memory are told.
    pub process: u32,
    /// How many users it gets before anything is measured.
    pub users: usize,
    /// How many of them are members of the group that is changed.
    pub members: usize,
}

/// NAME,URL,TOKEN,PID,USERS,MEMBERS
impl FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let parts: Vec<&str> = text.split(',').collect();
        let [name, url, token, process, users, members] = parts.as_slice() else {
            anyhow::bail!("expected NAME,URL,TOKEN,PID,USERS,MEMBERS");
        };
        let rest = url.strip_prefix("http://");
        let rest = rest.with_context(|| format!("{url:?} must begin with http://"))?;
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let number = |what: &str, text: &str| {
            let number = text.parse::<usize>();
            number.with_context(|| format!("{text:?} is no number of {what}"))
        };
        Ok(Self {
            name: (*name).to_owned(),
            authority: authority.to_owned(),
            path: path.trim_end_matches('/').to_owned(),
            token: (*token).to_owned(),
            process: process.parse().context("PID must be a number")?,
            users: number("users", users)?,
            members: number("members", members)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, authority: &str, path: &str) {
        let target: Target = text.parse().unwrap();
        assert_eq!((&*target.authority, &*target.path), (authority, path));
    }

    #[test]
    fn a_base_with_a_path() {
        check(
            "a,http://127.0.0.1:80/t/main/scim/v2/,x,1,2,3",
            "127.0.0.1:80",
            "/t/main/scim/v2",
        );
    }

    #[test]
    fn a_base_without_one() {
        check("a,http://localhost:1,x,1,2,3", "localhost:1", "");
    }

    #[test]
    fn what_is_missing_is_told() {
        let failure = "a,http://localhost:1".parse::<Target>().unwrap_err();
        assert_eq!(
            failure.to_string(),
            "expected NAME,URL,TOKEN,PID,USERS,MEMBERS"
        );
    }
}
