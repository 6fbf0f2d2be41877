//! The arithmetic under the table. Nothing here measures time.

use turnbuckle_bench::samples::{Sample, medians};
use turnbuckle_bench::{Budget, Row, table};

fn row(median: f64, counterpart: f64, budget: Budget) -> Row {
    Row { operation: "a call".into(), median, counterpart: Some(("bare".into(), counterpart)), budget }
}

#[test]
fn a_budget_holds_up_to_its_limit_and_not_beyond() {
    for (budget, limit) in [
        (Budget::Times(1.5), 1_500.0),
        (Budget::TimesPlus(2.0, 500.0), 2_500.0),
        (Budget::Faster(4.0), 250.0),
    ] {
        assert_eq!(row(limit, 1_000.0, budget).holds(), Some(true), "{budget}");
        assert_eq!(row(limit + 1.0, 1_000.0, budget).holds(), Some(false), "{budget}");
    }
    assert_eq!(row(9e9, 1.0, Budget::Open).holds(), None);
}

#[test]
fn the_table_says_what_is_over() {
    let alone = Row { operation: "alone".into(), median: 2e6, counterpart: None, budget: Budget::Open };
    let rows =
        [row(1_090.0, 1_000.0, Budget::Times(1.1)), row(900.0, 300.0, Budget::TimesPlus(2.0, 200.0)), alone];
    let text = table(&rows);
    let lines: Vec<_> = text.lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "| a call | 1.09 µs | bare | 1.00 µs | 1.09 | 1.1 × | yes |",
            "| a call | 900 ns | bare | 300 ns | 3.00 | 2 × + 0.2 µs | **no** |",
            "| alone | 2000.00 µs | 500 a second |  |  |  |  |",
        ]
    );
}

#[test]
fn a_median_belongs_to_its_own_side() {
    let sample = |ours, bare| Sample { ours, bare };
    let samples = [sample(3.0, 30.0), sample(1.0, 10.0), sample(2.0, 40.0), sample(900.0, 20.0)];
    assert_eq!(medians(&samples), Some((2.5, 25.0)));
    assert_eq!(medians(&samples[..3]), Some((2.0, 30.0)));
    assert_eq!(medians(&[]), None);
}
