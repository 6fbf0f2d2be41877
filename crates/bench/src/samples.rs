//! Time per call out of the samples of a pair.

/// Both sides of a pair over the same stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Nanoseconds a call.
    pub ours: f64,
    /// Nanoseconds a call of the counterpart; 0 without one.
    pub bare: f64,
}

/// The medians of the last `count` samples, ours and the counterpart's: those before were warming up. `None` when there
/// are not so many.
pub fn medians(samples: &[Sample], count: usize) -> Option<(f64, f64)> {
    let measured = samples.get(samples.len().checked_sub(count)?..)?;
    let ours = median(measured.iter().map(|sample| sample.ours).collect())?;
    let bare = median(measured.iter().map(|sample| sample.bare).collect())?;
    Some((ours, bare))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(upper, *values.get(middle - 1)?)) }
}
