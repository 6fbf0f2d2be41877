//! JSON whose keys keep their order and whose numbers keep their digits: the vendor checks the order of a request, and
//! writes amounts with two decimals.

use std::fmt;

use serde_json::Value;

/// Deeper nesting is refused. The deepest valid request has about eight levels.
const DEEPEST: usize = 64;

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// Exactly as it was written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads one document. Keys that come twice are kept twice.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.skip_blanks();
        if parser.at == text.len() { Ok(value) } else { Err(parser.error("the end was expected")) }
    }

    pub(super) fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    pub(super) fn texts(values: impl IntoIterator<Item = String>) -> Self {
        Self::List(values.into_iter().map(Self::Text).collect())
    }

    pub(super) fn fields(&self) -> &[(String, Self)] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Follows names with dots between them: `order.invoiceNumber`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |value, name| value.get(name))
    }

    /// The text of a string, number or boolean; `None` when it is absent or empty.
    pub(super) fn text_at(&self, path: &str) -> Option<String> {
        let text = self.at(path)?.scalar()?;
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Self::Null => Some(String::new()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Number(text) | Self::Text(text) => Some(text.clone()),
            Self::List(_) | Self::Object(_) => None,
        }
    }

    /// `true`, `"true"`, `1` and `"1"` are true.
    pub(super) fn flag_at(&self, path: &str) -> Option<bool> {
        self.text_at(path).map(|text| matches!(text.trim(), "true" | "1"))
    }

    /// The elements of a list; one that stands alone counts as a list of one.
    pub(super) fn items_at(&self, path: &str) -> Vec<&Self> {
        match self.at(path) {
            None | Some(Self::Null) => Vec::new(),
            Some(Self::List(items)) => items.iter().collect(),
            Some(one) => vec![one],
        }
    }

    /// Appends a field.
    pub(super) fn push(&mut self, name: &str, value: impl Into<Self>) {
        if let Self::Object(fields) = self {
            fields.push((name.to_owned(), value.into()));
        }
    }

    /// Appends a field where there is a value.
    pub(super) fn push_some(&mut self, name: &str, value: Option<impl Into<Self>>) {
        if let Some(value) = value {
            self.push(name, value);
        }
    }

    /// The same object without these fields.
    pub(super) fn without(&self, names: &[&str]) -> Self {
        let kept = self.fields().iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self::Object(kept.cloned().collect())
    }

    /// For a look from outside.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect()),
            Self::Object(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), value.to_value())).collect())
            }
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::List(items)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}:{value}", if index == 0 { "" } else { "," }, quoted(name))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn error(&self, why: &str) -> String {
        format!("{why} at position {}", self.at)
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEEPEST {
            return Err(self.error("nested too deeply"));
        }
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(_) => self.word(),
            None => Err(self.error("a value was expected")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut fields = Vec::new();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.skip_blanks();
            if !self.take(b':') {
                return Err(self.error("a colon was expected"));
            }
            fields.push((name, self.value(depth + 1)?));
            self.skip_blanks();
            if self.take(b'}') {
                return Ok(Json::Object(fields));
            }
            if !self.take(b',') {
                return Err(self.error("a comma was expected"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err(self.error("a comma was expected"));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        if !self.take(b'"') {
            return Err(self.error("a string was expected"));
        }
        loop {
            match self.peek() {
                None => return Err(self.error("the string does not end")),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        self.text
            .get(start..self.at)
            .and_then(|raw| serde_json::from_str(raw).ok())
            .ok_or_else(|| self.error("the string is malformed"))
    }

    fn word(&mut self) -> Result<Json, String> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        match word {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            number if serde_json::from_str::<serde_json::Number>(number).is_ok() => {
                Ok(Json::Number(number.to_owned()))
            }
            _ => Err(self.error("a value was expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn order_and_digits_are_kept() {
        let text = r#"{"z":1.10,"a":[true,null,"\u00e9\"\n"],"m":{"b":-2e3,"a":{}}}"#;
        let json = Json::parse(text).ok().unwrap();
        assert_eq!(json.to_string(), r#"{"z":1.10,"a":[true,null,"é\"\n"],"m":{"b":-2e3,"a":{}}}"#);
        assert_eq!(json.text_at("m.b").as_deref(), Some("-2e3"));
        assert_eq!(json.items_at("a").len(), 3);
        assert_eq!(json.items_at("z").len(), 1);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let deep = "[".repeat(100);
        for text in
            ["", "{", "{\"a\"}", "[1,]", "\"a", "\"\\", "01", "nul", "{} {}", "\"\u{1}\"", "{'a':1}", &deep]
        {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
