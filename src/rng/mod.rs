//! Random numbers with addresses: Philox4x64-10, word for word equal to `numpy.random.Philox`.
//!
//! A word is a function of its address (seed, process, year, name, member, replicate, block) and of nothing
//! else, so threads, chunks, order and company cannot change it. The packing is written down in
//! `docs/development/random-numbers.md`. Salmon, Moraes, Dror and Shaw, SC 2011.

mod wide;

use std::convert::Infallible;

use rand::TryRng;

pub use wide::WIDTH;
use wide::philox_wide;

/// What a random number is for. A number, once given, is never given to another process; 5 and 7 are no longer used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Process {
    /// Count of a service's events in a year, and the price of each.
    Service = 1,
    /// A member's frailty shared by all services.
    Frailty = 2,
    /// The month of each event.
    Month = 3,
    /// Values of a distribution that a person asks for.
    Sample = 4,
    /// A member's frailty in one service.
    ServiceFrailty = 6,
    /// What makes all of a member's events dearer or cheaper than others'.
    Severity = 8,
    /// What moves the use or the price of services for everyone in a year.
    Shock = 9,
    /// Noise of the market that a benchmark is trended with.
    Market = 10,
    /// The month in which a member leaves or dies.
    Enrolment = 11,
    /// Whether a member is attributed in a year.
    Attribution = 12,
    /// The state of a member's condition.
    Condition = 13,
    /// What a year's risk score records.
    RiskScore = 14,
    /// Whether a programme reaches a member.
    Programme = 15,
    /// Whether an event stays where care is less.
    Thinning = 16,
    /// Count and prices of the events that care adds.
    Extra = 17,
    /// The months of the events that care adds.
    ExtraMonth = 18,
    /// The uncertain inputs of a draw.
    Parameter = 19,
    /// The order of a month's claims.
    ClaimOrder = 20,
    /// The order of a month's claims among those that care adds.
    ExtraOrder = 21,
    /// What becomes of a member's health in a year.
    Outcome = 22,
    /// What a quality measure finds of a member in a year.
    Measure = 23,
    /// A provider's own true rate of a quality measure.
    MeasureRate = 24,
    /// What becomes of the patient of an episode.
    Episode = 25,
    /// What who treats a patient does to its episodes.
    EpisodeEffect = 26,
}

/// Year of a number that belongs to a member and not to a year: its eight bits are zero.
pub const NO_YEAR: i8 = i8::MIN;

/// Name of a number that all services share.
pub const NO_NAME: u32 = 0;

/// Four random words.
pub type Block = [u64; 4];

const MULTIPLIER: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
const ROUNDS: usize = 10;

/// The block of four words at a counter under a key.
#[allow(clippy::inline_always, reason = "handed over by memory, a block costs three times as much")]
#[inline(always)]
#[must_use]
pub fn philox(mut counter: Block, mut key: [u64; 2]) -> Block {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let even = u128::from(MULTIPLIER[0]) * u128::from(counter[0]);
        let odd = u128::from(MULTIPLIER[1]) * u128::from(counter[2]);
        counter = [
            (odd >> 64) as u64 ^ counter[1] ^ key[0],
            odd as u64,
            (even >> 64) as u64 ^ counter[3] ^ key[1],
            even as u64,
        ];
    }
    counter
}

/// The key of a process: which seed, year and name its numbers belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u64; 2]);

impl Key {
    /// Key of `process` in `year` (base years are 0, −1, ...; [`NO_YEAR`]) for a hashed `name` ([`NO_NAME`]).
    #[must_use]
    pub fn new(seed: u64, process: Process, year: i8, name: u32) -> Self {
        let year = (i16::from(year) + 128) as u64;
        Self([seed, (process as u64) << 56 | year << 48 | u64::from(name)])
    }

    /// The address of one member in one replicate under this key.
    #[inline]
    #[must_use]
    pub fn at(self, world: World, member: u64) -> Address {
        Address { key: self.0, world: world.word(), member }
    }

    /// Blocks of many members in one world: `words[w][i]` is word `w` of block `blocks[i]` of `members[i]`.
    ///
    /// # Panics
    ///
    /// If the slices are not all as long, or their length is no multiple of [`WIDTH`].
    pub fn fill(self, world: World, members: &[u64], blocks: &[u64], words: [&mut [u64]; 4]) {
        let n = members.len();
        let lengths = [blocks.len(), words[0].len(), words[1].len(), words[2].len(), words[3].len()];
        assert!(n.is_multiple_of(WIDTH) && lengths == [n; 5], "slices of {n} and {lengths:?}");
        let [first, second, third, fourth] = words.map(|words| words.as_chunks_mut().0);
        let counters = members.as_chunks().0.iter().zip(blocks.as_chunks().0);
        let words = first.iter_mut().zip(second).zip(third).zip(fourth);
        for ((members, blocks), (((first, second), third), fourth)) in counters.zip(words) {
            philox_wide(blocks, world.word(), members, self.0, [first, second, third, fourth]);
        }
    }
}

