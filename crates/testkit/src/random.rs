//! Randomness that repeats itself.

use std::sync::atomic::{AtomicU64, Ordering};

use turnbuckle_core::{Random, Result};

/// The same bytes for the same seed, on every machine. Its `Debug` shows the seed, so that a failing test says how to
/// repeat it. Never for keys.
///
/// ```
/// use turnbuckle_core::Random;
/// use turnbuckle_testkit::SeededRandom;
///
/// let (mut one, mut two) = ([0; 16], [0; 16]);
/// SeededRandom::new(7).fill(&mut one)?;
/// SeededRandom::new(7).fill(&mut two)?;
/// assert_eq!(one, two);
/// # Ok::<(), turnbuckle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// A sequence that begins anew.
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The next 64 bits: SplitMix64, whose n-th word follows from seed and n alone.
    pub fn next_u64(&self) -> u64 {
        let n = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut word = self.seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        for chunk in buffer.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.iter_mut().zip(word).for_each(|(byte, drawn)| *byte = drawn);
        }
        Ok(())
    }
}
