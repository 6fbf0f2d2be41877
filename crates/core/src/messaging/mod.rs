//! Text messages and email: sent once, by consent, and followed until they arrive.
//!
//! - [`SmsSender`] and [`EmailSender`] are what a host calls, behind `dyn`.
//! - [`Sending`] says what came of it. An accepted message is under way, not delivered.
//! - No vendor of messages keeps idempotency keys. A [`DedupStore`] does: what is unsettled blocks a second send under its
//!   key, until an event or a lookup settles it, or the caller releases it.
//! - A [`ConsentGate`] is asked before each send.
//! - [`Delivery`] folds what the vendor tells, in whatever order it arrives.

#[cfg(feature = "bulk")]
mod bulk;
mod checked;
mod checked_email;
mod checked_sms;
mod consent;
mod dedup;
mod delivery;
mod email;
mod memory;
mod message;
mod sms;

#[cfg(feature = "bulk")]
pub use bulk::{BulkEnd, BulkReport, StopSignal, bulk};
pub use checked_email::CheckedEmail;
pub use checked_sms::CheckedSms;
pub use consent::{Consent, ConsentGate, TransactionalOnly};
pub use dedup::{Begun, DedupRecord, DedupStore, MessageAttempt, MessageEnd};
pub use delivery::{Delivery, DeliveryNews, DeliveryReason, DeliveryState};
pub use email::{Attachment, EmailBody, EmailFeature, EmailFeatures, EmailMessage, EmailSender, Mailbox};
pub use memory::MemoryDedupStore;
pub use message::{
    Accepted, Channel, MessageClass, MessageRef, PhoneNumber, Refusal, Sending, Template, Unsubscribe,
};
pub use sms::{Sender, SmsBody, SmsFeature, SmsFeatures, SmsMessage, SmsSender};
