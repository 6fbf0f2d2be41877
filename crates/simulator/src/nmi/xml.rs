//! The XML of `query.php`.

/// A document under construction.
#[derive(Debug)]
pub(super) struct Document(String);

impl Document {
    pub(super) fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nm_response>".to_owned())
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</nm_response>\n");
        self.0
    }

    /// `<name>text</name>`.
    pub(super) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        escape(text, &mut self.0);
        self.close(name);
    }

    pub(super) fn text(&mut self, text: &str) {
        escape(text, &mut self.0);
    }

    pub(super) fn leaves(&mut self, rows: &[(&str, &str)]) {
        for (name, text) in rows {
            self.leaf(name, text);
        }
    }

    pub(super) fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that starts with attributes.
    pub(super) fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            escape(value, &mut self.0);
            self.0.push('"');
        }
        self.0.push('>');
    }

    pub(super) fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }
}

fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            // XML 1.0 has no place for these.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => into.push(' '),
            other => into.push(other),
        }
    }
}
