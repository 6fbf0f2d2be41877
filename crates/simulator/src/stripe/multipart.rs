//! `multipart/form-data`, as far as uploads need it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::form;

const MOST_PARTS: usize = 20;

fn malformed() -> ApiError {
    ApiError::invalid("Invalid request: the multipart body is malformed.")
}

/// Parses a body into the same tree as a form. A part with a file name becomes an object with `filename` and
/// `content` in base64.
pub(super) fn parse(content_type: &str, body: &[u8], into: &mut Map<String, Value>) -> Result<(), ApiError> {
    let boundary =
        parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty() && boundary.len() <= 200);
    let marker = format!("--{}", boundary.ok_or_else(malformed)?);
    let marker = marker.as_bytes();
    let mut rest = find(body, marker).and_then(|at| body.get(at + marker.len()..)).ok_or_else(malformed)?;
    for _ in 0..MOST_PARTS {
        if rest.starts_with(b"--") {
            return Ok(());
        }
        let part = rest.strip_prefix(b"\r\n").ok_or_else(malformed)?;
        let separator = [b"\r\n", marker].concat();
        // An empty body of a part ends with the line break of its head.
        let end = find(part, &separator).ok_or_else(malformed)?;
        add(part.get(..end).unwrap_or_default(), into)?;
        rest = part.get(end + separator.len()..).unwrap_or_default();
    }
    Err(malformed())
}

fn add(part: &[u8], into: &mut Map<String, Value>) -> Result<(), ApiError> {
    let split = find(part, b"\r\n\r\n").ok_or_else(malformed)?;
    let head = std::str::from_utf8(part.get(..split).unwrap_or_default()).map_err(|_| malformed())?;
    let content = part.get(split + 4..).unwrap_or_default();
    let disposition = head
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))
        .ok_or_else(malformed)?;
    let name = parameter(disposition, "name").ok_or_else(malformed)?;
    if let Some(filename) = parameter(disposition, "filename") {
        into.insert(name, json!({ "filename": filename, "content": STANDARD.encode(content) }));
        return Ok(());
    }
    let text = std::str::from_utf8(content).map_err(|_| malformed())?;
    form::insert(into, &name, text.to_owned())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// `name="value"` or `name=value` after a semicolon.
fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|piece| {
        let (key, value) = piece.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::{Map, json};

    #[test]
    fn parts_become_parameters() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\ndispute_evidence\r\n--b\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\
            %PDF\r\n--x\r\n--b--\r\n";
        let mut found = Map::new();
        parse("multipart/form-data; boundary=b", body, &mut found).unwrap();
        assert_eq!(found["purpose"], "dispute_evidence");
        assert_eq!(found["file"], json!({ "filename": "a.pdf", "content": "JVBERg0KLS14" }));
    }

    #[test]
    fn every_cut_is_refused_and_none_fails() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--";
        for end in 0..body.len() {
            assert!(
                parse("multipart/form-data; boundary=b", &body[..end], &mut Map::new()).is_err(),
                "{end}"
            );
        }
        assert!(parse("multipart/form-data; boundary=b", body, &mut Map::new()).is_ok());
        assert!(parse("multipart/form-data", body, &mut Map::new()).is_err());
    }
}
