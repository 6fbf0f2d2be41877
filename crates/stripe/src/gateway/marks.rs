//! What the gateway writes into an object's metadata, so that a lost answer can be found again.

use std::collections::BTreeMap;

use turnbuckle_core::payment::{MerchantReference, PaymentOperation, WireKey};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

/// The wire key of the attempt that made the object.
pub const WIRE_KEY: &str = "turnbuckle_wire_key";
/// The merchant's reference.
pub const REFERENCE: &str = "turnbuckle_reference";
/// What made the payment: `purchase` or `authorize`.
pub const OPERATION: &str = "turnbuckle_operation";
/// The wire key of the capture. It joins the others when the capture happens, and not before.
pub const CAPTURE_KEY: &str = "turnbuckle_capture_key";

/// Every name above begins so; the host's own names must not.
const PREFIX: &str = "turnbuckle_";

/// Stripe's limits: entries, characters of a name, characters of a value.
const MAX_ENTRIES: usize = 50;
const MAX_NAME: usize = 40;
const MAX_VALUE: usize = 500;

/// The most marks that one object ever carries: those of a payment that was authorized and captured.
const MOST_MARKS: usize = 4;

/// Metadata as Stripe keeps it.
pub(super) type Metadata = BTreeMap<String, String>;

/// The marks of an attempt beside the host's own metadata.
///
/// # Errors
/// As [`check`].
pub(super) fn metadata(
    host: &Metadata,
    operation: PaymentOperation,
    key: &WireKey,
    reference: Option<&MerchantReference>,
) -> Result<Metadata> {
    check(host)?;
    let mut metadata = host.clone();
    if operation == PaymentOperation::Capture {
        metadata.insert(CAPTURE_KEY.to_owned(), key.as_str().to_owned());
    } else {
        metadata.insert(WIRE_KEY.to_owned(), key.as_str().to_owned());
        metadata.insert(OPERATION.to_owned(), operation.as_str().to_owned());
    }
    if let Some(reference) = reference {
        metadata.insert(REFERENCE.to_owned(), reference.as_str().to_owned());
    }
    Ok(metadata)
}

/// Checks the host's own metadata against Stripe's limits, with room left for the marks.
///
/// # Errors
/// [`InvalidRequest`](ErrorKind::InvalidRequest) naming `metadata`, never one of its names or values.
pub(super) fn check(host: &Metadata) -> Result<()> {
    let problems = problems(host);
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "the metadata does not fit Stripe's limits")
        .with_fields(problems))
}

/// What stands against sending the host's metadata.
pub(super) fn problems(host: &Metadata) -> Vec<FieldError> {
    let rules: [(bool, &'static str); 5] = [
        (
            host.len() > MAX_ENTRIES - MOST_MARKS,
            "has more than 46 entries: Stripe keeps 50, and four are ours",
        ),
        (
            host.keys()
                .any(|name| name.is_empty() || name.chars().count() > MAX_NAME || name.contains(['[', ']'])),
            "has a name that is empty, longer than 40 characters, or has square brackets",
        ),
        (host.keys().any(|name| name.starts_with(PREFIX)), "has a name that begins with `turnbuckle_`"),
        (
            host.values().any(|value| value.chars().count() > MAX_VALUE),
            "has a value longer than 500 characters",
        ),
        (host.values().any(String::is_empty), "has an empty value, which Stripe takes for a deletion"),
    ];
    let broken = rules.into_iter().filter(|(broken, _)| *broken);
    broken.map(|(_, problem)| FieldError::new("metadata", problem)).collect()
}

/// The wire key under this name, where there is a whole one.
pub(super) fn wire_key(metadata: &Metadata, name: &str) -> Option<WireKey> {
    WireKey::try_from(metadata.get(name)?.clone()).ok()
}

/// The merchant's reference, where there is one.
pub(super) fn reference(metadata: &Metadata) -> Option<MerchantReference> {
    MerchantReference::new(metadata.get(REFERENCE)?.clone()).ok()
}

/// Whether the mark under this name is this key.
pub(super) fn carries(metadata: &Metadata, name: &str, key: &WireKey) -> bool {
    metadata.get(name).is_some_and(|mark| mark == key.as_str())
}
