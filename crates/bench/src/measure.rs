//! Measuring two things at the same time.

use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode};

use crate::samples::{Sample, medians};
use crate::{Budget, Row, table};

/// Samples of each pair.
const SAMPLES: usize = 100;

/// Runs pairs under criterion and collects the table.
///
/// The two sides of a pair take turns in blocks of a few calls, and every other turn the second side begins. Both see
/// the same machine: its clock rate, its caches, its other tenants. The median is taken over the turns, each of which is
/// short, so that being interrupted in some of them does not count.
pub struct Budgets {
    criterion: Criterion,
    rows: Vec<Row>,
}

impl Budgets {
    /// Reads criterion's options from the command line; a filter picks operations by name.
    pub fn from_args() -> Self {
        let criterion = Criterion::default()
            .without_plots()
            .sample_size(SAMPLES)
            .warm_up_time(Duration::from_secs(1))
            .measurement_time(Duration::from_secs(3))
            .configure_from_args();
        Self { criterion, rows: Vec::new() }
    }

    /// Measures an operation beside its counterpart, in blocks of so many calls. Each side makes the number of calls
    /// that it is given and says how long they took: see [`timed`] and [`timed_with`].
    pub fn pair(
        &mut self,
        operation: &str,
        counterpart: &str,
        budget: Budget,
        block: u64,
        ours: impl FnMut(u64) -> Duration,
        bare: impl FnMut(u64) -> Duration,
    ) {
        if let Some((median, its)) = self.measure(operation, block, ours, bare) {
            let counterpart = Some((counterpart.to_owned(), its));
            self.rows.push(Row { operation: operation.to_owned(), median, counterpart, budget });
        }
    }

    /// Measures an operation that has no counterpart.
    pub fn alone(&mut self, operation: &str, block: u64, ours: impl FnMut(u64) -> Duration) {
        if let Some((median, _)) = self.measure(operation, block, ours, |_| Duration::ZERO) {
            let operation = operation.to_owned();
            self.rows.push(Row { operation, median, counterpart: None, budget: Budget::Open });
        }
    }

    /// Prints the table and writes it to a file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self, file: &Path) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let text = table(&self.rows);
        println!("\n{text}\nwritten to {}", file.display());
        std::fs::write(file, text)
    }

    /// Medians of both sides in nanoseconds; `None` when a filter left the operation out, or criterion only tries it.
    fn measure(
        &mut self,
        operation: &str,
        block: u64,
        mut ours: impl FnMut(u64) -> Duration,
        mut bare: impl FnMut(u64) -> Duration,
    ) -> Option<(f64, f64)> {
        let mut runs = Vec::new();
        let mut group = self.criterion.benchmark_group("budgets");
        // Every sample the same number of calls: a median over samples then weighs them alike.
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(operation, |bencher| {
            bencher.iter_custom(|calls| {
                let (samples, ours) = alternate(calls, block, &mut ours, &mut bare);
                runs.push(samples);
                ours
            });
        });
        group.finish();
        // What came before criterion's own samples was warming up.
        let measured = runs.get(runs.len().checked_sub(SAMPLES)?..)?;
        medians(&measured.concat())
    }
}

/// Every turn of both sides, and how long our side took in all.
fn alternate(
    calls: u64,
    block: u64,
    ours: &mut impl FnMut(u64) -> Duration,
    bare: &mut impl FnMut(u64) -> Duration,
) -> (Vec<Sample>, Duration) {
    let (mut samples, mut total) = (Vec::new(), Duration::ZERO);
    let mut left = calls;
    while left > 0 {
        let now = left.min(block);
        let (our_time, bare_time) = if samples.len() % 2 == 0 {
            let first = ours(now);
            (first, bare(now))
        } else {
            let first = bare(now);
            (ours(now), first)
        };
        total += our_time;
        samples.push(Sample { ours: per_call(our_time, now), bare: per_call(bare_time, now) });
        left -= now;
    }
    (samples, total)
}

#[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds far below 2^52")]
fn per_call(time: Duration, calls: u64) -> f64 {
    time.as_nanos() as f64 / calls as f64
}

/// How long so many calls take.
pub fn timed<T>(calls: u64, mut call: impl FnMut() -> T) -> Duration {
    clocked(|| {
        for _ in 0..calls {
            black_box(call());
        }
    })
}

/// How long so many calls take, without the time to make what each of them consumes.
pub fn timed_with<I, T>(calls: u64, make: impl FnMut() -> I, mut call: impl FnMut(I) -> T) -> Duration {
    let inputs: Vec<I> = std::iter::repeat_with(make).take(usize::try_from(calls).unwrap_or(0)).collect();
    clocked(|| {
        for input in inputs {
            black_box(call(input));
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that measures, and no part of the library")]
fn clocked(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
