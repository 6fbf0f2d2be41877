//! TwiML: what a webhook answers Twilio with.
//!
//! Answer with status 200 and [`CONTENT_TYPE`]; anything else is Twilio's error 12300. A callback that only tells
//! something is answered with nothing to do: [`MessagingResponse::new`] as it is.
//!
//! ```
//! use turnbuckle_twilio::twiml::MessagingResponse;
//!
//! let reply = MessagingResponse::new().with_text("Boards & more: <3");
//! assert_eq!(
//!     reply.to_xml()?,
//!     r#"<?xml version="1.0" encoding="UTF-8"?><Response><Message>Boards &amp; more: &lt;3</Message></Response>"#
//! );
//! # Ok::<(), turnbuckle_core::Error>(())
//! ```

mod messaging;
mod voice;
mod xml;

pub use messaging::{MessagingResponse, ReplyMessage};
pub use voice::{Dial, Gather, Say, VoiceResponse};

/// The media type of an answer.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
