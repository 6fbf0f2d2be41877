//! The id by which Payflow recognizes a request that comes again.

use std::fmt;

use turnbuckle_core::payment::WireKey;
use turnbuckle_core::{Error, Random, Result};

/// What stands in `X-VPS-REQUEST-ID`.
///
/// Payflow answers a request whose id it knows with the first answer and `DUPLICATE=1`, and **ignores what is in it**. So
/// every operation needs an id of its own, and a repetition needs the same one. Ids belong to one merchant and are kept for
/// at least 30 days; they are meant for repetitions within hours.
/// See <https://developer.paypal.com/docs/payflow/integration-guide/header-parameters/>.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// Longest id in characters.
    pub const MAX_LEN: usize = 32;

    /// An id of 1 to 32 printable ASCII characters, none of them a space.
    ///
    /// # Errors
    /// [`InvalidRequest`](turnbuckle_core::ErrorKind::InvalidRequest) naming `request_id`.
    pub fn new(id: impl Into<String>) -> Result<Self> {
        let id = id.into();
        if (1..=Self::MAX_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(id));
        }
        Err(Error::invalid_field("request_id", "must be 1 to 32 printable ASCII characters"))
    }

    /// An id that no other request has, for a request that may not be answered from memory: an inquiry.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn random(random: &dyn Random) -> Result<Self> {
        let mut bytes = [0; 16];
        random.fill(&mut bytes)?;
        Ok(Self(format!("{:032x}", u128::from_be_bytes(bytes))))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&WireKey> for RequestId {
    fn from(key: &WireKey) -> Self {
        Self(key.as_str().to_owned())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({})", self.0)
    }
}
