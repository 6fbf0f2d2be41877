//! Dropping a future half way.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs a future for so many polls at most, then drops it and returns `None`. With a limit of 0 it is never polled.
///
/// ```
/// use turnbuckle_testkit::fault::DropAfterPolls;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let work = || async { tokio::task::yield_now().await; 7 };
/// assert_eq!(DropAfterPolls::new(work(), 1).await, None);
/// assert_eq!(DropAfterPolls::new(work(), 9).await, Some(7));
/// # });
/// ```
#[must_use = "futures do nothing unless awaited"]
pub struct DropAfterPolls<F> {
    future: Option<Pin<Box<F>>>,
    left: usize,
}

impl<F> DropAfterPolls<F> {
    /// Lets the future run for so many polls.
    pub fn new(future: F, polls: usize) -> Self {
        Self { future: Some(Box::pin(future)), left: polls }
    }
}

impl<F> std::fmt::Debug for DropAfterPolls<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DropAfterPolls").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<F: Future> Future for DropAfterPolls<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.left == 0 {
            self.future = None;
        }
        self.left = self.left.saturating_sub(1);
        let Some(future) = self.future.as_mut() else { return Poll::Ready(None) };
        match future.as_mut().poll(context) {
            Poll::Ready(output) => {
                self.future = None;
                Poll::Ready(Some(output))
            }
            Poll::Pending => {
                if self.left == 0 {
                    // Nothing else may ever wake it: the drop comes at once.
                    self.future = None;
                    return Poll::Ready(None);
                }
                Poll::Pending
            }
        }
    }
}

/// Lets others run, once. Needs no runtime, and is a point at which a future can be dropped.
pub(crate) async fn give_way() {
    let mut given = false;
    poll_fn(|context| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
