//! What an index can do for a filter.

use super::{Comparison, Operator, TypedFilter};

/// An equality that every resource of the answer fulfils.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Narrowing<'f> {
    /// The canonical path: `emails.value`.
    pub key: &'f str,
    /// The value in the form that keys have.
    pub value: &'f str,
    /// Whether the equality alone decides its part of the filter. If not,
    /// the resources found must still be evaluated.
    pub exact: bool,
}

impl TypedFilter {
    /// The parts that must all hold: those of a top-level `and`, or the
    /// filter itself.
    pub fn conjuncts(&self) -> Vec<&TypedFilter> {
        match self {
            Self::And(filters) => filters.iter().collect(),
            other => vec![other],
        }
    }

    /// The path and the text of an `eq` on text without a condition in
    /// brackets.
    pub fn equality(&self) -> Option<(&str, &str)> {
        match self {
            Self::Compare(Comparison {
                path,
                operator: Operator::Eq,
                operand,
            }) if path.filter.is_none() => Some((path.key(), operand.as_text()?)),
            _ => None,
        }
    }

    /// The equalities of text that follow from the filter, in its order.
    ///
    /// ```
    /// # use scim_core::{Filter, ResourceType, schema};
    /// # let user = ResourceType::new("User", "/Users", schema::user()).build().unwrap();
    /// let filter = Filter::parse(r#"emails[type eq "work"].value eq "A@b.c""#)?.resolve(&user)?;
    /// let found = filter.narrowing();
    /// assert_eq!((found[0].key, found[0].value), ("emails.value", "a@b.c"));
    /// assert!(!found[0].exact);
    /// # Ok::<(), scim_core::Error>(())
    /// ```
    pub fn narrowing(&self) -> Vec<Narrowing<'_>> {
        let conjuncts = self.conjuncts();
        // No stored text holds U+0000, and no index can be asked for it.
        let askable = |found: &Narrowing<'_>| !found.value.contains('\0');
        let implied = conjuncts.into_iter().flat_map(implied);
        implied.filter(askable).collect()
    }
}

fn implied(conjunct: &TypedFilter) -> Vec<Narrowing<'_>> {
    if let Some((key, value)) = conjunct.equality() {
        let exact = true;
        return vec![Narrowing { key, value, exact }];
    }
    match conjunct {
        // In `emails[…]`, the only condition decides, two together do not:
        // they must hold for the same value.
        TypedFilter::Values { filter, .. } => filter
            .narrowing()
            .into_iter()
            .map(|found| Narrowing {
                exact: found.exact && filter.conjuncts().len() == 1,
                ..found
            })
            .collect(),
        TypedFilter::Compare(Comparison {
            path,
            operator,
            operand,
        }) => {
            let own = match operator {
                Operator::Eq => operand.as_text().map(|value| Narrowing {
                    key: path.key(),
                    value,
                    exact: false,
                }),
                _ => None,
            };
            // `ne` also holds where there is no value at all.
            let brackets = path.filter.as_deref().filter(|_| *operator != Operator::Ne);
            let theirs = brackets.map(TypedFilter::narrowing).unwrap_or_default();
            own.into_iter()
                .chain(theirs.into_iter().map(inexact))
                .collect()
        }
        TypedFilter::Present(path) => {
            let theirs = path
                .filter
                .as_deref()
                .map(TypedFilter::narrowing)
                .unwrap_or_default();
            theirs.into_iter().map(inexact).collect()
        }
        TypedFilter::And(_)
        | TypedFilter::Or(_)
        | TypedFilter::Not(_)
        | TypedFilter::Linked { .. }
        | TypedFilter::Ids(_) => Vec::new(),
    }
}

fn inexact(found: Narrowing<'_>) -> Narrowing<'_> {
    Narrowing {
        exact: false,
        ..found
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        filter::Filter,
        schema::{self, ResourceType},
    };

    fn shown(text: &str) -> String {
        let user = ResourceType::new("User", "/Users", schema::user())
            .build()
            .unwrap();
        let filter = Filter::parse(text).unwrap().resolve(&user).unwrap();
        let found: Vec<String> = filter
            .narrowing()
            .into_iter()
            .map(|found| {
                let sign = if found.exact { "=" } else { "~" };
                format!("{}{sign}{}", found.key, found.value)
            })
            .collect();
        found.join(" ")
    }

    macro_rules! check {
        ($filter:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($filter), @$shown)
        };
    }

    #[test]
    fn equalities_narrow() {
        check!(r#"userName eq "Kim""#, @"userName=kim");
        check!(r#"externalId eq "Kim" and active eq true"#, @"externalId=Kim");
        check!(r#"emails eq "A""#, @"emails.value=a");
        check!(r#"emails[value eq "A"]"#, @"emails.value=a");
        check!(r#"emails[type eq "work" and value eq "A"]"#, @"emails.type~work emails.value~a");
        check!(r#"emails[type eq "work"].value eq "A""#, @"emails.value~a emails.type~work");
        check!(r#"emails[type eq "work"].value co "A""#, @"emails.type~work");
        check!(r#"emails[type eq "work"].value pr"#, @"emails.type~work");
        check!(r#"not (title pr) and userName eq "a" and nickName eq "b""#, @"userName=a nickName=b");
    }

    #[test]
    fn nothing_else_does() {
        check!(r#"userName eq "a" or userName eq "b""#, @"");
        check!(r#"not (userName eq "a")"#, @"");
        check!(r#"userName ne "a""#, @"");
        check!(r#"userName sw "a""#, @"");
        check!("active eq true", @"");
        check!(r#"emails[type eq "work"].value ne "a""#, @"");
        check!(r#"emails[type eq "work" or value eq "a"]"#, @"");
    }
}
