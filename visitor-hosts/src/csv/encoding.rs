//! Is it text? A file is UTF-8; what it looks like otherwise is told, so that it can be saved again.

use super::Refusal;

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];
const SAVE: &str = "save it as CSV UTF-8 and send that";

/// The text of a file, without the mark that some programs put before it.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    if let [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] = bytes {
        return Err(Refusal::of_file(format!(
            "the file looks like UTF-16: {SAVE}"
        )));
    }
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    if let Some(place) = bytes.iter().position(|byte| *byte == 0) {
        // Half of the bytes of UTF-16 are zero, where people write with Latin letters.
        let zeros = bytes.iter().filter(|byte| **byte == 0).count();
        if zeros > bytes.len() / 4 {
            return Err(Refusal::of_file(format!(
                "the file looks like UTF-16: {SAVE}"
            )));
        }
        let reason = "a NUL byte stands here, which is no part of a text";
        return Err(Refusal::at(line_of(bytes, place), reason));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let place = error.valid_up_to();
        let line = line_of(bytes, place);
        let byte = bytes.get(place).copied().unwrap_or_default();
        let looks_like = match error.error_len() {
            None => "the file ends in the middle of a character: it seems cut off".to_owned(),
            Some(_) => format!(
                "the byte {byte:#04X} is not UTF-8; the file looks like Windows-1252 or another old code page: {SAVE}"
            ),
        };
        Refusal::at(line, looks_like)
    })
}

fn line_of(bytes: &[u8], place: usize) -> u64 {
    let before = bytes.get(..place).unwrap_or_default();
    1 + before
        .iter()
        .map(|byte| u64::from(*byte == b'\n'))
        .sum::<u64>()
}
