//! Numbers that look random and come again with the same seed.

/// A small generator (splitmix64): the same seed gives the same faults.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Ready to draw; two seeds that differ give unrelated draws.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// A second generator, unrelated to this one and to those of other names.
    pub fn fork(&self, name: u64) -> Self {
        let mut next = Chance(self.0 ^ name.wrapping_mul(0xd6e8_feb8_6659_fd93));
        Chance(next.draw())
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.draw() % (high.saturating_sub(low) + 1)
    }

    /// That many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.draw().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn one_seed_one_story() {
        let (mut one, mut same, mut other) = (Chance::new(7), Chance::new(7), Chance::new(8));
        assert_eq!(one.bytes(100), same.bytes(100));
        assert_ne!(one.bytes(100), other.bytes(100));
        assert_ne!(Chance::new(7).fork(1).draw(), Chance::new(7).fork(2).draw());
        assert!((0..1000).map(|_| one.between(3, 5)).all(|n| (3..=5).contains(&n)));
    }
}
