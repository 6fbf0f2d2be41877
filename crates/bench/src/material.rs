//! What is measured with: the same bytes for everybody.

use std::fmt::Write as _;

/// A payment, as Stripe answers it.
pub const PAYMENT_INTENT: &str = include_str!("../data/payment_intent.json");

/// A `payment_intent.succeeded` event of 1.4 kB.
pub const EVENT: &str = include_str!("../data/event.json");

/// When the event was signed, in seconds since 1970.
pub const SIGNED_AT: i64 = 1_760_000_002;

/// The secret that it was signed with.
pub const WEBHOOK_SECRET: &str = "whsec_benchmark_not_a_real_secret_0000";

/// The `stripe-signature` header of a tag.
pub fn signature_header(tag: &[u8]) -> String {
    let mut header = format!("t={SIGNED_AT},v1=");
    for byte in tag {
        // Writing to a string does not fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}
