//! Many blocks together: sixteen side by side where the processor has registers for it, else one after the other.
//!
//! The product of two words is put together from products of their halves, which a processor with AVX-512 makes
//! for eight words in one instruction: a block takes half the time. The words are the same, bit for bit.

use super::{MULTIPLIER, ROUNDS, WEYL, philox};

/// Blocks made together.
pub const WIDTH: usize = 16;

/// The first word of each counter or block, the second of each, ...
type Row = [u64; WIDTH];

/// Blocks of sixteen members in one world, each at a block number of its own: counters `[block, 0, world, member]`.
#[inline]
pub fn philox_wide(blocks: &Row, world: u64, members: &Row, key: [u64; 2], words: [&mut Row; 4]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
        #[allow(
            unsafe_code,
            reason = "half of the time of every block, and the instructions are known to be there"
        )]
        // SAFETY: the function needs nothing but the two features that were just found.
        return unsafe { side_by_side(blocks, world, members, key, words) };
    }
    one_after_the_other(blocks, world, members, key, words);
}

fn one_after_the_other(blocks: &Row, world: u64, members: &Row, key: [u64; 2], words: [&mut Row; 4]) {
    let [first, second, third, fourth] = words;
    for position in 0..WIDTH {
        let block = philox([blocks[position], 0, world, members[position]], key);
        [first[position], second[position], third[position], fourth[position]] = block;
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn side_by_side(blocks: &Row, world: u64, members: &Row, key: [u64; 2], words: [&mut Row; 4]) {
    by_halves(blocks, world, members, key, words);
}

/// Plain loops, written so that the compiler puts eight words into a register where it has such.
///
/// All blocks are of one world, so that the first product with it is the same for all, and the product with what comes
/// of it in the second round too: of twenty products of a block eighteen are its own.
#[allow(clippy::inline_always, reason = "the caller's instructions are what it is written for")]
#[inline(always)]
fn by_halves(blocks: &Row, world: u64, members: &Row, mut key: [u64; 2], words: [&mut Row; 4]) {
    let [mut c0, mut c1, mut c2, mut c3] = [[0; WIDTH]; 4];
    let (world_high, world_low) = product(world, MULTIPLIER[1]);
    let (same_high, same_low) = product(world_high ^ key[0], MULTIPLIER[0]);
    for i in 0..WIDTH {
        let (even_high, even_low) = product(blocks[i], MULTIPLIER[0]);
        (c2[i], c3[i]) = (even_high ^ members[i] ^ key[1], even_low);
    }
    key = next(key);
    for i in 0..WIDTH {
        let (odd_high, odd_low) = product(c2[i], MULTIPLIER[1]);
        (c0[i], c1[i]) = (odd_high ^ world_low ^ key[0], odd_low);
        (c2[i], c3[i]) = (same_high ^ c3[i] ^ key[1], same_low);
    }
    for _ in 2..ROUNDS {
        key = next(key);
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

/// The key of the next round.
#[allow(clippy::inline_always, reason = "as its caller")]
#[inline(always)]
fn next(key: [u64; 2]) -> [u64; 2] {
    [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])]
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
    fn all_ways(blocks: &Row, world: u64, members: &Row, key: [u64; 2]) -> [Rows; 3] {
        let mut made = [[[0; WIDTH]; 4]; 3];
        philox_wide(blocks, world, members, key, made[0].each_mut());
        by_halves(blocks, world, members, key, made[1].each_mut());
        one_after_the_other(blocks, world, members, key, made[2].each_mut());
        made
    }

    #[test]
    fn blocks_made_together_are_the_blocks_made_alone() {
        for seed in 0..200 {
            let drawn: [_; WIDTH] = std::array::from_fn(|i| philox([i as u64, seed, 0, 0], [1, 2]));
            let [blocks, members] = [0, 1].map(|word| drawn.map(|block| block[word]));
            let [first, second, world, _] = philox([seed; 4], [5, 6]);
            let [together, halves, alone] = all_ways(&blocks, world, &members, [first, second]);
            assert!(together == alone && halves == alone, "seed {seed}");
        }
        let edges = [[u64::MAX; WIDTH], [0; WIDTH], [1 << 63; WIDTH]];
        for (blocks, members) in
            edges.iter().flat_map(|blocks| edges.iter().map(move |other| (blocks, other)))
        {
            for world in [0, 1, u64::MAX] {
                let [together, halves, alone] = all_ways(blocks, world, members, [u64::MAX; 2]);
                assert!(together == alone && halves == alone);
            }
        }
    }
}
