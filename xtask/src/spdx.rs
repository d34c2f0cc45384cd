//! Whether a licence expression can be satisfied with the licences somebody
//! accepts: `(MIT OR Apache-2.0) AND Unicode-3.0`.
//!
//! The grammar is SPDX 2.3 annex D, plus the `/` that old crates write for OR.

use anyhow::bail;

/// Whether the licences for which `accepts` holds satisfy the expression.
/// A licence with an exception is asked for as one: `Apache-2.0 WITH LLVM-exception`.
pub(crate) fn satisfied(expression: &str, accepts: &dyn Fn(&str) -> bool) -> anyhow::Result<bool> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let mut words = Words {
        left: spaced.split_whitespace().collect(),
        accepts,
    };
    words.left.reverse();
    let answer = words.any()?;
    match words.left.pop() {
        None => Ok(answer),
        Some(word) => {
            bail!("expected AND, OR or the end in the licence {expression:?}, found {word:?}")
        }
    }
}

/// The words that are still to be read, the next one last.
struct Words<'a> {
    left: Vec<&'a str>,
    accepts: &'a dyn Fn(&str) -> bool,
}

impl<'a> Words<'a> {
    // AND binds tighter than OR. Both sides are always read, to find bad syntax.
    fn any(&mut self) -> anyhow::Result<bool> {
        let mut answer = self.all()?;
        while self.skip("OR") {
            answer |= self.all()?;
        }
        Ok(answer)
    }

    fn all(&mut self) -> anyhow::Result<bool> {
        let mut answer = self.one()?;
        while self.skip("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> anyhow::Result<bool> {
        if self.skip("(") {
            let answer = self.any()?;
            if !self.skip(")") {
                bail!("a parenthesis is not closed in a licence expression");
            }
            return Ok(answer);
        }
        let licence = self.name()?;
        if self.skip("WITH") {
            let exception = self.name()?;
            return Ok((self.accepts)(&format!("{licence} WITH {exception}")));
        }
        Ok((self.accepts)(licence))
    }

    fn name(&mut self) -> anyhow::Result<&'a str> {
        match self.left.pop() {
            Some(word) if !["(", ")", "AND", "OR", "WITH"].contains(&word) => Ok(word),
            Some(word) => bail!("expected the name of a licence, found {word:?}"),
            None => bail!("expected the name of a licence, found the end"),
        }
    }

    fn skip(&mut self, word: &str) -> bool {
        self.left.pop_if(|next| *next == word).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer of somebody who accepts MIT, ISC and LLVM's exception.
    fn check(expression: &str) -> Result<bool, String> {
        let accepts = |name: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&name);
        satisfied(expression, &accepts).map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_licence() {
        assert_eq!(check("MIT"), Ok(true));
        assert_eq!(check("GPL-3.0-only"), Ok(false));
    }

    #[test]
    fn either() {
        assert_eq!(check("GPL-3.0-only OR MIT"), Ok(true));
        assert_eq!(check("GPL-3.0-only OR Apache-2.0"), Ok(false));
    }

    #[test]
    fn the_old_slash_is_or() {
        assert_eq!(check("MIT/Apache-2.0"), Ok(true));
        assert_eq!(check("Apache-2.0 / MIT"), Ok(true));
    }

    #[test]
    fn both() {
        assert_eq!(check("MIT AND ISC"), Ok(true));
        assert_eq!(check("MIT AND Apache-2.0"), Ok(false));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert_eq!(check("MIT OR ISC AND GPL-3.0-only"), Ok(true));
        assert_eq!(check("GPL-3.0-only AND ISC OR MIT"), Ok(true));
        assert_eq!(check("(MIT OR ISC) AND GPL-3.0-only"), Ok(false));
    }

    #[test]
    fn an_exception_belongs_to_its_licence() {
        assert_eq!(
            check("Apache-2.0 WITH LLVM-exception OR Apache-2.0"),
            Ok(true)
        );
        assert_eq!(check("GPL-3.0-only WITH LLVM-exception"), Ok(false));
    }

    #[test]
    fn nested() {
        assert_eq!(check("ISC AND (Apache-2.0 OR (ISC AND MIT))"), Ok(true));
    }

    #[test]
    fn bad_syntax_is_refused() {
        for expression in [
            "", "MIT AND", "OR MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH",
        ] {
            assert!(check(expression).is_err(), "{expression:?}");
        }
    }
}
