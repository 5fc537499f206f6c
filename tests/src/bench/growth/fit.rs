//! Whether a cost grows with the logarithm of the log, or faster.

/// Costs at several sizes, held against a + b·log2(n).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fit {
    /// Sizes between which it was measured.
    pub sizes: (u64, u64),
    /// Costs at both.
    pub costs: (f64, f64),
    /// What is added at each doubling, by least squares.
    pub each_doubling: f64,
    /// The cost at size 1, by the same line.
    pub at_one: f64,
    /// Share of the variation that the line explains.
    pub explained: f64,
}

impl Fit {
    /// The line through these, `None` for fewer than two sizes.
    pub fn of(points: &[(u64, f64)]) -> Option<Self> {
        let (first, last) = (points.first()?, points.last().filter(|_| points.len() > 1)?);
        let count = points.len() as f64;
        let flat: Vec<(f64, f64)> = points.iter().map(|(size, cost)| ((*size as f64).log2(), *cost)).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| flat.iter().map(of).sum::<f64>() / count;
        let (mean_size, mean_cost) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = flat.iter().map(|(size, _)| (size - mean_size).powi(2)).sum();
        let common: f64 = flat.iter().map(|(size, cost)| (size - mean_size) * (cost - mean_cost)).sum();
        let total: f64 = flat.iter().map(|(_, cost)| (cost - mean_cost).powi(2)).sum();
        let each_doubling = common / spread;
        let explained = if total > 0.0 { common * each_doubling / total } else { 1.0 };
        let at_one = mean_cost - each_doubling * mean_size;
        Some(Self { sizes: (first.0, last.0), costs: (first.1, last.1), each_doubling, at_one, explained })
    }

    /// The cost at the last size in times of that at the first.
    pub fn growth(&self) -> f64 {
        self.costs.1 / self.costs.0
    }

    /// The same of the logarithms of the sizes: what a cost in proportion to the logarithm would have.
    pub fn logarithm(&self) -> f64 {
        (self.sizes.1 as f64).log2() / (self.sizes.0 as f64).log2()
    }
}

#[cfg(test)]
mod tests {
    use super::Fit;

    #[test]
    fn a_logarithm_is_known_and_so_is_what_grows_faster() {
        let sizes = [10_000_u64, 100_000, 1_000_000, 10_000_000];
        let of = |cost: fn(f64) -> f64| Fit::of(&sizes.map(|size| (size, cost(size as f64)))).unwrap();
        let logarithmic = of(|size| 3.0 + 2.0 * size.log2());
        assert!((logarithmic.each_doubling - 2.0).abs() < 1e-9 && (logarithmic.at_one - 3.0).abs() < 1e-9);
        assert!(logarithmic.explained > 0.999 && logarithmic.growth() < logarithmic.logarithm());
        assert!((logarithmic.logarithm() - 1.75).abs() < 1e-9);
        let linear = of(|size| size);
        assert!(linear.explained < 0.8 && linear.growth() > 100.0 * linear.logarithm());
        assert!((of(|_| 5.0).growth() - 1.0).abs() < 1e-9);
        assert!(Fit::of(&[(10_000, 1.0)]).is_none() && Fit::of(&[]).is_none());
    }
}
