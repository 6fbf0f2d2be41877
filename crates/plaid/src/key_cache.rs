//! The keys that pushes are signed with: asked for once, remembered for a while, and never asked for without end.
//!
//! The key id stands in the unsigned part of a token, so anybody can make one up. Hence the bounds: one question at a time
//! per id, few questions a minute about ids that are not known, and a memory of those that do not exist.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures_channel::oneshot;
use turnbuckle_core::webhook::{KeyLabel, P256PublicKey, Reason, VerifyingKey};
use turnbuckle_core::{Clock, Environment, Error, ErrorKind, Result};

use crate::{Plaid, WebhookKey};

/// A key is asked for again after this time, since it may have been ended meanwhile.
const RECHECK: Duration = Duration::from_secs(60 * 60);
/// An id that Plaid did not know is not asked for again for this long.
const UNKNOWN: Duration = Duration::from_secs(5 * 60);
/// An ended key stays ended.
const ENDED: Duration = Duration::from_secs(24 * 60 * 60);
/// Questions about ids that are not known, within a minute.
const QUESTIONS: usize = 20;
const MINUTE: Duration = Duration::from_secs(60);
/// Ids that are remembered, good or not. Plaid signs with very few at a time.
const ENTRIES: usize = 256;
/// Pushes that wait for one answer.
const WAITING: usize = 1024;
/// How long they wait: a little longer than the question may take.
const PATIENCE: Duration = Duration::from_secs(9);

type Id = (Environment, String);

/// The keys of one integration, shared by its connections.
pub(crate) struct KeyCache {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<Id, Entry>,
    /// When ids that were not known were asked for, the oldest first.
    questions: VecDeque<Duration>,
}

enum Entry {
    Good {
        key: VerifyingKey,
        checked_at: Duration,
    },
    Refused {
        until: Duration,
    },
    /// Somebody asks; the others wait.
    Asking {
        waiting: Vec<oneshot::Sender<Answer>>,
    },
}

/// What came of a question.
#[derive(Clone)]
enum Answer {
    Good(VerifyingKey),
    Refused(Duration),
    Failed(ErrorKind),
}

enum Step {
    Have(VerifyingKey),
    Refused,
    Busy,
    Wait(oneshot::Receiver<Answer>),
    Ask,
}

impl KeyCache {
    pub(crate) fn new() -> Self {
        Self { inner: Mutex::default() }
    }

    /// The key of this id.
    ///
    /// # Errors
    /// [`Reason::UnknownKey`] for an id that Plaid does not know and for a key that has ended;
    /// [`Unavailable`](ErrorKind::Unavailable) when too many unknown ids came; the error of the call when Plaid could not
    /// be asked.
    pub(crate) async fn key(self: &Arc<Self>, client: &Plaid, kid: &KeyLabel) -> Result<VerifyingKey> {
        let clock = client.http().clock();
        let id = (client.environment(), kid.as_str().to_owned());
        loop {
            match self.step(&id, clock.monotonic()) {
                Step::Have(key) => return Ok(key),
                Step::Refused => return Err(Reason::UnknownKey.error()),
                Step::Busy => {
                    return Err(Error::new(
                        ErrorKind::Unavailable,
                        "too many pushes with unknown key ids: try again later",
                    )
                    .with_retry_after(MINUTE));
                }
                Step::Wait(answer) => match wait(answer, &**clock).await {
                    Some(Ok(answer)) => return answer.into_result(),
                    // Whoever asked was dropped before the answer.
                    Some(Err(oneshot::Canceled)) => {}
                    None => return Answer::Failed(ErrorKind::Timeout).into_result(),
                },
                Step::Ask => {
                    let question = Question { cache: Arc::clone(self), id: id.clone(), open: true };
                    return question.ask(client, &**clock, kid).await;
                }
            }
        }
    }

    fn step(&self, id: &Id, now: Duration) -> Step {
        let mut inner = self.lock();
        let recheck = match inner.entries.get_mut(id) {
            Some(Entry::Good { key, checked_at }) => {
                if now.saturating_sub(*checked_at) < RECHECK {
                    return Step::Have(key.clone());
                }
                true
            }
            Some(Entry::Refused { until }) => {
                if now < *until {
                    return Step::Refused;
                }
                false
            }
            Some(Entry::Asking { waiting }) => {
                if waiting.len() >= WAITING {
                    return Step::Busy;
                }
                let (answer, receiver) = oneshot::channel();
                waiting.push(answer);
                return Step::Wait(receiver);
            }
            None => false,
        };
        if !recheck && !inner.may_ask(now) {
            return Step::Busy;
        }
        inner.make_room(id, now);
        inner.entries.insert(id.clone(), Entry::Asking { waiting: Vec::new() });
        Step::Ask
    }

