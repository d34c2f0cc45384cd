//! A filter as text that reads back as the same filter.

use std::fmt;

use super::{Filter, Literal, Operator};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(filters) => joined(f, filters, " and "),
            Self::Or(filters) => joined(f, filters, " or "),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Compare {
                path,
                operator,
                value,
            } => write!(f, "{path} {operator} {value}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Values { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, filters: &[Filter], word: &str) -> fmt::Result {
    for (index, filter) in filters.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match filter {
            // `and` binds closer than `or`, so that only an `or` needs its
            // parentheses; it has them everywhere, for the reader.
            Filter::And(_) | Filter::Or(_) => write!(f, "({filter})")?,
            Filter::Not(_)
            | Filter::Compare { .. }
            | Filter::Present(_)
            | Filter::Values { .. } => {
                write!(f, "{filter}")?;
            }
        }
    }
    Ok(())
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Null => f.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Number;

    use super::{Filter, Literal, Operator};
    use crate::path::AttributePath;

    fn name() -> impl Strategy<Value = String> {
        "[a-zA-Z][a-zA-Z0-9_-]{0,6}"
            .prop_filter("a keyword", |name| !name.eq_ignore_ascii_case("not"))
    }

    fn plain_path() -> impl Strategy<Value = AttributePath> {
        let schema = proptest::option::of("urn:[a-z]{1,5}:[0-9]\\.[0-9]:[A-Z][a-z]{1,4}");
        (schema, name(), proptest::option::of(name())).prop_map(|(schema, attribute, sub)| {
            AttributePath {
                schema,
                attribute,
                filter: None,
                sub,
            }
        })
    }

    fn literal() -> impl Strategy<Value = Literal> {
        prop_oneof![
            any::<String>().prop_map(Literal::String),
            any::<i64>().prop_map(|number| Literal::Number(number.into())),
            any::<f64>().prop_filter_map("a number", |number| {
                Number::from_f64(number).map(Literal::Number)
            }),
            any::<bool>().prop_map(Literal::Boolean),
            Just(Literal::Null),
        ]
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let compare = (plain_path(), 0..Operator::ALL.len(), literal()).prop_map(
            |(path, operator, value)| Filter::Compare {
                path,
                operator: Operator::ALL[operator],
                value,
            },
        );
        let leaf = prop_oneof![compare, plain_path().prop_map(Filter::Present)];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::and),
                proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::or),
                inner
                    .clone()
                    .prop_map(|filter| Filter::Not(Box::new(filter))),
                (name(), inner.clone()).prop_map(|(attribute, filter)| Filter::Values {
                    path: AttributePath::of(&attribute),
                    filter: Box::new(filter),
                }),
                (name(), inner, proptest::option::of(name())).prop_map(
                    |(attribute, filter, sub)| {
                        Filter::Present(AttributePath {
                            filter: Some(Box::new(filter)),
                            sub,
                            ..AttributePath::of(&attribute)
                        })
                    }
                ),
            ]
        })
    }

    #[test]
    fn numbers_read_back_exactly() {
        for text in [
            "3.0000000000000003e+86",
            "1e-7",
            "0.1",
            "-12",
            "18446744073709551615",
        ] {
            let filter = Filter::parse(&format!("count eq {text}")).unwrap();
            assert_eq!(Filter::parse(&filter.to_string()).as_ref(), Ok(&filter));
        }
    }

    proptest! {
        #[test]
        fn what_was_printed_reads_back(filter in filter()) {
            let text = filter.to_string();
            prop_assume!(text.len() <= crate::filter::FILTER_BYTES_MAX);
            prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-c \"\\\\\\[\\]().:0-9-]{0,40}") {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
            }
        }
    }
}
