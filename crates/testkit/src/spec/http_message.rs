//! A recorded request: request line, headers, blank line, body.

/// The largest recording that is read, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

pub(super) struct Request {
    pub(super) method: String,
    /// Lower case, without a port; empty where the recording names none.
    pub(super) host: String,
    /// Decoded path segments.
    pub(super) segments: Vec<String>,
    /// Decoded query pairs in order.
    pub(super) query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads a message with LF or CRLF line ends. The error says what is wrong and repeats nothing of it.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > LARGEST {
            return Err(format!("the recording is larger than {LARGEST} bytes"));
        }
        let (head, body) = split_head(bytes).ok_or("no blank line ends the headers")?;
        let head = std::str::from_utf8(head).map_err(|_| "the head is not UTF-8")?;
        let mut lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(target), Some("HTTP/1.1"), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err("the first line is not `METHOD target HTTP/1.1`".to_owned());
        };
        if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err("the method is not in capital letters".to_owned());
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').ok_or("a header line has no colon")?;
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err("a header name is empty or has white space".to_owned());
            }
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let (authority, target) = split_target(target)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path
            .strip_prefix('/')
            .ok_or("the path does not begin with a slash")?
            .split('/')
            .map(|segment| decode(segment, false))
            .collect::<Result<_, _>>()?;
        let mut request = Self {
            method: method.to_owned(),
            host: String::new(),
            segments,
            query: pairs(query)?,
            headers,
            body: Vec::new(),
        };
        request.host = bare_host(authority.or_else(|| request.header("host")).unwrap_or_default());
        request.body = request.cut_body(body)?.to_vec();
        Ok(request)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Content type in lower case without parameters.
    pub(super) fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// `POST /v1/refunds`, without the query.
    pub(super) fn line(&self) -> String {
        format!("{} /{}", self.method, self.segments.join("/"))
    }

    /// An editor may have ended the last line of the file; a stated length decides, otherwise one line end goes.
    fn cut_body<'a>(&self, body: &'a [u8]) -> Result<&'a [u8], String> {
        if self.header("transfer-encoding").is_some() || self.header("content-encoding").is_some() {
            return Err("the body is encoded; record it plain".to_owned());
        }
        let trimmed = body.strip_suffix(b"\n").unwrap_or(body);
        let trimmed = trimmed.strip_suffix(b"\r").unwrap_or(trimmed);
        let Some(stated) = self.header("content-length") else {
            return Ok(trimmed);
        };
        let stated: usize = stated.parse().map_err(|_| "Content-Length is not a number")?;
        [body, trimmed]
            .into_iter()
            .find(|candidate| candidate.len() == stated)
            .ok_or_else(|| format!("Content-Length says {stated} bytes, the body has {}", trimmed.len()))
    }
}

fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut start = 0;
    loop {
        let rest = bytes.get(start..)?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = rest.get(..end)?;
        if line.is_empty() || line == b"\r" {
            return Some((bytes.get(..start)?, rest.get(end + 1..)?));
        }
        start += end + 1;
    }
}

/// Absolute form (`https://host/path`) as well as origin form (`/path`).
fn split_target(target: &str) -> Result<(Option<&str>, &str), String> {
    if target.contains('#') {
        return Err("the target has a fragment".to_owned());
    }
    let Some(rest) = target.strip_prefix("https://").or_else(|| target.strip_prefix("http://")) else {
        return Ok((None, target));
    };
    let slash = rest.find('/').ok_or("the target has no path")?;
    let (authority, path) = rest.split_at(slash);
    Ok((Some(authority), path))
}

fn bare_host(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.to_ascii_lowercase()
}

/// Decoded pairs of a query string or a form body, in order.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Percent-decoding that refuses what a lenient decoder would repair.
fn decode(text: &str, plus_is_space: bool) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err("a percent sign is not followed by two hexadecimal digits".to_owned());
                };
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| "percent-decoded text is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_hosts_and_targets() {
        for text in [
            "POST /v1/a%2Fb?limit=2&q=x+y HTTP/1.1\nHost: API.example.com:8443\nContent-Type: application/json; charset=utf-8\n\n{}\n",
            "POST /v1/a%2Fb?limit=2&q=x+y HTTP/1.1\r\nhost: api.example.com\r\ncontent-type:application/JSON\r\ncontent-length: 2\r\n\r\n{}",
            "POST https://api.example.com:443/v1/a%2Fb?limit=2&q=x+y HTTP/1.1\nContent-Type: application/json\n\n{}",
        ] {
            let request = Request::parse(text.as_bytes()).unwrap();
            assert_eq!(request.line(), "POST /v1/a/b");
            assert_eq!(request.segments, ["v1", "a/b"]);
            assert_eq!(request.host, "api.example.com");
            assert_eq!(request.query, [("limit".into(), "2".into()), ("q".into(), "x y".into())]);
            assert_eq!(request.media_type().as_deref(), Some("application/json"));
            assert_eq!(request.body, b"{}");
        }
    }

    #[test]
    fn broken_messages_are_refused() {
        for (text, why) in [
            ("GET / HTTP/1.1\nHost: a", "blank line"),
            ("GET /\n\n", "first line"),
            ("get / HTTP/1.1\n\n", "capital"),
            ("GET x HTTP/1.1\n\n", "slash"),
            ("GET /%zz HTTP/1.1\n\n", "hexadecimal"),
            ("GET /%ff HTTP/1.1\n\n", "UTF-8"),
            ("GET / HTTP/1.1\nnonsense\n\n", "colon"),
            ("POST / HTTP/1.1\nContent-Length: 9\n\n{}", "Content-Length"),
            ("POST / HTTP/1.1\nContent-Encoding: gzip\n\nxx", "plain"),
        ] {
            let error = Request::parse(text.as_bytes()).err().unwrap();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }
}
