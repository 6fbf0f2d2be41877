//! What query.php answers: XML of few levels, read into records with hard bounds.

use roxmltree::{Document, Node, ParsingOptions};
use turnbuckle_core::{Error, ErrorKind, Result};

/// Longest answer in bytes.
pub(crate) const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// Most nodes in one answer: several thousand transactions of a hundred elements each.
const MAX_NODES: u32 = 1_000_000;

/// Deepest element: the root, a list, a record, an action, and what stands in it, with room for a level more.
const MAX_DEPTH: usize = 8;

/// One element of an answer: its name, its attribute `id`, its text and its children.
///
/// The parser takes no document type, so no entity can grow or reach outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads an answer whose root is `nm_response`. Never panics, whatever the bytes.
    ///
    /// # Errors
    /// [`InvalidResponse`](ErrorKind::InvalidResponse) when it is not that, is longer than 16 MiB, has more than a million
    /// nodes or more than eight levels.
    pub(crate) fn parse(body: &[u8]) -> Result<Self> {
        if body.len() > MAX_ANSWER {
            return Err(malformed("the answer is longer than 16 MiB"));
        }
        let text = std::str::from_utf8(body).map_err(|_| malformed("the answer is not UTF-8"))?;
        // Old answers begin with white space, before which no XML declaration may stand.
        let text = text.trim_start_matches('\u{feff}').trim();
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
        // The parser's own message may quote the answer, so it is not kept.
        let document = Document::parse_with_options(text, options)
            .map_err(|_| malformed("the answer is not XML within the limits"))?;
        let root = document.root_element();
        if root.tag_name().name() != "nm_response" {
            return Err(malformed("the answer's root is not `nm_response`"));
        }
        read(root, 1)
    }

    /// The trimmed text of a child; `None` when it is absent or empty. The first child counts.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(Self::text).filter(|text| !text.is_empty())
    }

    /// The trimmed text.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The children of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The records of this name below the root, also where a list stands around them.
    pub(crate) fn records<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().flat_map(move |child| {
            let own = (child.name == name).then_some(child);
            let inner = child.children.iter().filter(move |inner| child.name != name && inner.name == name);
            own.into_iter().chain(inner)
        })
    }

    /// The text of the first element of this name at any level.
    pub(crate) fn anywhere(&self, name: &str) -> Option<&str> {
        self.get(name).or_else(|| self.children.iter().find_map(|child| child.anywhere(name)))
    }
}

/// As deep as [`MAX_DEPTH`] at most, so recursion is bounded.
fn read(node: Node<'_, '_>, depth: usize) -> Result<Element> {
    if depth > MAX_DEPTH {
        return Err(malformed("the answer has too many levels"));
    }
    let mut element = Element {
        name: node.tag_name().name().to_owned(),
        id: node.attribute("id").map(str::to_owned),
        ..Element::default()
    };
    for child in node.children() {
        if child.is_element() {
            element.children.push(read(child, depth + 1)?);
        } else if let Some(text) = child.text().filter(|_| child.is_text()) {
            element.text.push_str(text);
        }
    }
    Ok(element)
}

fn malformed(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidResponse, why)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Element> {
        Element::parse(text.as_bytes())
    }

    #[test]
    fn reads_records_with_and_without_a_list_around_them() {
        let root = parse(
            r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <nm_response><transaction><transaction_id> 1 </transaction_id><order_id></order_id><x>a&amp;b</x>
            <merchant_defined_field id="3">c</merchant_defined_field></transaction></nm_response>"#,
        )
        .unwrap();
        let record = root.records("transaction").next().unwrap();
        assert_eq!((record.get("transaction_id"), record.get("order_id")), (Some("1"), None));
        assert_eq!(record.get("x"), Some("a&b"));
        let field = record.all("merchant_defined_field").next().unwrap();
        assert_eq!((field.id.as_deref(), field.text()), (Some("3"), "c"));

        let root = parse(
            "<nm_response><customer_vault><customer id='7'/><customer id='8'/></customer_vault></nm_response>",
        );
        let ids: Vec<_> =
            root.unwrap().records("customer").map(|record| record.id.clone().unwrap()).collect();
        assert_eq!(ids, ["7", "8"]);
        assert_eq!(parse("<nm_response/>").unwrap().children.len(), 0);
    }

    #[test]
    fn refuses_other_documents_and_document_types() {
        for text in [
            "",
            "response=1&responsetext=SUCCESS",
            "<html></html>",
            "<nm_response>",
            "<nm_response></other>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><nm_response>&a;</nm_response>",
            "<nm_response>&unknown;</nm_response>",
        ] {
            assert_eq!(parse(text).unwrap_err().kind(), ErrorKind::InvalidResponse, "{text}");
        }
        assert!(Element::parse(b"<nm_response>\xff</nm_response>").is_err());
    }

    #[test]
    fn survives_depth_and_size() {
        for depth in [7, 8, 10_000, 400_000] {
            let text = format!("<nm_response>{}{}</nm_response>", "<a>".repeat(depth), "</a>".repeat(depth));
            assert_eq!(parse(&text).is_ok(), depth == 7, "{depth}");
        }
        let wide = format!("<nm_response>{}</nm_response>", "<a/>".repeat(1_000_001));
        assert!(parse(&wide).is_err());
        assert!(parse(&format!("<nm_response>{}</nm_response>", "x".repeat(MAX_ANSWER))).is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "(<[a-z/!?\\[]{0,4}|>|&|;|[a-z ='\"]|\\PC){0,80}") {
            let _ = parse(&text);
            let _ = parse(&format!("<nm_response>{text}</nm_response>"));
        }

        #[test]
        fn reads_any_text_that_was_escaped(text in "[^\\x00-\\x1f\u{fffe}\u{ffff}\\x7f]*") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let root = parse(&format!("<nm_response><a>{escaped}</a></nm_response>")).unwrap();
            prop_assert_eq!(root.children.first().unwrap().text(), text.trim());
        }
    }
}
