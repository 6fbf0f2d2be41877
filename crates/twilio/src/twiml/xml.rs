//! Elements, written so that no text can become one.

use turnbuckle_core::{Error, Result};

/// An element under construction.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) attributes: Vec<(&'static str, String)>,
    pub(super) children: Vec<Node>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Text(String),
    Element(Element),
}

impl Element {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    pub(super) fn text(mut self, text: impl Into<String>) -> Self {
        self.children.push(Node::Text(text.into()));
        self
    }

    pub(super) fn attribute(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        if let Some(value) = value {
            self.attributes.push((name, value.into()));
        }
        self
    }

    pub(super) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// A whole document.
    ///
    /// # Errors
    /// When a text holds a character that XML cannot: it would be answered with nothing at all.
    pub(super) fn document(&self) -> Result<String> {
        let mut text = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
        self.write(&mut text)?;
        Ok(text)
    }

    fn write(&self, out: &mut String) -> Result<()> {
        out.push('<');
        out.push_str(self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(out, value, name)?;
            out.push('"');
        }
        if self.children.is_empty() {
            out.push_str("/>");
            return Ok(());
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Text(text) => escape(out, text, self.name)?,
                Node::Element(element) => element.write(out)?,
            }
        }
        out.push_str("</");
        out.push_str(self.name);
        out.push('>');
        Ok(())
    }
}

fn escape(out: &mut String, text: &str, place: &'static str) -> Result<()> {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Written as they are, a parser would turn them into spaces or line feeds.
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(Error::invalid_field(place, "holds a character that XML cannot"));
            }
            other => out.push(other),
        }
    }
    Ok(())
}
