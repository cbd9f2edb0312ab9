//! Many blocks together: sixteen side by side where the processor has registers for it, else one after the other.
//!
//! The product of two words is put together from products of their halves, which a processor with AVX-512 makes
//! for eight words in one instruction: a block takes half the time. The words are the same, bit for bit.

use super::{MULTIPLIER, ROUNDS, WEYL, philox};

/// Blocks made together.
pub const WIDTH: usize = 16;

/// The first word of each counter or block, the second of each, ...
type Row = [u64; WIDTH];

/// The blocks at sixteen counters under a key.
#[inline]
pub fn philox_wide(counters: [&Row; 4], key: [u64; 2], words: [&mut Row; 4]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
        #[allow(
            unsafe_code,
            reason = "half of the time of every block, and the instructions are known to be there"
        )]
        // SAFETY: the function needs nothing but the two features that were just found.
        return unsafe { side_by_side(counters, key, words) };
    }
    one_after_the_other(counters, key, words);
}

fn one_after_the_other(counters: [&Row; 4], key: [u64; 2], words: [&mut Row; 4]) {
    let [first, second, third, fourth] = words;
    for position in 0..WIDTH {
        let block = philox(counters.map(|counter| counter[position]), key);
        [first[position], second[position], third[position], fourth[position]] = block;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn side_by_side(counters: [&Row; 4], key: [u64; 2], words: [&mut Row; 4]) {
    by_halves(counters, key, words);
}

/// A plain loop, written so that the compiler puts eight words into a register where it has such.
#[allow(clippy::inline_always, reason = "the caller's instructions are what it is written for")]
#[inline(always)]
fn by_halves(counters: [&Row; 4], mut key: [u64; 2], words: [&mut Row; 4]) {
    let [mut c0, mut c1, mut c2, mut c3] = counters.map(|row| *row);
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        for i in 0..WIDTH {
            let (even_high, even_low) = product(c0[i], MULTIPLIER[0]);
            let (odd_high, odd_low) = product(c2[i], MULTIPLIER[1]);
            (c0[i], c1[i]) = (odd_high ^ c1[i] ^ key[0], odd_low);
            (c2[i], c3[i]) = (even_high ^ c3[i] ^ key[1], even_low);
        }
    }
    for (row, made) in words.into_iter().zip([c0, c1, c2, c3]) {
        *row = made;
    }
}

/// The high and the low word of a product, from products of halves; nothing here can overflow but on purpose.
#[allow(clippy::inline_always, reason = "as its caller")]
#[inline(always)]
fn product(a: u64, b: u64) -> (u64, u64) {
    const LOW: u64 = 0xFFFF_FFFF;
    let (a0, a1, b0, b1) = (a & LOW, a >> 32, b & LOW, b >> 32);
    let lowest = a0.wrapping_mul(b0);
    let middle = a1.wrapping_mul(b0).wrapping_add(lowest >> 32);
    let carried = a0.wrapping_mul(b1).wrapping_add(middle & LOW);
    let high = a1.wrapping_mul(b1).wrapping_add(middle >> 32).wrapping_add(carried >> 32);
    (high, carried << 32 | lowest & LOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rows = [Row; 4];

    /// By what this processor uses, by halves whatever it is, and alone.
    fn all_ways(counters: &Rows, key: [u64; 2]) -> [Rows; 3] {
        let mut made = [[[0; WIDTH]; 4]; 3];
        philox_wide(counters.each_ref(), key, made[0].each_mut());
        by_halves(counters.each_ref(), key, made[1].each_mut());
        one_after_the_other(counters.each_ref(), key, made[2].each_mut());
        made
    }

    #[test]
    fn blocks_made_together_are_the_blocks_made_alone() {
        for seed in 0..200 {
            let blocks: [_; WIDTH] = std::array::from_fn(|i| philox([i as u64, seed, 0, 0], [1, 2]));
            let counters = std::array::from_fn(|word| blocks.map(|block| block[word]));
            let [first, second, ..] = philox([seed; 4], [5, 6]);
            let [together, halves, alone] = all_ways(&counters, [first, second]);
            assert!(together == alone && halves == alone, "seed {seed}");
        }
        let edges = [[u64::MAX; WIDTH], [0; WIDTH], [u64::MAX; WIDTH], [1 << 63; WIDTH]];
        let [together, halves, alone] = all_ways(&edges, [u64::MAX; 2]);
        assert!(together == alone && halves == alone);
    }
}
