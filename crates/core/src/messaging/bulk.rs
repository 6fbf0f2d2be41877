//! Many messages, a few at a time.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::Sending;
use crate::error::{Effect, Error, Result};

/// Stops a bulk send: nothing new is begun, and what is under way is waited for.
#[derive(Debug, Clone, Default)]
pub struct StopSignal(Arc<AtomicBool>);

impl StopSignal {
    /// A signal that nobody has given.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was given.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What came of one message of many.
#[derive(Debug)]
#[non_exhaustive]
pub enum BulkEnd {
    /// The vendor answered.
    Sent(Sending),
    /// It failed, and nothing was sent.
    NotSent(Error),
    /// Its answer was lost: settle it before anything else.
    Unknown(Error),
    /// It was not begun, since the send was stopped.
    NotBegun,
}

/// What came of each message, in the order in which they were given.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct BulkReport {
    /// One end a message.
    pub ends: Vec<BulkEnd>,
}

impl BulkReport {
    /// How many the vendor took.
    pub fn accepted(&self) -> usize {
        let taken = |end: &&BulkEnd| matches!(end, BulkEnd::Sent(Sending::Accepted(_)));
        self.ends.iter().filter(taken).count()
    }

    /// The places of those whose answer was lost.
    pub fn unknown(&self) -> impl Iterator<Item = usize> + '_ {
        let lost = |(place, end): (usize, &BulkEnd)| matches!(end, BulkEnd::Unknown(_)).then_some(place);
        self.ends.iter().enumerate().filter_map(lost)
    }
}

/// Sends messages, so many at a time. Each goes through `send`, and so through the connection's rate limit, its gate and its
/// store; one that fails does not stop the others.
///
/// Dropping the future stops what is under way in the middle: the store keeps those as unsettled. To stop without that,
/// give the signal.
///
/// ```
/// # use std::num::NonZeroUsize;
/// # use turnbuckle_core::messaging::{BulkReport, SmsMessage, SmsSender, StopSignal, bulk};
/// # async fn all(sender: &dyn SmsSender, messages: Vec<SmsMessage>, few: NonZeroUsize) -> BulkReport {
/// bulk(messages, few, &StopSignal::new(), |message| async move { sender.send(&message).await }).await
/// # }
/// ```
pub async fn bulk<M, F: Future<Output = Result<Sending>>>(
    messages: impl IntoIterator<Item = M>,
    at_a_time: NonZeroUsize,
    stop: &StopSignal,
    // A plain closure: the future of one that is async itself cannot be spawned on a runtime of several threads.
    send: impl Fn(M) -> F,
) -> BulkReport {
    let mut waiting = messages.into_iter().enumerate();
    let mut report = BulkReport::default();
    let mut under_way = FuturesUnordered::new();
    let begin = |(place, message): (usize, M)| {
        let call = send(message);
        async move { (place, call.await) }
    };
    loop {
        while under_way.len() < at_a_time.get() && !stop.is_stopped() {
            let Some(next) = waiting.next() else { break };
            report.ends.push(BulkEnd::NotBegun);
            under_way.push(begin(next));
        }
        let Some((place, result)) = under_way.next().await else { break };
        let end = match result {
            Ok(sending) => BulkEnd::Sent(sending),
            Err(error) if error.effect() == Effect::None => BulkEnd::NotSent(error),
            Err(error) => BulkEnd::Unknown(error),
        };
        if let Some(slot) = report.ends.get_mut(place) {
            *slot = end;
        }
    }
    report.ends.extend(waiting.map(|_| BulkEnd::NotBegun));
    report
}
