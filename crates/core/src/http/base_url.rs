//! Where requests may go: HTTPS anywhere, plain HTTP only to this machine.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::Uri;
use url::Url;
use url::form_urlencoded;

use crate::error::{Error, ErrorKind, Result};

/// Scheme, host, port and perhaps a path prefix under which a provider's paths stand.
///
/// HTTPS, or plain HTTP to a loopback host (`localhost`, `127.0.0.0/8`, `::1`); no user information, no query, no
/// fragment.
///
/// ```
/// use turnbuckle_core::http::BaseUrl;
///
/// let base: BaseUrl = "http://127.0.0.1:4010/stripe/".parse()?;
/// assert_eq!(base.join("/v1/balance")?, "http://127.0.0.1:4010/stripe/v1/balance");
/// assert!("http://api.example.com".parse::<BaseUrl>().is_err());
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// Without a trailing slash.
    text: String,
}

impl BaseUrl {
    /// Parses a base URL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] when the rules above do not hold. The text is not repeated, since it may hold a
    /// password.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = || {
            Error::new(
                ErrorKind::InvalidConfig,
                "a base URL is https, or plain http to a loopback host, without user information, query or fragment",
            )
        };
        let url = Url::parse(text).map_err(|_| invalid())?;
        let plain = url.query().is_none() && url.fragment().is_none();
        if !plain || !is_secure_url(&url) || !is_plain_path(url.path()) {
            return Err(invalid());
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        // Whatever `url` made of the text must also be a URL to the type that is sent.
        let uri = text.parse::<Uri>().map_err(|_| invalid())?;
        if is_secure_uri(&uri) { Ok(Self { text }) } else { Err(invalid()) }
    }

    /// The URL, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of a path, which begins with a slash and stays below the prefix.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the path has a dot segment, an empty segment, a query, or a character that a
    /// path does not hold: an id that came from outside cannot lead to another endpoint.
    pub fn join(&self, path: &str) -> Result<Uri> {
        if !path.starts_with('/') || !is_plain_path(path) {
            return Err(bad_path());
        }
        format!("{}{path}", self.text).parse().map_err(|_| bad_path())
    }

    /// The URL of a path with query parameters, encoded as a form is.
    ///
    /// # Errors
    /// As [`join`](Self::join).
    pub fn join_with_query<K: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Uri> {
        let bare = self.join(path)?;
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        if query.is_empty() {
            return Ok(bare);
        }
        format!("{}{path}?{query}", self.text).parse().map_err(|_| bad_path())
    }
}

impl FromStr for BaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn bad_path() -> Error {
    Error::new(ErrorKind::InvalidRequest, "an id or name in the request cannot stand in a URL path")
}

/// Segments of unreserved and sub-delimiter characters and complete percent escapes. No segment is empty (but the last)
/// and none is `.` or `..`, escaped or not.
fn is_plain_path(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return path.is_empty() };
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if (segment.is_empty() && !last) || is_dots(segment) || !is_plain_segment(segment) {
            return false;
        }
    }
    true
}

/// Whether it is `.` or `..`, each dot as it is or escaped.
fn is_dots(segment: &str) -> bool {
    let mut rest = segment.as_bytes();
    let mut dots = 0;
    loop {
        rest = match rest {
            [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            [] => return dots == 1 || dots == 2,
            _ => return false,
        };
        dots += 1;
    }
}

fn is_plain_segment(segment: &str) -> bool {
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let plain = match byte {
            b'%' => {
                let hex = |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
                hex(bytes.next()) && hex(bytes.next())
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte),
        };
        if !plain {
            return false;
        }
    }
    true
}

/// Whether a request may go to this URI at all.
pub(super) fn is_secure_uri(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else { return false };
    if authority.as_str().contains('@') {
        return false;
    }
    match uri.scheme_str() {
        Some("https") => true,
        Some("http") => is_loopback_name(authority.host()),
        _ => false,
    }
}

/// The same rule, asked of the type that the URL becomes inside reqwest: two parsers must agree on the host.
pub(super) fn is_secure_url(url: &Url) -> bool {
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    match url.scheme() {
        "https" => url.has_host(),
        "http" => match url.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        _ => false,
    }
}

fn is_loopback_name(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback());
    }
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
}
