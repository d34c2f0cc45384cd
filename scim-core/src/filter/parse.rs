//! The grammar of filters: words to a tree.

use std::ops::Range;

use super::{
    Filter, FilterError, Literal, Operator,
    lex::{Quotes, Token, TokenKind, is_keyword, lex},
};
use crate::path::{AttributePath, split_word};

/// Reads a filter to its end.
pub(crate) fn parse(text: &str, quotes: Quotes) -> Result<Filter, FilterError> {
    let tokens = lex(text, quotes)?;
    if tokens.is_empty() {
        return Err(FilterError::new("the filter is empty"));
    }
    let mut parser = Parser::new(text, &tokens);
    let filter = parser.any_of()?;
    parser.end("and, or, or the end of the filter")?;
    Ok(filter)
}

/// Reads a path to its end.
pub(crate) fn parse_path(text: &str) -> Result<AttributePath, FilterError> {
    let tokens = lex(text, Quotes::Required)?;
    let mut parser = Parser::new(text, &tokens);
    let path = parser.path()?;
    parser.end("the end of the path")?;
    Ok(path)
}

struct Parser<'t> {
    rest: std::slice::Iter<'t, Token<'t>>,
    end: usize,
}

// The methods call each other once per pair of parentheses or brackets,
// whose number the lexer has limited.
impl<'t> Parser<'t> {
    fn new(text: &str, tokens: &'t [Token<'t>]) -> Self {
        Self {
            rest: tokens.iter(),
            end: text.len(),
        }
    }

    fn any_of(&mut self) -> Result<Filter, FilterError> {
        let mut filters = vec![self.all_of()?];
        while self.take_keyword("or") {
            filters.push(self.all_of()?);
        }
        Ok(Filter::or(filters))
    }

    fn all_of(&mut self) -> Result<Filter, FilterError> {
        let mut filters = vec![self.one()?];
        while self.take_keyword("and") {
            filters.push(self.one()?);
        }
        Ok(Filter::and(filters))
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        if self.take_keyword("not") {
            self.expect(&TokenKind::Open, "( after not")?;
            return Ok(Filter::Not(Box::new(self.closed()?)));
        }
        if self.take(&TokenKind::Open) {
            return self.closed();
        }
        self.condition()
    }

    fn closed(&mut self) -> Result<Filter, FilterError> {
        let filter = self.any_of()?;
        self.expect(&TokenKind::Close, "and, or, or )")?;
        Ok(filter)
    }

    fn condition(&mut self) -> Result<Filter, FilterError> {
        let mut path = self.path()?;
        if self.take_keyword("pr") {
            return Ok(Filter::Present(path));
        }
        if let Some(operator) = self.take_operator() {
            let value = self.literal()?;
            return Ok(Filter::Compare {
                path,
                operator,
                value,
            });
        }
        match path.filter.take() {
            Some(filter) if path.sub.is_none() => Ok(Filter::Values { path, filter }),
            _ => Err(self.expected("an operator such as eq or pr")),
        }
    }

    fn path(&mut self) -> Result<AttributePath, FilterError> {
        let Some(TokenKind::Word(word)) = self.peek() else {
            return Err(self.expected("an attribute"));
        };
        let span = self.place();
        let mut path = split_word(word)
            .ok_or_else(|| FilterError::at(span, "this is no attribute name or path"))?;
        self.rest.next();
        if self.peek() != Some(&TokenKind::OpenBracket) {
            return Ok(path);
        }
        if path.sub.is_some() {
            return Err(FilterError::at(
                self.place(),
                "brackets follow the attribute, not the sub-attribute",
            ));
        }
        self.rest.next();
        let filter = self.any_of()?;
        self.expect(&TokenKind::CloseBracket, "and, or, or ]")?;
        path.filter = Some(Box::new(filter));
        if let Some(TokenKind::Sub(sub)) = self.peek() {
            path.sub = Some((*sub).to_owned());
            self.rest.next();
        }
        Ok(path)
    }

    fn take_operator(&mut self) -> Option<Operator> {
        let Some(TokenKind::Word(word)) = self.peek() else {
            return None;
        };
        let operator = Operator::ALL
            .into_iter()
            .find(|operator| is_keyword(word, operator.as_str()))?;
        self.rest.next();
        Some(operator)
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        let literal = match self.peek() {
            Some(TokenKind::String(text)) => Literal::String(text.clone()),
            Some(TokenKind::Number(number)) => Literal::Number(number.clone()),
            Some(TokenKind::Word(word)) if is_keyword(word, "true") => Literal::Boolean(true),
            Some(TokenKind::Word(word)) if is_keyword(word, "false") => Literal::Boolean(false),
            Some(TokenKind::Word(word)) if is_keyword(word, "null") => Literal::Null,
            Some(TokenKind::Word(_)) => {
                return Err(self.expected("a value; write text in quotes"));
            }
            _ => return Err(self.expected("a value")),
        };
        self.rest.next();
        Ok(literal)
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(TokenKind::Word(word)) if is_keyword(word, keyword));
        if found {
            self.rest.next();
        }
        found
    }

    fn take(&mut self, kind: &TokenKind<'_>) -> bool {
        let found = self.peek() == Some(kind);
        if found {
            self.rest.next();
        }
        found
    }

    fn expect(&mut self, kind: &TokenKind<'_>, what: &str) -> Result<(), FilterError> {
        if self.take(kind) {
            Ok(())
        } else {
            Err(self.expected(what))
        }
    }

    fn end(&self, what: &str) -> Result<(), FilterError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected(what)),
        }
    }

    fn peek(&self) -> Option<&'t TokenKind<'t>> {
        self.rest.as_slice().first().map(|token| &token.kind)
    }

    fn place(&self) -> Range<usize> {
        match self.rest.as_slice().first() {
            Some(token) => token.span.clone(),
            None => self.end..self.end,
        }
    }

    fn expected(&self, what: &str) -> FilterError {
        FilterError::at(self.place(), format!("expected {what}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TERMS_MAX, Filter};

    fn shown(text: &str) -> String {
        match Filter::parse(text) {
            Ok(filter) => filter.to_string(),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($filter:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($filter), @$shown)
        };
    }

    fn unquoted(text: &str) -> String {
        match Filter::parse_unquoted(text) {
            Ok(filter) => filter.to_string(),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check_unquoted {
        ($filter:expr, @$shown:literal) => {
            insta::assert_snapshot!(unquoted($filter), @$shown)
        };
    }

    #[test]
    fn values_without_quotes() {
        check_unquoted!("externalId eq joy.young", @r#"externalId eq "joy.young""#);
        check_unquoted!("externalId eq 7f1f0a3e-6d0b", @r#"externalId eq "7f1f0a3e-6d0b""#);
        check_unquoted!("externalId eq 4711 and active eq True", @r#"externalId eq "4711" and active eq true"#);
        check_unquoted!("emails[type eq work].value eq a+b@c.d", @r#"emails[type eq "work"].value eq "a+b@c.d""#);
        check_unquoted!(r#"(userName eq "a b")"#, @r#"userName eq "a b""#);
        check_unquoted!("userName eq a b", @"expected and, or, or the end of the filter at 14");
        check_unquoted!("userName eq", @"expected a value at 11");
    }

    #[test]
    fn comparisons() {
        check!(r#"userName eq "kim""#, @r#"userName eq "kim""#);
        check!(r#"userName Sw "k""#, @r#"userName sw "k""#);
        check!("title PR", @"title pr");
        check!("active eq TRUE", @"active eq true");
        check!("age ge -1.5e3", @"age ge -1500.0");
        check!("nickName eq null", @"nickName eq null");
        check!("  userName\teq  \"a\" ", @r#"userName eq "a""#);
        check!(r#"manager.$ref eq "x""#, @r#"manager.$ref eq "x""#);
    }

    #[test]
    fn strings_are_json_strings() {
        check!(r#"userName eq "a\"b""#, @r#"userName eq "a\"b""#);
        check!(r#"userName eq "a\\""#, @r#"userName eq "a\\""#);
        check!(r#"userName eq "\u00fc\u0000""#, @r#"userName eq "ü\u0000""#);
        check!(r#"userName eq "a) and (b""#, @r#"userName eq "a) and (b""#);
        check!(r#"userName eq """#, @r#"userName eq """#);
        check!(r#"userName eq "a"#, @"the string has no closing quote at 12");
        check!(r#"userName eq "\x""#, @"the string is not a JSON string: check its escapes and control characters at 12");
    }

    #[test]
    fn and_binds_closer_than_or() {
        check!("a pr or b pr and c pr", @"a pr or (b pr and c pr)");
        check!("(a pr or b pr) and c pr", @"(a pr or b pr) and c pr");
        check!("a pr AND (b pr and c pr)", @"a pr and b pr and c pr");
        check!("((a pr))", @"a pr");
        check!("NOT (a pr) and b pr", @"not (a pr) and b pr");
        check!("not(a pr or b pr)", @"not (a pr or b pr)");
    }

    #[test]
    fn value_paths() {
        check!(
            r#"emails[type eq "work" and value co "@example.com"]"#,
            @r#"emails[type eq "work" and value co "@example.com"]"#
        );
        check!(r#"emails[type eq "work"].value eq "a""#, @r#"emails[type eq "work"].value eq "a""#);
        check!(r#"emails[type eq "work"].value pr"#, @r#"emails[type eq "work"].value pr"#);
        check!(r#"members[type eq "User"].$ref pr"#, @r#"members[type eq "User"].$ref pr"#);
        check!(r#"emails [ type eq "work" ] or a pr"#, @r#"emails[type eq "work"] or a pr"#);
        check!("emails.value[a pr]", @"brackets follow the attribute, not the sub-attribute at 12");
        check!("emails[a pr", @"expected and, or, or ] at 11");
        check!("emails[]", @"expected an attribute at 7");
        check!("emails[a pr].value", @"expected an operator such as eq or pr at 18");
    }

    #[test]
    fn urns() {
        check!(
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "x""#,
            @r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "x""#
        );
        check!(r#"http:a eq "x""#, @"this is no attribute name or path at 0");
    }

    #[test]
    fn mistakes() {
        check!("", @"the filter is empty");
        check!("  ", @"the filter is empty");
        check!("userName", @"expected an operator such as eq or pr at 8");
        check!("userName eq", @"expected a value at 11");
        check!("userName eq kim", @"expected a value; write text in quotes at 12");
        check!("userName = \"kim\"", @"unexpected character at 9");
        check!("userName eq 'kim'", @"unexpected character at 12");
        check!("age eq 1e999", @"the number is not a JSON number; write text in quotes at 7");
        check!("age eq 007", @"the number is not a JSON number; write text in quotes at 7");
        check!("a pr b pr", @"expected and, or, or the end of the filter at 5");
        check!("a pr and", @"expected an attribute at 8");
        check!("(a pr", @"expected and, or, or ) at 5");
        check!("a pr)", @"expected and, or, or the end of the filter at 4");
        check!("not a pr", @"expected ( after not at 4");
        check!("\"a\" eq \"b\"", @"expected an attribute at 0");
        check!("a.b.c pr", @"this is no attribute name or path at 0");
        check!("ü pr", @"unexpected character at 0");
    }

    #[test]
    fn limits_hold_before_anything_is_built() {
        let depth = |levels: usize| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
        assert_eq!(shown(&depth(FILTER_DEPTH_MAX)), "a pr");
        assert_eq!(
            shown(&depth(FILTER_DEPTH_MAX + 1)),
            "the filter is nested too deeply: at most 32 levels are accepted at 32"
        );
        let terms = |count: usize| vec!["a pr"; count].join(" or ");
        assert!(Filter::parse(&terms(FILTER_TERMS_MAX)).is_ok());
        assert_eq!(
            shown(&terms(FILTER_TERMS_MAX + 1)),
            "the filter has too many conditions: at most 128 are accepted at 1021"
        );
        let long = |bytes: usize| format!("a eq \"{}\"", "x".repeat(bytes - 7));
        assert!(Filter::parse(&long(FILTER_BYTES_MAX)).is_ok());
        assert_eq!(
            shown(&long(FILTER_BYTES_MAX + 1)),
            "the filter is too long: at most 8192 bytes are accepted"
        );
        assert!(Filter::parse(&"(".repeat(8000)).is_err());
        assert!(Filter::parse(&"not ".repeat(2000)).is_err());
    }

    #[test]
    fn marks_stand_below_the_mistake() {
        let marked = |text| Filter::parse(text).unwrap_err().caret(text);
        assert_eq!(
            marked(r#"nickName eq "ü" nad b pr"#),
            "nickName eq \"ü\" nad b pr\n                ^^^ expected and, or, or the end of the filter"
        );
        assert_eq!(
            marked(r#"a eq "\x" or b pr"#),
            "a eq \"\\x\" or b pr\n     ^^^^ the string is not a JSON string: check its escapes and control characters"
        );
        assert_eq!(
            marked(r#"a eq "kim"#),
            "a eq \"kim\n     ^^^^ the string has no closing quote"
        );
        assert_eq!(
            marked("age eq 007 or a pr"),
            "age eq 007 or a pr\n       ^^^ the number is not a JSON number; write text in quotes"
        );
    }
}