    fn settle(&self, id: &Id, answer: Option<&Answer>, now: Duration) {
        let waiting = {
            let mut inner = self.lock();
            let before = match answer {
                Some(Answer::Good(key)) => {
                    let entry = Entry::Good { key: key.clone(), checked_at: now };
                    inner.entries.insert(id.clone(), entry)
                }
                Some(Answer::Refused(time)) => {
                    inner.entries.insert(id.clone(), Entry::Refused { until: now.saturating_add(*time) })
                }
                Some(Answer::Failed(_)) | None => inner.entries.remove(id),
            };
            match before {
                Some(Entry::Asking { waiting }) => waiting,
                _ => Vec::new(),
            }
        };
        // Without an answer the senders are dropped, and whoever waits asks anew.
        if let Some(answer) = answer {
            for waiter in waiting {
                // A waiter that is gone needs no answer.
                let _ = waiter.send(answer.clone());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether one more unknown id may be asked for now; counts it.
    fn may_ask(&mut self, now: Duration) -> bool {
        while self.questions.front().is_some_and(|asked| now.saturating_sub(*asked) >= MINUTE) {
            self.questions.pop_front();
        }
        if self.questions.len() >= QUESTIONS {
            return false;
        }
        self.questions.push_back(now);
        true
    }

    /// Forgets what is over, and then refused ids before keys: a flood of made-up ids must not push the real key out.
    fn make_room(&mut self, wanted: &Id, now: Duration) {
        if self.entries.len() < ENTRIES || self.entries.contains_key(wanted) {
            return;
        }
        self.entries.retain(|_, entry| !matches!(entry, Entry::Refused { until } if *until <= now));
        if self.entries.len() < ENTRIES {
            return;
        }
        let age = |entry: &Entry| match entry {
            Entry::Refused { until } => Some((0, *until)),
            Entry::Good { checked_at, .. } => Some((1, *checked_at)),
            Entry::Asking { .. } => None,
        };
        let aged = self.entries.iter().filter_map(|(id, entry)| Some((age(entry)?, id)));
        let oldest = aged.min_by_key(|(age, _)| *age).map(|(_, id)| id.clone());
        if let Some(id) = oldest {
            self.entries.remove(&id);
        }
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache").field("entries", &self.lock().entries.len()).finish_non_exhaustive()
    }
}

/// Waits for an answer to somebody else's question; `None` when it takes too long.
async fn wait(
    answer: oneshot::Receiver<Answer>,
    clock: &dyn Clock,
) -> Option<Result<Answer, oneshot::Canceled>> {
    let mut answer = pin!(answer);
    let mut alarm = pin!(clock.sleep(PATIENCE));
    poll_fn(|context| {
        if let Poll::Ready(answer) = answer.as_mut().poll(context) {
            return Poll::Ready(Some(answer));
        }
        alarm.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// One question under way. Dropped without an answer, it lets the next one ask.
struct Question {
    cache: Arc<KeyCache>,
    id: Id,
    open: bool,
}

impl Question {
    async fn ask(mut self, client: &Plaid, clock: &dyn Clock, kid: &KeyLabel) -> Result<VerifyingKey> {
        let (answer, error) = match client.webhook_keys().get(kid.as_str()).await {
            Ok(info) => (judge(&info.key, kid), None),
            // Plaid says that there is no such key, or that this cannot be the id of one.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidRequest) => {
                (Answer::Refused(UNKNOWN), None)
            }
            Err(error) => (Answer::Failed(error.kind()), Some(error)),
        };
        self.open = false;
        self.cache.settle(&self.id, Some(&answer), clock.monotonic());
        match error {
            Some(error) => Err(error),
            None => answer.into_result(),
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if self.open {
            self.cache.settle(&self.id, None, Duration::ZERO);
        }
    }
}

impl Answer {
    fn into_result(self) -> Result<VerifyingKey> {
        match self {
            Self::Good(key) => Ok(key),
            Self::Refused(_) => Err(Reason::UnknownKey.error()),
            Self::Failed(kind) => Err(Error::new(kind, "the key of the push could not be asked for")),
        }
    }
}

/// A key is good when it is the one that was asked for, of the one kind that we take, and has no end.
fn judge(key: &WebhookKey, kid: &KeyLabel) -> Answer {
    let fits = key.alg == "ES256" && key.crv == "P-256" && key.kty == "EC" && key.key_use == "sig";
    if key.kid != kid.as_str() || !fits {
        return Answer::Failed(ErrorKind::InvalidResponse);
    }
    if key.expired_at.is_some() {
        return Answer::Refused(ENDED);
    }
    match P256PublicKey::from_jwk_coordinates(&key.x, &key.y) {
        Ok(point) => Answer::Good(VerifyingKey::new(kid.clone(), point)),
        Err(_) => Answer::Failed(ErrorKind::InvalidResponse),
    }
}
