//! What Turnbuckle costs, measured beside what it is made of.
//!
//! `cargo bench -p turnbuckle-bench` runs every [pair](Budgets::pair) and prints one table. How it measures, and the
//! figures, stand in `docs/performance.md`.

mod budget;
pub mod material;
mod measure;
pub mod samples;
mod table;

pub use budget::Budget;

pub use measure::{Budgets, timed, timed_with};
pub use table::{Row, table};