/// One simulated world: a parameter draw and a replicate of luck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// Number of the parameter draw.
    pub draw: u32,
    /// Number of the replicate.
    pub replicate: u32,
}

impl World {
    /// Its word of an address.
    fn word(self) -> u64 {
        u64::from(self.draw) << 32 | u64::from(self.replicate)
    }
}

/// Where the numbers of one process for one member in one world live.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    key: [u64; 2],
    world: u64,
    member: u64,
}

impl Address {
    /// Block number `block` at this address.
    #[inline]
    #[must_use]
    pub fn block(&self, block: u64) -> Block {
        philox([block, 0, self.world, self.member], self.key)
    }

    /// The words of this address one after the other, for anything that samples from a generator.
    #[must_use]
    pub fn stream(self) -> Stream {
        Stream { address: self, next: 0, words: [0; 4] }
    }
}

/// A uniform in the open interval (0, 1) from the upper 52 bits of a word; `1 − u` is exact.
#[inline]
#[must_use]
pub fn open_uniform(word: u64) -> f64 {
    const SCALE: f64 = 1.0 / (1_u64 << 52) as f64;
    ((word >> 12) as f64 + 0.5) * SCALE
}

/// 32-bit FNV-1a hash of a service's, programme's or group's name.
#[must_use]
pub fn name_hash(name: &str) -> u32 {
    name.bytes().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// 64-bit FNV-1a hash of a member identifier's text.
#[must_use]
pub fn member_hash(member_id: &str) -> u64 {
    member_id.bytes().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}

/// The words of one address in order, as a `rand` generator.
#[derive(Debug, Clone)]
pub struct Stream {
    address: Address,
    next: u64,
    words: Block,
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let position = (self.next % 4) as usize;
        if position == 0 {
            self.words = self.address.block(self.next / 4);
        }
        self.next += 1;
        Ok(self.words[position])
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known-answer vectors of the Random123 distribution for philox4x64-10.
    #[test]
    fn published_vectors() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x1655_4d9e_ca36_314c, 0xdb20_fe9d_672d_0fdc, 0xd7e7_72ce_e186_176b, 0x7e68_b68a_ec7b_a23b]
        );
        assert_eq!(
            philox([u64::MAX; 4], [u64::MAX; 2]),
            [0x87b0_92c3_013f_e90b, 0x438c_3c67_be8d_0224, 0x9cc7_d7c6_9cd7_77b6, 0xa09c_aebf_594f_0ba0]
        );
        assert_eq!(
            philox(
                [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89],
                [0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6c]
            ),
            [0xa528_f454_03e6_1d95, 0x38c7_2dbd_566e_9788, 0xa5a1_610e_72fd_18b5, 0x57bd_43b5_e52b_7fe6]
        );
    }

    #[test]
    fn key_packs_process_year_and_name() {
        let key = Key::new(7, Process::Month, 1, 0x1234_5678);
        assert_eq!(key.0, [7, 0x0381_0000_1234_5678]);
        assert_eq!(Key::new(7, Process::Frailty, NO_YEAR, NO_NAME).0, [7, 0x0200_0000_0000_0000]);
    }

    /// A counter under a key makes a block of its own, so different addresses are different blocks.
    #[test]
    fn different_purposes_have_different_addresses() {
        let mut seen = std::collections::BTreeSet::new();
        let processes = [
            Process::Service,
            Process::Frailty,
            Process::Month,
            Process::Sample,
            Process::ServiceFrailty,
            Process::Thinning,
            Process::Extra,
            Process::MeasureRate,
        ];
        for (process, name) in
            processes.into_iter().flat_map(|process| [0, 1, u32::MAX].map(|name| (process, name)))
        {
            for (year, seed) in [(NO_YEAR, 7), (-1, 7), (0, 7), (1, 7), (1, 8)] {
                for (draw, replicate) in [(0, 0), (0, 1), (1, 0), (u32::MAX, u32::MAX)] {
                    for member in [0, 1, u64::MAX] {
                        let Address { key, world, member } =
                            Key::new(seed, process, year, name).at(World { draw, replicate }, member);
                        assert!(
                            seen.insert((key, world, member)),
                            "{process:?} {name} {year} {seed} {draw} {replicate}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert!(open_uniform(0) > 0.0);
        let highest = open_uniform(u64::MAX);
        assert!(highest < 1.0);
        assert_eq!(1.0 - highest, open_uniform(0));
    }

    #[test]
    fn a_stream_is_the_blocks_in_order() {
        let address = Key::new(1, Process::Service, 1, 5).at(World { draw: 0, replicate: 3 }, 9);
        let mut stream = address.stream();
        let words: Vec<u64> = (0..8).map(|_| stream.try_next_u64().unwrap()).collect();
        assert_eq!(words[..4], address.block(0));
        assert_eq!(words[4..], address.block(1));
    }

    #[test]
    fn hashes_are_fnv_1a() {
        assert_eq!(name_hash(""), 0x811c_9dc5);
        assert_eq!(name_hash("foobar"), 0xbf9c_f968);
        assert_eq!(member_hash("foobar"), 0x8594_4171_f739_67e8);
    }
}
