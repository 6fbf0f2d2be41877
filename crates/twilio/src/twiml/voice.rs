//! Instructions for calls.

use std::fmt;

use turnbuckle_core::Result;
use url::Url;

use super::xml::Element;

/// What happens in a call, one thing after the other. `Debug` shows how many.
#[derive(Clone)]
pub struct VoiceResponse {
    root: Element,
}

impl VoiceResponse {
    /// Hangs up at once.
    pub fn new() -> Self {
        Self { root: Element::new("Response") }
    }

    fn then(mut self, element: Element) -> Self {
        self.root = self.root.child(element);
        self
    }

    /// Speaks a text.
    pub fn with_say(self, say: Say) -> Self {
        self.then(say.element())
    }

    /// Plays a recording.
    pub fn with_play(self, url: &Url) -> Self {
        self.then(Element::new("Play").text(url.as_str()))
    }

    /// Waits for so many seconds.
    pub fn with_pause(self, seconds: u32) -> Self {
        self.then(Element::new("Pause").attribute("length", Some(seconds.to_string())))
    }

    /// Collects digits.
    pub fn with_gather(self, gather: Gather) -> Self {
        self.then(gather.element())
    }

    /// Connects to somebody else.
    pub fn with_dial(self, dial: Dial) -> Self {
        self.then(dial.element())
    }

    /// Goes on with what another address answers.
    pub fn with_redirect(self, url: &Url) -> Self {
        self.then(Element::new("Redirect").text(url.as_str()))
    }

    /// Refuses a call that comes in, unbilled. Only as the first instruction.
    pub fn with_reject(self) -> Self {
        self.then(Element::new("Reject"))
    }

    /// Ends the call.
    pub fn with_hangup(self) -> Self {
        self.then(Element::new("Hangup"))
    }

    /// The document, to be answered as [`CONTENT_TYPE`](super::CONTENT_TYPE).
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming the element or attribute, when a text holds
    /// a control character, which XML cannot.
    pub fn to_xml(&self) -> Result<String> {
        self.root.document()
    }
}

impl Default for VoiceResponse {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for VoiceResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoiceResponse").field("elements", &self.root.children.len()).finish_non_exhaustive()
    }
}

/// A text to speak. `Debug` leaves the text out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Say {
    /// The text. Markup in it is spoken, not obeyed.
    pub text: String,
    /// The voice, for example `alice` or `Polly.Joanna`.
    pub voice: Option<String>,
    /// The language, for example `en-US`.
    pub language: Option<String>,
    /// How often; zero repeats until the call ends.
    pub times: Option<u32>,
}

impl Say {
    /// A text in Twilio's default voice, once.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), voice: None, language: None, times: None }
    }

    /// Sets [`voice`](Self::voice).
    pub fn with_voice(mut self, voice: impl Into<String>) -> Self {
        self.voice = Some(voice.into());
        self
    }

    /// Sets [`language`](Self::language).
    pub fn with_language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets [`times`](Self::times).
    pub fn with_times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn element(self) -> Element {
        Element::new("Say")
            .attribute("voice", self.voice)
            .attribute("language", self.language)
            .attribute("loop", self.times.map(|times| times.to_string()))
            .text(self.text)
    }
}

impl fmt::Debug for Say {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Say")
            .field("voice", &self.voice)
            .field("language", &self.language)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

/// Digits to collect. Twilio sends them to `action` and goes on with what it answers; without any digit it goes on with
/// the instruction behind this one. `Debug` leaves the address out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Gather {
    /// Where the digits are sent; the address that gave these instructions, by default.
    pub action: Option<Url>,
    /// How many digits end it.
    pub digits: Option<u32>,
    /// Seconds of silence that end it.
    pub timeout: Option<u32>,
    /// The key that ends it; `#` by default.
    pub finish_on_key: Option<String>,
    /// What is spoken meanwhile.
    pub prompt: Option<Say>,
}

impl Gather {
    /// Collects digits with Twilio's defaults.
    pub fn new() -> Self {
        Self { action: None, digits: None, timeout: None, finish_on_key: None, prompt: None }
    }

    /// Sets [`action`](Self::action).
    pub fn with_action(mut self, url: Url) -> Self {
        self.action = Some(url);
        self
    }

    /// Sets [`digits`](Self::digits).
    pub fn with_digits(mut self, digits: u32) -> Self {
        self.digits = Some(digits);
        self
    }

    /// Sets [`timeout`](Self::timeout).
    pub fn with_timeout(mut self, seconds: u32) -> Self {
        self.timeout = Some(seconds);
        self
    }

    /// Sets [`finish_on_key`](Self::finish_on_key).
    pub fn with_finish_on_key(mut self, key: impl Into<String>) -> Self {
        self.finish_on_key = Some(key.into());
        self
    }

    /// Sets [`prompt`](Self::prompt).
    pub fn with_prompt(mut self, say: Say) -> Self {
        self.prompt = Some(say);
        self
    }

    fn element(self) -> Element {
        let element = Element::new("Gather")
            .attribute("action", self.action.map(String::from))
            .attribute("numDigits", self.digits.map(|digits| digits.to_string()))
            .attribute("timeout", self.timeout.map(|seconds| seconds.to_string()))
            .attribute("finishOnKey", self.finish_on_key);
        match self.prompt {
            Some(say) => element.child(say.element()),
            None => element,
        }
    }
}

impl fmt::Debug for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("digits", &self.digits)
            .field("timeout", &self.timeout)
            .field("prompt", &self.prompt)
            .finish_non_exhaustive()
    }
}

impl Default for Gather {
    fn default() -> Self {
        Self::new()
    }
}

/// Somebody to connect to. `Debug` leaves the number out.
#[derive(Clone)]
#[non_exhaustive]
pub struct Dial {
    /// The number, `+` and digits.
    pub number: String,
    /// What they see; the caller's number by default.
    pub caller_id: Option<String>,
    /// Seconds that it rings.
    pub timeout: Option<u32>,
    /// What Twilio asks when the connection ends.
    pub action: Option<Url>,
}

impl Dial {
    /// Connects to a number with Twilio's defaults.
    pub fn new(number: impl Into<String>) -> Self {
        Self { number: number.into(), caller_id: None, timeout: None, action: None }
    }

    /// Sets [`caller_id`](Self::caller_id).
    pub fn with_caller_id(mut self, number: impl Into<String>) -> Self {
        self.caller_id = Some(number.into());
        self
    }

    /// Sets [`timeout`](Self::timeout).
    pub fn with_timeout(mut self, seconds: u32) -> Self {
        self.timeout = Some(seconds);
        self
    }

    /// Sets [`action`](Self::action).
    pub fn with_action(mut self, url: Url) -> Self {
        self.action = Some(url);
        self
    }

    fn element(self) -> Element {
        Element::new("Dial")
            .attribute("callerId", self.caller_id)
            .attribute("timeout", self.timeout.map(|seconds| seconds.to_string()))
            .attribute("action", self.action.map(String::from))
            .child(Element::new("Number").text(self.number))
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dial").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}
