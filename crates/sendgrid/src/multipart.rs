//! `multipart/form-data` (RFC 7578), taken apart without copying contents.

use bytes::Bytes;
use turnbuckle_core::{Error, Result};

/// Longest head of a part, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// One part.
pub(crate) struct MultipartPart {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) media_type: Option<String>,
    pub(crate) content: Bytes,
}

fn bad(problem: &'static str) -> Error {
    Error::invalid_field("body", problem)
}

/// The parts of a form, in order.
pub(crate) fn parse(content_type: &str, body: &Bytes, max_parts: usize) -> Result<Vec<MultipartPart>> {
    let boundary = boundary(content_type)
        .ok_or_else(|| Error::invalid_field("content-type", "is not multipart/form-data with a boundary"))?;
    let delimiter = format!("--{boundary}");
    let delimiter = delimiter.as_bytes();
    let line = [b"\r\n", delimiter].concat();
    // What stands before the first delimiter belongs to nobody.
    let mut at = if body.starts_with(delimiter) {
        delimiter.len()
    } else {
        find(body, &line, 0).ok_or_else(|| bad("has no part"))? + line.len()
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        // Blanks may follow a delimiter on its line.
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let start = at + blanks + 2;
        if body.get(at + blanks..start) != Some(b"\r\n") {
            return Err(bad("has a delimiter with something behind it"));
        }
        if parts.len() == max_parts {
            return Err(bad("has more parts than the limit"));
        }
        let end = find(body, &line, start).ok_or_else(|| bad("ends before its last part does"))?;
        parts.push(part(body, start, end)?);
        at = end + line.len();
    }
}

fn part(body: &Bytes, start: usize, end: usize) -> Result<MultipartPart> {
    let whole = body.get(start..end).unwrap_or_default();
    // A part without any header begins with the empty line itself.
    let (head, content) = if whole.starts_with(b"\r\n") {
        (&[][..], start + 2)
    } else {
        let length = find(whole, b"\r\n\r\n", 0).ok_or_else(|| bad("has a part without a head"))?;
        (whole.get(..length).unwrap_or_default(), start + length + 4)
    };
    if head.len() > MAX_HEAD {
        return Err(bad("has a part with too long a head"));
    }
    let head = std::str::from_utf8(head).map_err(|_| bad("has a head that is not text"))?;
    let (mut name, mut filename, mut media_type) = (None, None, None);
    for header in head.split("\r\n") {
        let Some((key, value)) = header.split_once(':') else { continue };
        if key.trim().eq_ignore_ascii_case("content-disposition") {
            for (key, value) in parameters(value) {
                match key.as_str() {
                    "name" => name = name.or(Some(value)),
                    "filename" => filename = filename.or(Some(value)),
                    _ => {}
                }
            }
        } else if key.trim().eq_ignore_ascii_case("content-type") {
            media_type = Some(value.trim().to_owned());
        }
    }
    let name = name.ok_or_else(|| bad("has a part without a name"))?;
    Ok(MultipartPart { name, filename, media_type, content: body.slice(content..end.max(content)) })
}

/// 1 to 70 characters, as RFC 2046 has it.
fn boundary(content_type: &str) -> Option<String> {
    let (media_type, _) = content_type.split_once(';')?;
    if !media_type.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (_, boundary) = parameters(content_type).into_iter().find(|(key, _)| key == "boundary")?;
    let plain = boundary.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && !boundary.ends_with(' ');
    ((1..=70).contains(&boundary.len()) && plain).then_some(boundary)
}

/// The parameters behind the first word, names in lower case, quotes taken off.
fn parameters(value: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = value.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim().trim_start_matches(';').trim().to_ascii_lowercase();
        let after = after.trim_start();
        let (text, behind) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let end = after.find(';').unwrap_or(after.len());
            let (text, behind) = after.split_at(end);
            (text.trim().to_owned(), behind)
        };
        found.push((key, text));
        rest = behind.trim_start().strip_prefix(';').unwrap_or_default();
    }
    found
}

/// Text up to the closing quote, and what stands behind it. Only a quote and a backslash are escaped: senders put other
/// backslashes into names as they are.
fn unquote(text: &str) -> (String, &str) {
    let mut taken = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((index, character)) = chars.next() {
        match (character, chars.peek()) {
            ('"', _) => return (taken, text.get(index + 1..).unwrap_or_default()),
            ('\\', Some((_, next @ ('"' | '\\')))) => {
                taken.push(*next);
                chars.next();
            }
            _ => taken.push(character),
        }
    }
    (taken, "")
}

/// Where a needle stands at or after a place.
fn find(hay: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = from;
    loop {
        let rest = hay.get(at..)?;
        at += rest.iter().position(|byte| *byte == first)?;
        if hay.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}
