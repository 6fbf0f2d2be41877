//! Name-value pairs as Payflow writes them: nothing is URL-encoded, a length tag guards `&` and `=`.

use std::collections::BTreeMap;

/// Why a body is no list of pairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    Empty,
    /// A name is missing, or holds what no name holds.
    Name,
    /// A length tag without a number, without `]=` behind it, or that does not end where its value does; or a
    /// value that needs one and has none.
    Tag,
    /// Something no value may hold, tagged or not.
    Value(String),
}

/// The pairs of a request. Of a name that comes twice, the last value counts.
pub(super) type Fields = BTreeMap<String, String>;

pub(super) fn parse(body: &[u8]) -> Result<Fields, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::Value("non-ASCII".to_owned()))?;
    if text.is_empty() {
        return Err(Malformed::Empty);
    }
    let mut fields = Fields::new();
    let mut rest = text;
    loop {
        let end = rest.find(['=', '[', '&']).ok_or(Malformed::Name)?;
        let (name, behind) = rest.split_at(end);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Malformed::Name);
        }
        let (value, left) = match behind.strip_prefix('[') {
            Some(tagged) => tagged_value(tagged)?,
            None => plain_value(behind.strip_prefix('=').ok_or(Malformed::Name)?)?,
        };
        // How the server counts anything beyond ASCII is unknown, so nothing beyond it passes.
        if value.bytes().any(|byte| byte == b'"' || !(b' '..=b'~').contains(&byte)) {
            return Err(Malformed::Value(name.to_owned()));
        }
        fields.insert(name.to_owned(), value.to_owned());
        match left.strip_prefix('&') {
            Some(more) => rest = more,
            None if left.is_empty() => return Ok(fields),
            None => return Err(Malformed::Tag),
        }
    }
}

/// `5]=& Foo&NEXT=…`: the value, and what is behind it.
fn tagged_value(text: &str) -> Result<(&str, &str), Malformed> {
    let (count, behind) = text.split_once("]=").ok_or(Malformed::Tag)?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::Tag);
    }
    let count: usize = count.parse().map_err(|_| Malformed::Tag)?;
    behind.split_at_checked(count).ok_or(Malformed::Tag)
}

fn plain_value(text: &str) -> Result<(&str, &str), Malformed> {
    let (value, left) = text.split_at_checked(text.find('&').unwrap_or(text.len())).ok_or(Malformed::Tag)?;
    if value.contains('=') { Err(Malformed::Tag) } else { Ok((value, left)) }
}

/// An answer: pairs in their order.
#[derive(Clone, Default)]
pub(super) struct Reply(Vec<(String, String)>);

impl Reply {
    pub(super) fn of(result: i32) -> Self {
        Self::default().with("RESULT", result.to_string())
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    pub(super) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn encode(&self) -> String {
        let pair = |(name, value): &(String, String)| {
            if value.contains(['&', '=']) {
                format!("{name}[{}]={value}", value.len())
            } else {
                format!("{name}={value}")
            }
        };
        self.0.iter().map(pair).collect::<Vec<_>>().join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::{Malformed, Reply, parse};

    #[test]
    fn values_end_where_their_tag_says() {
        let fields =
            parse(b"COMPANYNAME[14]=Ruff & Johnson&COMMENT1[7]=Level=5&AMT=1.00&PWD[3]=a&b").unwrap();
        let of = |name: &str| fields.get(name).map(String::as_str);
        assert_eq!(of("COMPANYNAME"), Some("Ruff & Johnson"));
        assert_eq!(of("COMMENT1"), Some("Level=5"));
        assert_eq!((of("AMT"), of("PWD")), (Some("1.00"), Some("a&b")));
        assert_eq!(parse(b"A=1&A=2").unwrap().get("A").map(String::as_str), Some("2"));
        assert_eq!(parse(b"A[0]=&B=").unwrap().len(), 2);
        assert_eq!(parse(b"A=100%25+x").unwrap().get("A").map(String::as_str), Some("100%25+x"));
    }

    #[test]
    fn broken_lists_are_refused() {
        let quoted = Malformed::Value("A".to_owned());
        for (body, why) in [
            ("", Malformed::Empty),
            ("A", Malformed::Name),
            ("A&B=1", Malformed::Name),
            ("=1", Malformed::Name),
            ("A=1&", Malformed::Name),
            ("A B=1", Malformed::Name),
            ("A=1=2", Malformed::Tag),
            ("A[]=1", Malformed::Tag),
            ("A[x]=1", Malformed::Tag),
            ("A[-1]=1", Malformed::Tag),
            ("A[2]=1", Malformed::Tag),
            ("A[1]=12", Malformed::Tag),
            ("A[1]x=1", Malformed::Tag),
            ("A[99999999999999999999]=1", Malformed::Tag),
            ("A=\"x\"", quoted.clone()),
            ("A[3]=\"x\"", quoted.clone()),
            ("A=caf\u{e9}", quoted.clone()),
            ("A=1\r\n", quoted),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(why), "{body}");
        }
    }

    #[test]
    fn replies_tag_what_needs_it() {
        let reply = Reply::of(0).with("BILLTOLASTNAME", "& Foo").with("X", "a=b").maybe("Y", None);
        assert_eq!(reply.encode(), "RESULT=0&BILLTOLASTNAME[5]=& Foo&X[3]=a=b");
    }
}
