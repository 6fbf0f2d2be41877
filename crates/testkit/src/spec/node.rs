//! A request body as a tree that keeps the order and the repetitions of its keys.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// `serde_json::Value` sorts keys and drops repeated ones, and both matter here.
#[derive(Clone)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads JSON; the error names line and column only.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| {
            format!("the body is not JSON (line {}, column {})", error.line(), error.column())
        })
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// The items of a list. In forms a list is written as a map with the keys `0..n`, or with empty keys (`a[]=`).
    pub(super) fn items(&self) -> Option<Vec<&Node>> {
        match self {
            Self::List(items) => Some(items.iter().collect()),
            Self::Map(entries) if entries.iter().all(|(key, _)| key.is_empty()) => {
                Some(entries.iter().map(|(_, item)| item).collect())
            }
            Self::Map(entries) => (0..entries.len())
                .map(|index| {
                    let key = index.to_string();
                    entries.iter().find(|(name, _)| *name == key).map(|(_, item)| item)
                })
                .collect(),
            _ => None,
        }
    }

    /// A canonical spelling, to compare with enumerations and to find equal items.
    pub(super) fn spelled(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(value) => value.clone(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::spelled).collect();
                format!("{items:?}")
            }
            Self::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(key, item)| (key, item.spelled())).collect();
                entries.sort();
                format!("{entries:?}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Build;

        impl<'de> Visitor<'de> for Build {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Number(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Map(entries))
            }
        }

        deserializer.deserialize_any(Build)
    }
}
