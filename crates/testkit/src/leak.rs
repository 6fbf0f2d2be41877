//! Secrets that must not turn up anywhere, and everything that is written to logs, in one text.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

/// Secret values, by name, and the search for them in text.
///
/// A value counts as found in the clear, percent-encoded, as a form encodes it, as JSON or Rust writes it between
/// quotes, in hexadecimal, and in base64 at any offset. Values shorter than six bytes, such as a security code, count
/// only where they stand alone.
///
/// ```
/// use turnbuckle_testkit::leak::Sentinels;
///
/// let sentinels = Sentinels::new().with("secret key", "sk_test_1234567890");
/// assert!(sentinels.find("status 200, request req_1").is_empty());
/// assert_eq!(sentinels.find("Authorization: Basic c2tfdGVzdF8xMjM0NTY3ODkwOg=="), ["secret key (base64)"]);
/// ```
#[derive(Clone, Default)]
pub struct Sentinels {
    values: Vec<(String, String)>,
}

/// Shorter values turn up by chance.
const SHORT: usize = 6;

impl Sentinels {
    /// Nothing to look for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for this value too.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.add(name, value);
        self
    }

    /// Looks for this value too. An empty value is ignored.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() && !self.values.iter().any(|(_, known)| *known == value) {
            self.values.push((name.into(), value));
        }
    }

    /// How many values it looks for.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What of them stands in the text: names and encodings, never the values.
    pub fn find(&self, text: &str) -> Vec<String> {
        let lower = text.to_ascii_lowercase();
        let mut found = Vec::new();
        for (name, value) in &self.values {
            if value.len() < SHORT {
                if stands_alone(text, value) {
                    found.push(format!("{name} (clear)"));
                }
                continue;
            }
            let hit = forms(value).into_iter().find(|(_, form, case)| match case {
                Case::Matters => text.contains(form.as_str()),
                Case::Ignored => lower.contains(&form.to_ascii_lowercase()),
            });
            if let Some((encoding, ..)) = hit {
                found.push(format!("{name} ({encoding})"));
            }
        }
        found
    }

    /// Fails the test when a value stands in the text.
    ///
    /// # Panics
    /// Naming what was found, in which encoding; never the value, never the text.
    #[track_caller]
    pub fn assert_clean(&self, text: &str) {
        let found = self.find(text);
        assert!(found.is_empty(), "secrets in the output: {}", found.join(", "));
    }

    /// The text with every value replaced by its name in braces.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.values {
            let name = format!("{{{name}}}");
            for (_, form, _) in forms(value) {
                text = text.replace(&form, &name);
            }
        }
        text
    }
}

impl fmt::Debug for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values.iter().map(|(name, _)| name)).finish()
    }
}

#[derive(Clone, Copy)]
enum Case {
    Matters,
    Ignored,
}

/// Every spelling of a value, the plain one first.
fn forms(value: &str) -> Vec<(&'static str, String, Case)> {
    let json = serde_json::to_string(value).unwrap_or_default();
    let percent = value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    });
    let hex = value.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let mut forms = vec![
        ("clear", value.to_owned(), Case::Matters),
        ("json", json.trim_matches('"').to_owned(), Case::Matters),
        ("percent", percent, Case::Ignored),
        ("form", url::form_urlencoded::byte_serialize(value.as_bytes()).collect(), Case::Ignored),
        ("hex", hex, Case::Ignored),
    ];
    for offset in 0..3 {
        // The characters at either end also hold bits of what stands beside the value.
        let shifted: Vec<u8> = std::iter::repeat_n(0, offset).chain(value.bytes()).collect();
        let lead = [0, 2, 3].get(offset).copied().unwrap_or_default();
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            let end = text.len() - usize::from(!shifted.len().is_multiple_of(3));
            forms.push(("base64", text.get(lead..end).unwrap_or_default().to_owned(), Case::Matters));
        }
    }
    forms.retain(|(_, form, _)| form.len() >= SHORT.min(value.len()));
    forms
}

fn stands_alone(text: &str, value: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "._:-+".contains(c));
    text.match_indices(value).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + value.len()..).and_then(|text| text.chars().next());
        !joins(before) && !joins(after)
    })
}

/// Collects every span, field and event of this thread until it is dropped.
///
/// The subscriber belongs to the thread: keep to a current-thread runtime, as `#[tokio::test]` has, or wrap the future
/// in [`Capture::watch`], which follows it to other threads.
pub fn capture() -> Capture {
    let text = Arc::new(Mutex::new(String::new()));
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(Collect { text: Arc::clone(&text) }));
    let guard = tracing::dispatcher::set_default(&dispatch);
    Capture { text, dispatch, _guard: guard }
}

/// What [`capture`] collects.
#[must_use = "it collects until it is dropped"]
pub struct Capture {
    text: Arc<Mutex<String>>,
    dispatch: Dispatch,
    _guard: DefaultGuard,
}

impl Capture {
    /// Everything so far: a line a span, a late field or an event.
    pub fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs a future so that its spans and events are collected whichever thread it runs on.
    pub async fn watch<F: Future>(&self, future: F) -> F::Output {
        future.with_subscriber(self.dispatch.clone()).await
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").finish_non_exhaustive()
    }
}

struct Collect {
    text: Arc<Mutex<String>>,
}

impl Collect {
    fn line(&self, what: &str, name: &str, visit: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(format!("{what} {name}"));
        visit(&mut fields);
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(&fields.0);
        text.push('\n');
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        // In the clear as well as escaped, so that no form of a value hides behind another.
        let _ = write!(self.0, " {}={value} {value:?}", field.name());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.0, " {}={}", field.name(), chain(value));
    }
}

impl<S: Subscriber> Layer<S> for Collect {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.line("span", attributes.metadata().name(), |fields| attributes.record(fields));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.line("record", "", |fields| values.record(fields));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.line("event", event.metadata().target(), |fields| event.record(fields));
    }
}

/// An error and all its causes, each as `Display` and as `Debug` writes it: what a careless log line would show.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut next = error.source();
    while let Some(error) = next {
        let _ = write!(text, "{error}\n{error:?}\n");
        next = error.source();
    }
    text
}
