//! Scratch for the draws of a batch of members: their rates, counts and blocks of words, and the list of blocks with events.

use std::ops::Range;

use super::episodes::EpisodeDraws;
use super::levels::Levels;
use crate::population::{Course, MemberYear};
use crate::rng::{Block, Key, WIDTH, World};

/// Members drawn together; part of the order in which dollars are added up, so never changed from run to run.
pub const BATCH: usize = 64;

/// Places on the list of blocks whose events are drawn together.
pub(super) const LISTED: usize = 256;

/// Places on the list that are written at once, needed or not.
pub(super) const STRIDE: usize = 8;

// The list holds a first block of every member and still a stride; blocks are drawn WIDTH at a time.
const _: () =
    assert!(BATCH + STRIDE <= LISTED && BATCH.is_multiple_of(WIDTH) && LISTED.is_multiple_of(WIDTH));

/// The number of the first block, for every member.
pub(super) const FIRST: [u64; BATCH] = [0; BATCH];

/// Words of a batch of blocks: the first word of each, the second of each, ...
pub(super) type Words<const N: usize> = [[u64; N]; 4];

/// The words of the blocks on the list.
#[derive(Debug, Clone)]
pub(super) struct ListedWords {
    /// Prices.
    pub blocks: Words<LISTED>,
    /// Which events stay where there is less care.
    pub thinning: Words<LISTED>,
    /// The order of the events of a month.
    pub order: Words<LISTED>,
}

/// One value for each member of a batch.
pub(super) type OfMembers = [f64; BATCH];

/// Scratch for a batch.
#[derive(Debug, Clone)]
pub struct Draws {
    /// What the years of the world come to before any member is drawn.
    pub(super) levels: Levels,
    /// Episodes of the batch's members.
    pub(super) episodes: EpisodeDraws,
    /// Row of the batch's first member.
    pub(super) first_row: usize,
    /// Words of the members' addresses.
    pub(super) members: [u64; BATCH],
    /// The members in the year that is drawn.
    pub(super) years: [MemberYear; BATCH],
    /// What a member keeps: the shared frailty, the severity, each service's own frailty, the uniform of each programme.
    pub(super) permanent: OfMembers,
    pub(super) severity: OfMembers,
    pub(super) own_permanent: Vec<OfMembers>,
    pub(super) reached: Vec<OfMembers>,
    /// Words of the shared frailty and of each service's own, and the number of the block they are.
    pub(super) frailty_words: Words<BATCH>,
    pub(super) own_frailty_words: Vec<Words<BATCH>>,
    pub(super) frailty_block: Option<u64>,
    /// What became of the members so far.
    pub(super) course: Course,
    /// What multiplies the rates of each member in a year for all services, and its square root.
    pub(super) shared_weights: OfMembers,
    pub(super) shared_roots: OfMembers,
    /// The same for the service that is drawn.
    pub(super) weights: OfMembers,
    pub(super) roots: OfMembers,
    /// What its prices are multiplied with.
    pub(super) scales: OfMembers,
    pub(super) counts: [u32; BATCH],
    pub(super) first_blocks: Words<BATCH>,
    pub(super) first_months: [Block; BATCH],
    /// Members with events.
    pub(super) users: [u8; BATCH],
    pub(super) n_users: usize,
    pub(super) list: [Place; LISTED],
    /// Which blocks are asked of the generator, and their words.
    pub(super) asked_members: [u64; LISTED],
    pub(super) asked_blocks: [u64; LISTED],
    pub(super) listed: ListedWords,
    /// Words and prices of the listed events, without gaps; the last block may hold fewer events than words.
    pub(super) words: [u64; 4 * LISTED],
    pub(super) prices: [f64; 4 * LISTED],
    /// What giving the listed events cost, where cases differ in it.
    pub(super) case_costs: [f64; 4 * LISTED],
}

/// A block on the list: the position of its member in the batch, and its number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place(u32);

impl Place {
    pub(super) fn new(member: u8, block: u32) -> Self {
        Self(block * BATCH as u32 + u32::from(member))
    }

