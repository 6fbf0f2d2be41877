//! `transHashSha2`: the vendor's proof that an answer's transaction and amount are its own.

use secrecy::SecretString;
use turnbuckle_core::webhook::{MacAlgorithm, MacKey, MacTag, TagEncoding};
use turnbuckle_core::{Error, ErrorKind, FieldError, Result};

use crate::wire::Decimal;

/// Checks `transHashSha2`: HMAC-SHA-512 over `^login^transId^amount^`, under the signature key decoded from its
/// hexadecimal digits, written in hexadecimal.
///
/// The same key signs webhooks, but as text: see [`AuthorizeNetWebhooks`](crate::AuthorizeNetWebhooks). Many answers
/// carry an empty hash; there is nothing to check then.
///
/// ```
/// use turnbuckle_authnet::TransHashKey;
///
/// let key = TransHashKey::new(&"0123456789ABCDEF".repeat(8).into())?;
/// let hash = concat!(
///     "D654C96DFD305215FE1C0143945B458982D1072563EA8033791B787EF78C7C5C",
///     "B6B82838700BF7B47AEBDE201FF9A4621446B2005F7472C114CBF0842E1475FA",
/// );
/// assert!(key.matches("APILOGIN", "60123456789", "20.00", hash));
/// assert!(!key.matches("APILOGIN", "60123456789", "20.01", hash));
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TransHashKey(MacKey);

impl TransHashKey {
    /// The signature key as the merchant interface shows it: hexadecimal digits.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) naming `signatureKey`.
    pub fn new(signature_key: &SecretString) -> Result<Self> {
        MacKey::hex("current", signature_key).map(Self).map_err(|_| {
            Error::new(ErrorKind::InvalidConfig, "the signature key cannot be used")
                .with_fields(vec![FieldError::new("signatureKey", "is not hexadecimal digits")])
        })
    }

    /// Whether the hash belongs to this transaction and amount. `amount` is text with two decimals. Takes the same time
    /// whatever the hash is.
    pub fn matches(&self, login: &str, trans_id: &str, amount: &str, hash: &str) -> bool {
        let Ok(claimed) = MacTag::parse(MacAlgorithm::HmacSha512, TagEncoding::HexAny, hash) else {
            return false;
        };
        let parts = ["^", login, "^", trans_id, "^", amount, "^"];
        MacAlgorithm::HmacSha512.tag(&self.0, parts.iter().map(|part| part.as_bytes())).matches(&claimed)
    }

    pub(crate) fn fits(&self, login: &str, trans_id: &str, amount: &Decimal, hash: &str) -> bool {
        self.matches(login, trans_id, amount.as_str(), hash)
    }
}
