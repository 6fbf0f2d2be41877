//! Ids in the vendors' style, the same for the same seed and the same order of calls.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// SplitMix64: small, seedable, and nothing here is a secret.
#[derive(Debug)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn letters(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| {
                let pick = usize::try_from(self.next() % 62).unwrap_or_default();
                char::from(ALPHABET.get(pick).copied().unwrap_or(b'0'))
            })
            .collect()
    }

    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from_digit((self.next() % 10) as u32, 10).unwrap_or('0')).collect()
    }

    /// A number below the bound, which must not be 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or_default()
    }

    pub(crate) fn hex(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from_digit((self.next() % 16) as u32, 16).unwrap_or('0')).collect()
    }

    /// The form of a random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let parts = [
            self.hex(8),
            self.hex(4),
            format!("4{}", self.hex(3)),
            format!("a{}", self.hex(3)),
            self.hex(12),
        ];
        parts.join("-")
    }

    /// `pi` gives `pi_3` and 23 letters and digits.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_3{}", self.letters(23))
    }
}
