//! What every answer begins or ends with: a result code and messages.

use std::fmt;

use serde::Deserialize;

use crate::wire::{list, text};

/// The result of a request. Of transactions it says nothing: a decline is `Ok` here, and only the response code of the
/// transaction decides.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Messages {
    /// `Ok` or `Error`.
    #[serde(default, deserialize_with = "text")]
    pub result_code: Option<String>,
    /// At least one message.
    #[serde(default, deserialize_with = "list")]
    pub message: Vec<Message>,
}

impl Messages {
    /// Whether the request was taken.
    pub fn is_ok(&self) -> bool {
        self.result_code.as_deref() == Some("Ok")
    }

    /// The first message's code, for example `I00001`.
    pub fn code(&self) -> Option<&str> {
        self.message.first().and_then(|message| message.code.as_deref())
    }

    /// Whether one of the messages has this code.
    pub fn has(&self, code: &str) -> bool {
        self.message.iter().any(|message| message.code.as_deref() == Some(code))
    }
}

/// One message. Its text may quote what was sent, so `Debug` shows the code only.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// For example `E00007`.
    #[serde(default, deserialize_with = "text")]
    pub code: Option<String>,
    /// The vendor's wording: for the merchant's eyes.
    #[serde(default, alias = "description", deserialize_with = "text")]
    pub text: Option<String>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("code", &self.code).finish_non_exhaustive()
    }
}

/// What every answer has, whatever it is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    #[serde(default, deserialize_with = "text")]
    pub(crate) ref_id: Option<String>,
    pub(crate) messages: Messages,
}
