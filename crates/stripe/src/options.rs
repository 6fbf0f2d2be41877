//! What a single call may add to its parameters.

use std::fmt;

/// Options of one call: idempotency key, connected account, objects to expand.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOptions {
    /// `Idempotency-Key` of a POST: 1 to 255 printable ASCII characters, without secrets. Stripe keeps a key and the
    /// answer to it for at least 24 hours.
    ///
    /// Without one, each call gets a fresh random key, which covers the attempts of that call and nothing else: a call
    /// that is made again after an unknown outcome needs the key of the first.
    pub idempotency_key: Option<String>,
    /// `Stripe-Account`: the connected account (`acct_...`) that the call acts for.
    pub account: Option<String>,
    /// Objects to send in full instead of their ids, for example `latest_charge`.
    pub expand: Vec<String>,
}

impl CallOptions {
    /// Nothing added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the idempotency key.
    pub fn with_idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Acts for a connected account.
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Asks for one more object in full. In lists the path begins with `data.`.
    pub fn with_expand(mut self, path: impl Into<String>) -> Self {
        self.expand.push(path.into());
        self
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("has_idempotency_key", &self.idempotency_key.is_some())
            .field("account", &self.account)
            .field("expand", &self.expand)
            .finish_non_exhaustive()
    }
}
