//! What stands between the cells, and whether every quote that opens is closed.

use super::Refusal;

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The separator by which most cells of the first line have a known name; a comma, if none does.
pub(super) fn separator(text: &str, is_known: impl Fn(&str) -> bool) -> u8 {
    let header = text.trim_start_matches(['\r', '\n']);
    let header = header.lines().next().unwrap_or_default();
    let known = |separator: &u8| {
        let cells = header.split(char::from(*separator));
        cells
            .filter(|cell| is_known(cell.trim().trim_matches('"')))
            .count()
    };
    let mut best = (b',', known(&b','));
    for separator in &SEPARATORS {
        let known = known(separator);
        if known > best.1 {
            best = (*separator, known);
        }
    }
    best.0
}

/// The reader of cells takes a quote that is never closed, and text behind one that is, as they come; here
/// both are refused (RFC 4180 §2).
pub(super) fn quotes(text: &str, separator: u8) -> Result<(), Refusal> {
    let (mut line, mut opened) = (1, 1);
    let mut state = State::Start;
    for byte in text.bytes() {
        state = match (state, byte) {
            (State::Start, b'"') => {
                opened = line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Quote,
            (State::Quote, b'"') | (State::Quoted, _) => State::Quoted,
            (_, b'\r' | b'\n') => State::Start,
            (_, byte) if byte == separator => State::Start,
            (State::Quote, _) => {
                let reason = "a quoted cell goes on behind its closing quote: write two quotes for one inside it";
                return Err(Refusal::at(line, reason));
            }
            (State::Start | State::Plain, _) => State::Plain,
        };
        line += u64::from(byte == b'\n');
    }
    match state {
        State::Quoted => {
            let reason = "a quote is opened here and never closed: the file seems cut off";
            Err(Refusal::at(opened, reason))
        }
        State::Start | State::Plain | State::Quote => Ok(()),
    }
}

#[derive(Clone, Copy)]
enum State {
    /// Before a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    Quoted,
    /// Behind a quote in a quoted cell, which ends it unless another quote follows.
    Quote,
}
