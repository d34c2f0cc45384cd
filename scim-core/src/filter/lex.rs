//! The words of a filter or path, and the limits that are checked before
//! anything is built of them.

use std::ops::Range;

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{is_not, take_while, take_while1},
    character::complete::{anychar, char, satisfy},
    combinator::recognize,
    multi::many0_count,
    sequence::delimited,
};
use serde_json::Number;

use super::{FilterError, Operator};

/// How many bytes a filter may have.
pub const FILTER_BYTES_MAX: usize = 8 * 1024;
/// How deep parentheses and brackets may be nested.
pub const FILTER_DEPTH_MAX: usize = 32;
/// How many conditions a filter may join.
pub const FILTER_TERMS_MAX: usize = 128;

/// A word and the bytes where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind<'t>,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind<'t> {
    /// A path, an operator or a keyword.
    Word(&'t str),
    /// The name after `].`.
    Sub(&'t str),
    String(String),
    Number(Number),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
}

/// Do values stand in quotes?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// As RFC 7644 §3.4.2.2 has it.
    Required,
    /// What follows an operator is text up to the next space or bracket.
    Optional,
}

/// Splits the text, and refuses it if it is beyond the limits.
pub(crate) fn lex(text: &str, quotes: Quotes) -> Result<Vec<Token<'_>>, FilterError> {
    if text.len() > FILTER_BYTES_MAX {
        return Err(FilterError::new(format!(
            "the filter is too long: at most {FILTER_BYTES_MAX} bytes are accepted"
        )));
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        let (after, kind) = match tokens.last() {
            Some(last) if quotes == Quotes::Optional && wants_value(last) => value(start, rest)?,
            _ => token(start, rest)?,
        };
        let end = text.len() - after.len();
        tokens.push(Token {
            kind,
            span: start..end,
        });
        rest = after.trim_start_matches(is_space);
    }
    check_limits(&tokens)?;
    Ok(tokens)
}

fn check_limits(tokens: &[Token<'_>]) -> Result<(), FilterError> {
    let mut depth = 0_usize;
    let mut terms = 1_usize;
    for token in tokens {
        match &token.kind {
            TokenKind::Open | TokenKind::OpenBracket => depth += 1,
            TokenKind::Close | TokenKind::CloseBracket => depth = depth.saturating_sub(1),
            TokenKind::Word(word) if is_keyword(word, "and") || is_keyword(word, "or") => {
                terms += 1;
            }
            TokenKind::Word(_)
            | TokenKind::Sub(_)
            | TokenKind::String(_)
            | TokenKind::Number(_) => {}
        }
        if depth > FILTER_DEPTH_MAX {
            return Err(FilterError::at(
                token.span.clone(),
                format!(
                    "the filter is nested too deeply: at most {FILTER_DEPTH_MAX} levels are accepted"
                ),
            ));
        }
        if terms > FILTER_TERMS_MAX {
            return Err(FilterError::at(
                token.span.clone(),
                format!(
                    "the filter has too many conditions: at most {FILTER_TERMS_MAX} are accepted"
                ),
            ));
        }
    }
    Ok(())
}

pub(crate) fn is_keyword(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

/// Does a value follow?
fn wants_value(token: &Token<'_>) -> bool {
    let TokenKind::Word(word) = &token.kind else {
        return false;
    };
    Operator::ALL
        .iter()
        .any(|operator| is_keyword(word, operator.as_str()))
}

/// A value that may lack its quotes; JSON's own words keep their meaning.
fn value(start: usize, rest: &str) -> Result<(&str, TokenKind<'_>), FilterError> {
    let ends = |char: char| is_space(char) || "\"()[]".contains(char);
    let (text, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    let own_words = ["true", "false", "null"];
    if text.is_empty() || own_words.iter().any(|own| is_keyword(text, own)) {
        return token(start, rest);
    }
    Ok((after, TokenKind::String(text.to_owned())))
}

fn token(start: usize, rest: &str) -> Result<(&str, TokenKind<'_>), FilterError> {
    match rest.chars().next() {
        Some('"') => json_string(start, rest),
        Some('-' | '0'..='9') => json_number(start, rest),
        _ => punctuation_or_word(rest).map_err(|_: nom::Err<nom::error::Error<&str>>| {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            FilterError::at(start..start + length, "unexpected character")
        }),
    }
}

fn json_string(start: usize, rest: &str) -> Result<(&str, TokenKind<'_>), FilterError> {
    let (after, literal) = string_literal(rest).map_err(|_| {
        FilterError::at(start..start + rest.len(), "the string has no closing quote")
    })?;
    match serde_json::from_str(literal) {
        Ok(text) => Ok((after, TokenKind::String(text))),
        Err(_) => Err(FilterError::at(
            start..start + literal.len(),
            "the string is not a JSON string: check its escapes and control characters",
        )),
    }
}

fn json_number(start: usize, rest: &str) -> Result<(&str, TokenKind<'_>), FilterError> {
    let unreadable = |length: usize| {
        FilterError::at(
            start..start + length,
            "the number is not a JSON number; write text in quotes",
        )
    };
    let (after, literal) = number_literal(rest).map_err(|_| unreadable(rest.len()))?;
    match serde_json::from_str(literal) {
        Ok(number) => Ok((after, TokenKind::Number(number))),
        Err(_) => Err(unreadable(literal.len())),
    }
}

fn string_literal(input: &str) -> IResult<&str, &str> {
    let escape = (char('\\'), anychar).map(|_| ());
    let plain = is_not("\"\\").map(|_| ());
    recognize(delimited(
        char('"'),
        many0_count(alt((plain, escape))),
        char('"'),
    ))
    .parse(input)
}

fn number_literal(input: &str) -> IResult<&str, &str> {
    take_while1(|char: char| char.is_ascii_alphanumeric() || "+-.".contains(char)).parse(input)
}

fn punctuation_or_word(input: &str) -> IResult<&str, TokenKind<'_>> {
    alt((
        char('(').map(|_| TokenKind::Open),
        char(')').map(|_| TokenKind::Close),
        char('[').map(|_| TokenKind::OpenBracket),
        char(']').map(|_| TokenKind::CloseBracket),
        (char('.'), name).map(|(_, name)| TokenKind::Sub(name)),
        word.map(TokenKind::Word),
    ))
    .parse(input)
}

fn name(input: &str) -> IResult<&str, &str> {
    recognize((
        satisfy(|first| first.is_ascii_alphabetic() || first == '$'),
        take_while(|char: char| char.is_ascii_alphanumeric() || "-_$".contains(char)),
    ))
    .parse(input)
}

fn word(input: &str) -> IResult<&str, &str> {
    recognize((
        satisfy(|first| first.is_ascii_alphabetic() || first == '$'),
        take_while(|char: char| char.is_ascii_alphanumeric() || "-_$.:".contains(char)),
    ))
    .parse(input)
}