    pub(super) fn member(self) -> usize {
        self.0 as usize % BATCH
    }

    pub(super) fn block(self) -> u32 {
        self.0 / BATCH as u32
    }

    /// The block that lies `further` blocks behind.
    pub(super) fn after(self, further: usize) -> Self {
        Self(self.0 + (further * BATCH) as u32)
    }

    /// How many of a count of events are in the block: the first holds three, and those behind it four.
    pub(super) fn events(self, count: u32) -> usize {
        let (before, most) = if self.block() == 0 { (0, 3) } else { (4 * self.block() - 1, 4) };
        (count - before).min(most) as usize
    }
}

impl Default for Draws {
    fn default() -> Self {
        Self {
            levels: Levels::default(),
            episodes: EpisodeDraws::default(),
            first_row: 0,
            members: [0; BATCH],
            years: [MemberYear::default(); BATCH],
            permanent: [1.0; BATCH],
            severity: [1.0; BATCH],
            own_permanent: Vec::new(),
            frailty_words: [[0; BATCH]; 4],
            own_frailty_words: Vec::new(),
            frailty_block: None,
            reached: Vec::new(),
            course: Course::default(),
            shared_weights: [0.0; BATCH],
            shared_roots: [0.0; BATCH],
            weights: [0.0; BATCH],
            scales: [1.0; BATCH],
            roots: [0.0; BATCH],
            counts: [0; BATCH],
            first_blocks: [[0; BATCH]; 4],
            first_months: [[0; 4]; BATCH],
            users: [0; BATCH],
            n_users: 0,
            list: [Place::default(); LISTED],
            asked_members: [0; LISTED],
            asked_blocks: [0; LISTED],
            listed: ListedWords {
                blocks: [[0; LISTED]; 4],
                thinning: [[0; LISTED]; 4],
                order: [[0; LISTED]; 4],
            },
            words: [0; 4 * LISTED],
            prices: [0.0; 4 * LISTED],
            case_costs: [0.0; 4 * LISTED],
        }
    }
}

impl Draws {
    /// What the years of the world that was drawn last came to before any member.
    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Draws the first block of every member under a key.
    pub(super) fn draw_first_blocks(&mut self, key: Key, world: World) {
        let words = self.first_blocks.each_mut().map(<[u64; BATCH]>::as_mut_slice);
        key.fill(world, &self.members, &FIRST, words);
    }

    /// Draws the blocks at a part of the list under a key into some of the scratch's words.
    #[inline]
    pub(super) fn draw_listed(
        &mut self,
        key: Key,
        world: World,
        part: Range<usize>,
        into: impl FnOnce(&mut ListedWords) -> &mut Words<LISTED>,
    ) {
        let n = part.len().next_multiple_of(WIDTH);
        let asked = self.asked_members.iter_mut().zip(&mut self.asked_blocks);
        for (place, (member, block)) in self.list[part].iter().zip(asked) {
            (*member, *block) = (self.members[place.member()], u64::from(place.block()));
        }
        let words = into(&mut self.listed).each_mut().map(|words| &mut words[..n]);
        key.fill(world, &self.asked_members[..n], &self.asked_blocks[..n], words);
    }

    /// Puts the first block of every member with events on the list.
    pub(super) fn list_first_blocks(&mut self) -> usize {
        for (user, place) in self.users[..self.n_users].iter().zip(&mut self.list) {
            *place = Place::new(*user, 0);
        }
        self.n_users
    }

    /// Puts the words of all listed prices one after the other; returns how many events they are.
    pub(super) fn gather_words(&mut self, first: usize, listed: usize) -> usize {
        let mut end = 0;
        for (position, place) in self.list[..listed].iter().enumerate() {
            let member = place.member();
            let words = if position < first {
                let [_, first, second, third] = &self.first_blocks;
                [first[member], second[member], third[member], 0]
            } else {
                self.listed.blocks.each_ref().map(|row| row[position - first])
            };
            self.words[end..end + 4].copy_from_slice(&words);
            end += place.events(self.counts[member]);
        }
        end
    }
}
