//! The months of a service's events: digits of random words in a base of as many as the member has months.
//!
//! A uniform word, read as a fraction and written in base 12, has digits that are independent and uniform months.
//! Eight are taken of each word, so that a block gives 32 months; the least even of them is within 12^8 / 2^64 =
//! 2e-11 of uniform. The events of one block of prices find their months at the same digit of four words.

use crate::population::{MONTHS, MemberYear};
use crate::rng::Block;

/// Digits taken of a word: as many blocks of prices share a block of months.
pub const DIGITS: u32 = 8;

/// By number of months and of digit: what shifts the digit before the point, the months to that power.
const SHIFT: [[u64; DIGITS as usize]; MONTHS + 1] = {
    let mut shift = [[1; DIGITS as usize]; MONTHS + 1];
    let mut months = 0;
    while months <= MONTHS {
        let mut digit = 1;
        while digit < DIGITS as usize {
            shift[months][digit] = shift[months][digit - 1] * months as u64;
            digit += 1;
        }
        months += 1;
    }
    shift
};

/// The months, from 0, at a digit of each of four words.
#[inline]
#[must_use]
pub fn months_of(words: Block, digit: u32, member: &MemberYear) -> [usize; 4] {
    let shift = SHIFT[usize::from(member.months) % SHIFT.len()][(digit % DIGITS) as usize];
    words.map(|word| {
        let fraction = u128::from(word.wrapping_mul(shift));
        usize::from(member.first_month) + ((fraction * u128::from(member.months)) >> 64) as usize
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(first_month: u8, months: u8) -> MemberYear {
        MemberYear { exposed_risk: 1.0, first_month, months, ..MemberYear::default() }
    }

    #[test]
    fn the_last_word_falls_in_the_last_enrolled_month() {
        for months in 1..=12 {
            for digit in [0, 1, 7] {
                assert_eq!(months_of([u64::MAX; 4], digit, &member(0, months)), [usize::from(months) - 1; 4]);
                assert_eq!(
                    months_of([0; 4], digit, &member(12 - months, months)),
                    [usize::from(12 - months); 4]
                );
            }
        }
    }

    /// 1/12 + 2/144 + 3/1728 + ..., a hair above: the digits are 1, 2, 3, ...
    #[test]
    fn months_are_digits() {
        let fraction = (1..=8).rev().map(f64::from).fold(0.0, |behind, digit| (digit + behind) / 12.0);
        let word = (fraction * 18_446_744_073_709_551_616.0) as u64 + (1 << 12);
        for digit in 0..8_u32 {
            assert_eq!(months_of([word; 4], digit, &member(0, 12)), [digit as usize + 1; 4]);
        }
    }
}
