//! Medians, because a busy machine has outliers in one direction only.

/// The middle value, or the mean of the two in the middle.
///
/// # Panics
/// Without a value.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "a median needs a value");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

/// The value that this share of all values, in percent, does not exceed.
///
/// # Panics
/// Without a value.
#[must_use]
pub fn percentile(values: &[f64], percent: f64) -> f64 {
    assert!(!values.is_empty(), "a percentile needs a value");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The smallest and the greatest value.
#[must_use]
pub fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}

/// `these[i] / those[i]`, round by round.
#[must_use]
pub fn ratios(these: &[f64], those: &[f64]) -> Vec<f64> {
    these.iter().zip(those).map(|(a, b)| a / b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_odd_and_even_counts() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
    }

    #[test]
    fn percentiles_are_values() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        for (percent, want) in [(0.0, 1.0), (50.0, 10.0), (95.0, 19.0), (95.1, 20.0), (100.0, 20.0)]
        {
            assert_eq!(percentile(&values, percent), want, "{percent}");
        }
    }

    #[test]
    fn range_and_ratios() {
        assert_eq!(range(&[3.0, 1.0, 2.0]), (1.0, 3.0));
        assert_eq!(ratios(&[2.0, 9.0], &[1.0, 3.0]), [2.0, 3.0]);
    }
}
