//! Form bodies in the one order in which they are signed.

use super::reason::Reason;
use crate::error::Result;

/// Most pairs in one form.
const MAX_PAIRS: usize = 1000;

/// One decoded pair of a form: name and value as bytes.
type Pair = (Vec<u8>, Vec<u8>);

/// Decodes an `application/x-www-form-urlencoded` body: `+` is a space, `%XX` a byte, everything else stands for
/// itself. Order and repetition are kept, empty names and values count, bytes that are no text stay as they are.
///
/// Adapters read a verified form with the same function that brought it into its signed form, so that both see the
/// same pairs.
///
/// # Errors
/// [`Reason::MalformedBody`] above 1000 pairs.
pub fn form_pairs(body: &[u8]) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for piece in body.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        if pairs.len() == MAX_PAIRS {
            return Err(Reason::MalformedBody.error());
        }
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
        pairs.push((decode(name), decode(value)));
    }
    Ok(pairs)
}

/// The pairs sorted by name, then value, in byte order, each distinct pair once.
pub(super) fn sorted_pairs(body: &[u8]) -> Result<Vec<Pair>> {
    let mut pairs = form_pairs(body)?;
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (byte, _) => decoded.push(*byte),
        }
    }
    decoded
}

/// The value of one hexadecimal digit of either case.
pub(super) fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
