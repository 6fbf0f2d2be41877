//! The retry budget: how much extra traffic an outage may cause.

use std::sync::{Mutex, PoisonError};

use super::transport::TransportErrorKind;

/// Tokens that pay for sending again, shared by all calls of a connection.
///
/// It starts full. A second attempt costs [`RETRY_COST`](Self::RETRY_COST), after a timeout
/// [`TIMEOUT_COST`](Self::TIMEOUT_COST), and every success gives one token back. When it is empty, first attempts still
/// go out, and nothing is sent again: a long outage costs at most a hundred extra requests, not twice the traffic.
#[derive(Debug)]
pub struct RetryBudget {
    capacity: u32,
    tokens: Mutex<u32>,
}

impl RetryBudget {
    /// Tokens of a full budget unless another size is asked for.
    pub const DEFAULT_CAPACITY: u32 = 500;
    /// Tokens that one more attempt costs.
    pub const RETRY_COST: u32 = 5;
    /// Tokens that one more attempt costs after a timeout.
    pub const TIMEOUT_COST: u32 = 10;

    /// A full budget of this many tokens. Zero never allows a second attempt.
    pub const fn new(capacity: u32) -> Self {
        Self { capacity, tokens: Mutex::new(capacity) }
    }

    /// Tokens that are left.
    pub fn tokens(&self) -> u32 {
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pays for one more attempt after this failure, or after a failed answer. Takes nothing when it cannot pay all.
    pub(crate) fn try_spend(&self, after: Option<TransportErrorKind>) -> bool {
        let cost =
            if after == Some(TransportErrorKind::Timeout) { Self::TIMEOUT_COST } else { Self::RETRY_COST };
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match tokens.checked_sub(cost) {
            Some(rest) => {
                *tokens = rest;
                true
            }
            None => false,
        }
    }

    /// Gives one token back after a success.
    pub(crate) fn refund(&self) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.saturating_add(1).min(self.capacity);
    }
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(Self::DEFAULT_CAPACITY)
    }
}
