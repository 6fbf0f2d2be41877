//! The numbers that behave as documented under test credentials, and nowhere else.
//!
//! Test credentials are an account SID and auth token of their own. They send nothing, call nobody and push nothing; they
//! know messages, calls and phone numbers only, and no messaging service. Everything else answers 20008.
//! See <https://www.twilio.com/docs/iam/test-credentials>.

/// As the sender: works.
pub const FROM_VALID: &str = "+15005550006";
/// As the sender: no such number (21212).
pub const FROM_INVALID: &str = "+15005550001";
/// As the sender: not the account's, or without text messages (21606). Any other number does the same.
pub const FROM_NOT_OWNED: &str = "+15005550007";
/// As the sender: its queue is full (21611).
pub const FROM_QUEUE_FULL: &str = "+15005550008";

/// As the recipient: no such number (21211).
pub const TO_INVALID: &str = "+15005550001";
/// As the recipient: no way there (21612).
pub const TO_UNROUTABLE: &str = "+15005550002";
/// As the recipient: a country that the account may not write to (21408).
pub const TO_FORBIDDEN_COUNTRY: &str = "+15005550003";
/// As the recipient: answered STOP (21610).
pub const TO_UNSUBSCRIBED: &str = "+15005550004";
/// As the recipient: cannot take text messages (21614).
pub const TO_NOT_MOBILE: &str = "+15005550009";

/// As a number to be had: gone (21422).
pub const BUY_UNAVAILABLE: &str = "+15005550000";
/// As a number to be had: works.
pub const BUY_AVAILABLE: &str = "+15005550006";
