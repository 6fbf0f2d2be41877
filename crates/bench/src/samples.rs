//! Time per call out of the turns of a pair.

/// One turn of a pair: both sides, one right after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Nanoseconds a call.
    pub ours: f64,
    /// Nanoseconds a call of the counterpart; 0 without one.
    pub bare: f64,
}

/// The medians over all samples, ours and the counterpart's. `None` when there is no sample.
pub fn medians(samples: &[Sample]) -> Option<(f64, f64)> {
    let ours = median(samples.iter().map(|sample| sample.ours).collect())?;
    let bare = median(samples.iter().map(|sample| sample.bare).collect())?;
    Some((ours, bare))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(upper, *values.get(middle - 1)?)) }
}
