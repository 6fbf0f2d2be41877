//! What a connection remembers between calls.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::budget::RetryBudget;
use super::limiter::{RateLimit, RateLimiter};

/// What a connection remembers between calls: rate limit, retry budget, and what its adapter keeps (key caches).
///
/// The host keeps one in an `Arc` for each integration. A host that connects anew for each request must hand in the same
/// one, or every request starts with a full budget and an idle rate limit. Integrations that share one slow each other
/// down; tenants should not.
#[derive(Default)]
pub struct ConnectionState {
    limiter: Option<RateLimiter>,
    budget: RetryBudget,
    slots: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl ConnectionState {
    /// No rate limit, a full retry budget, nothing kept.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the rate limit, which has rested.
    pub fn with_rate_limit(mut self, limit: RateLimit) -> Self {
        self.limiter = Some(RateLimiter::new(limit));
        self
    }

    /// Replaces the retry budget.
    pub fn with_retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// The rate limiter, where there is a limit.
    pub fn limiter(&self) -> Option<&RateLimiter> {
        self.limiter.as_ref()
    }

    /// The retry budget.
    pub fn budget(&self) -> &RetryBudget {
        &self.budget
    }

    /// The one value of this type, made when it is first asked for. An adapter uses a private type of its own, so that
    /// nobody else finds it. When two ask at once, both may run `init`, and both get the same value.
    pub fn slot<T: Any + Send + Sync>(&self, init: impl FnOnce() -> T) -> Arc<T> {
        let kept = self.slots().get(&TypeId::of::<T>()).cloned();
        // `init` runs without the lock: it may take long, or ask for a slot itself.
        let slot = kept.unwrap_or_else(|| {
            let fresh: Arc<dyn Any + Send + Sync> = Arc::new(init());
            Arc::clone(self.slots().entry(TypeId::of::<T>()).or_insert(fresh))
        });
        match slot.downcast() {
            Ok(slot) => slot,
            Err(_) => unreachable!("a slot is filed under the type of its value"),
        }
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<TypeId, Arc<dyn Any + Send + Sync>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionState")
            .field("limiter", &self.limiter)
            .field("budget", &self.budget)
            .field("slots", &self.slots().len())
            .finish_non_exhaustive()
    }
}
