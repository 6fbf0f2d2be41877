//! Messages that were accepted: what each personalization became.

use std::ops::Range;

use serde_json::{Map, Value, json};

use super::fields::text;
use super::handlebars;
use super::lifecycle::Delivery;
use super::state::{Account, is};

/// One accepted request, which has one `X-Message-Id`.
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) at: u64,
    pub(super) batch: Option<String>,
    pub(super) categories: Vec<Value>,
    pub(super) group: Option<u64>,
    pub(super) bypass: Bypass,
    pub(super) attachments: usize,
    pub(super) from: Value,
    pub(super) template: Option<String>,
    pub(super) parts: Vec<Part>,
    /// Which deliveries are its.
    pub(super) deliveries: Range<usize>,
}

/// A personalization, as its recipients get it.
pub(super) struct Part {
    pub(super) subject: String,
    /// Type and text.
    pub(super) content: Vec<(String, String)>,
    pub(super) args: Map<String, Value>,
    pub(super) headers: Map<String, Value>,
    pub(super) send_at: Option<u64>,
}

/// Which suppressions a message goes past.
#[derive(Clone, Copy, Default)]
pub(super) struct Bypass {
    pub(super) spam: bool,
    pub(super) bounce: bool,
    pub(super) unsubscribe: bool,
}

impl Bypass {
    pub(super) fn of(request: &Map<String, Value>) -> Self {
        let on = |name: &str| {
            let setting = request.get("mail_settings").and_then(|settings| settings.get(name));
            setting.and_then(|setting| setting.get("enable")).and_then(Value::as_bool).unwrap_or_default()
        };
        let all = on("bypass_list_management");
        Self {
            spam: all || on("bypass_spam_management"),
            bounce: all || on("bypass_bounce_management"),
            unsubscribe: all || on("bypass_unsubscribe_management"),
        }
    }
}

/// The active version of a template.
pub(super) fn active<'a>(account: &'a Account, template: &str) -> Option<(&'a Value, bool)> {
    let template = account.templates.iter().find(|known| is(known, "id", template))?;
    let versions = template.get("versions").and_then(Value::as_array)?;
    let version = versions.iter().find(|version| version.get("active").and_then(Value::as_u64) == Some(1))?;
    Some((version, is(template, "generation", "dynamic")))
}

/// Subject and content of a personalization.
pub(super) fn compose(
    account: &Account,
    request: &Map<String, Value>,
    part: &Map<String, Value>,
) -> (String, Vec<(String, String)>) {
    let own = text(part, "subject");
    let subject = if own.is_empty() { text(request, "subject") } else { own };
    let given = request.get("content").and_then(Value::as_array).cloned().unwrap_or_default();
    let content = given.iter().filter_map(Value::as_object);
    let content: Vec<_> =
        content.map(|block| (text(block, "type").to_owned(), text(block, "value").to_owned())).collect();
    let version = request.get("template_id").and_then(Value::as_str).and_then(|id| active(account, id));
    let empty = Map::new();
    let substitutions = part.get("substitutions").and_then(Value::as_object).unwrap_or(&empty);
    let substituted = |text: String| {
        substitutions.iter().fold(text, |text, (tag, value)| {
            if tag.is_empty() { text } else { text.replace(tag, value.as_str().unwrap_or_default()) }
        })
    };
    let Some((version, dynamic)) = version else {
        let content = content.into_iter().map(|(kind, text)| (kind, substituted(text))).collect();
        return (substituted(subject.to_owned()), content);
    };
    let of = |name: &str| version.get(name).and_then(Value::as_str).unwrap_or_default();
    let parts = [("text/plain", of("plain_content")), ("text/html", of("html_content"))];
    let parts = parts.into_iter().filter(|(_, template)| !template.is_empty());
    if dynamic {
        let data = part.get("dynamic_template_data").cloned().unwrap_or_else(|| json!({}));
        let parts = parts.map(|(kind, template)| {
            (kind.to_owned(), handlebars::render(template, &data, kind == "text/html"))
        });
        return (handlebars::render(of("subject"), &data, false), parts.collect());
    }
    let parts = parts.map(|(kind, template)| {
        let body = content.iter().find(|(given, _)| given == kind).map_or("", |(_, text)| text);
        (kind.to_owned(), substituted(template.replace("<%body%>", body)))
    });
    (substituted(of("subject").replace("<%subject%>", subject)), parts.collect())
}

impl Sent {
    /// For a look from inside: what was accepted, and what became of it for each recipient.
    pub(super) fn shown(&self, deliveries: &[Delivery]) -> Value {
        let own = deliveries.get(self.deliveries.clone()).unwrap_or_default();
        let parts = self.parts.iter().enumerate().map(|(at, part)| {
            let reached = own.iter().filter(|one| one.part == at);
            json!({
                "subject": part.subject,
                "content": part.content.iter()
                    .map(|(kind, text)| json!({ "type": kind, "value": text })).collect::<Vec<_>>(),
                "custom_args": part.args,
                "headers": part.headers,
                "send_at": part.send_at,
                "recipients": reached.map(Delivery::shown).collect::<Vec<_>>(),
            })
        });
        json!({
            "id": self.id,
            "accepted": self.at,
            "from": self.from,
            "batch_id": self.batch,
            "categories": self.categories,
            "asm_group_id": self.group,
            "template_id": self.template,
            "attachments": self.attachments,
            "personalizations": parts.collect::<Vec<_>>(),
        })
    }
}
