//! Every budget, in one table.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark that cannot run must stop")]

mod envelope;
mod loopback;
mod plaid;
mod policy;
mod sale;
mod stripe_call;
mod webhook;

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use turnbuckle_bench::{Budgets, timed};

fn main() {
    let mut budgets = Budgets::from_args();
    stripe_call::measure(&mut budgets);
    webhook::measure(&mut budgets);
    envelope::measure(&mut budgets);
    policy::measure(&mut budgets);
    sale::measure(&mut budgets);
    plaid::measure(&mut budgets);
    budgets.finish(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("budgets.md")).expect("a file to write");
}

/// One thread, so that no call waits for another thread to be woken.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// How long so many calls take, one after the other.
fn timed_on<T>(runtime: &Runtime, calls: u64, call: impl AsyncFn() -> T) -> Duration {
    timed(1, || {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(call().await);
            }
        });
    })
}
