//! How much more than its counterpart an operation may cost.

use std::fmt;

/// How much an operation may cost, given what its counterpart costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// None: the figure is only of interest.
    Open,
    /// At most this many times the counterpart.
    Times(f64),
    /// At most this many times the counterpart, and so many nanoseconds more.
    TimesPlus(f64, f64),
    /// At most so many nanoseconds, whatever the counterpart takes.
    Within(f64),
    /// The counterpart must take at least this many times as long.
    Faster(f64),
}

impl Budget {
    /// The most it may cost, in the unit of the counterpart. `None` without a budget.
    pub fn limit(self, counterpart: f64) -> Option<f64> {
        match self {
            Self::Open => None,
            Self::Times(times) => Some(counterpart * times),
            Self::TimesPlus(times, more) => Some(counterpart * times + more),
            Self::Within(most) => Some(most),
            Self::Faster(times) => Some(counterpart / times),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("none"),
            Self::Times(times) => write!(f, "{times} ×"),
            Self::TimesPlus(times, more) => write!(f, "{times} × + {} µs", more / 1e3),
            Self::Within(most) => write!(f, "{} µs", most / 1e3),
            Self::Faster(times) => write!(f, "1/{times} ×"),
        }
    }
}
