//! Incoming webhooks: nothing in a push can be read before its signature has been checked.
//!
//! A push arrives as a [`RawWebhook`], which has no way to look inside the body. One of the checks ([`verify_mac`],
//! [`verify_ecdsa`], [`verify_jwt`]) takes it whole and makes a [`Proof`] that owns the very bytes that were signed.
//! Only a proof can be decoded, into a [`Verified`] value, and handlers ask for that. There is no check that is off, no
//! boolean to forget and no default secret.
//!
//! What the signature was worth travels with the value as [`Freshness`]. A [`ReplayGuard`] keeps an event from being
//! handled twice, and [`guard_for`] refuses a guard that forgets where the scheme signs no time. Refused pushes are
//! [`ErrorKind::SignatureInvalid`](crate::ErrorKind::SignatureInvalid) with a [`Reason`] as their code: answer 401 with
//! an empty body.
//!
//! ```
//! use bytes::Bytes;
//! use chrono::DateTime;
//! use secrecy::SecretString;
//! use turnbuckle_core::webhook::{
//!     KeySet, MacAlgorithm, MacKey, MacTags, Part, RawWebhook, SignatureHeader, SignedContent, SignedTime,
//!     TagEncoding, TimeRule, verify_mac,
//! };
//!
//! # fn main() -> turnbuckle_core::Result<()> {
//! // Configured once: the shared secret, under a name that may be logged.
//! let keys = KeySet::new(MacKey::text("current", &SecretString::from("whsec_test_vector_not_real"))?);
//!
//! // What the web framework hands over, and the address that the sender was given.
//! let request = http::Request::post("/hooks")
//!     .header("x-signature", "t=1700000000,v1=27931f13808376c9470fab19d036659994f5009e3bb3f4cc189b83c7f8a673fa")
//!     .body(Bytes::from(r#"{"name":"Zoë"}"#))
//!     .expect("a valid request");
//! let raw = RawWebhook::new(request, "https://shop.example/hooks")?;
//!
//! // This sender signs `<t>.<body>` with HMAC-SHA256 and may send several tags.
//! let header = SignatureHeader::parse(raw.header("x-signature")?, ',', '=')?;
//! let tags = MacTags::parse(MacAlgorithm::HmacSha256, TagEncoding::HexLower, header.all("v1"))?;
//! let time = header.single("t")?;
//! let content = SignedContent::new([Part::Text(time), Part::Text("."), Part::Body])
//!     .with_time(SignedTime::unix_seconds(time, TimeRule::default())?);
//!
//! let now = DateTime::from_timestamp(1_700_000_010, 0).expect("a valid time");
//! let event = verify_mac(&raw, &content, &tags, &keys, now)?.decode_json::<serde_json::Value>()?;
//! assert_eq!(event.get()["name"], "Zoë");
//! # Ok(())
//! # }
//! ```

mod content;
#[cfg(feature = "ecdsa")]
mod ecdsa;
mod event;
mod form;
mod header;
#[cfg(feature = "ecdsa")]
mod jwt;
mod keyset;
mod mac;
mod memory;
mod proof;
mod raw;
mod reason;
mod replay;

pub use content::{Part, SignedContent, SignedTime, TimeRule};
#[cfg(feature = "ecdsa")]
pub use ecdsa::{EcdsaEncoding, EcdsaSignature, P256PublicKey, PublicKeySet, VerifyingKey, verify_ecdsa};
pub use event::{
    DisputeEvent, EmailEvent, Event, EventKind, ItemEvent, MessageEvent, PaymentEvent, PayoutEvent,
    RawObject, RefundEvent, SetupEvent, SubscriptionEvent, TransactionsEvent, WebhookReceiver,
};
pub use form::form_pairs;
pub use header::SignatureHeader;
#[cfg(feature = "ecdsa")]
pub use jwt::{JwtClaims, JwtRule, UnverifiedJwt, verify_jwt};
pub use keyset::{KeyLabel, KeySet, MacKey};
pub use mac::{MacAlgorithm, MacTag, MacTags, TagEncoding, verify_mac};
pub use memory::MemoryReplayGuard;
pub use proof::{Freshness, Proof, Verified};
pub use raw::RawWebhook;
pub use reason::Reason;
pub use replay::{
    CheckedGuard, Claim, ClaimToken, FreshnessClass, ReplayGuard, ReplayKey, Retention, guard_for,
};
