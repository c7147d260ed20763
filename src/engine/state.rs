use crate::error::{Error, Result};
use crate::memory::Column;
use crate::model::{Baseline, Chats, Chunk, NOWHERE, PublicState, Row, RowType, day_of};
use crate::peers::CHUNK;
use crate::policy::Policy;
use crate::population::Population;
use rayon::prelude::*;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

/// Everything that changes: two columns by user, what others read and what only the user reads, plus a few numbers.
///
/// A user takes 4 bytes and the bytes of the rule's row: 36 under the portfolio rule with at most eight messengers.
///
/// Where several processes compute one run, each has what others read of all users, and the rows of its own part of them.
#[derive(Debug)]
pub struct State {
    /// Last tick simulated; -1 before the first.
    pub day: i32,
    /// Means over non-holders after the warm-up.
    pub baseline: Baseline,
    messengers: usize,
    row_type: RowType,
    /// Where a row has the day of its last review.
    reviewed_at: usize,
    /// The first user whose row is here.
    first: u32,
    /// Public states (see [`PublicState`]).
    pub(super) public: Column<u32>,
    /// What each user keeps to itself: rows of the rule, as bytes.
    pub(super) rows: Column<u8>,
    /// The app of each group chat among users whose rows are here (see [`crate::model::Chats`]), where there are chats.
    pub(super) chats: Option<Column<u8>>,
}

/// What a [`State`] is made of.
#[derive(Debug)]
pub struct Columns {
    /// See [`State::public`].
    pub public: Column<u32>,
    /// See [`State::rows`].
    pub rows: Column<u8>,
    /// See [`State::chats`].
    pub chats: Option<Column<u8>>,
}

/// Longest run, in days, that the day of a review can count.
pub const MAX_DAYS: u32 = crate::scenario::MAX_DAYS;

impl State {
    /// All zeros, for `users` users, of whom a part have rows here, `messengers` messengers, and perhaps so many bytes of group chats.
    pub(super) fn new(users: u32, part: Range<u32>, messengers: usize, row_type: RowType, chats: Option<usize>) -> Result<Self> {
        let rows = Column::zeroed(part.len() * row_type.size)?;
        let chats = chats.map(Column::zeroed).transpose()?;
        Ok(State { chats, ..Self::of(messengers, row_type, part.start, Column::zeroed(users as usize)?, rows)? })
    }

    fn of(messengers: usize, row_type: RowType, first: u32, public: Column<u32>, rows: Column<u8>) -> Result<Self> {
        let reviewed = row_type.fields.iter().find(|field| field.name == "reviewed" && field.kind == "u16");
        let reviewed_at = reviewed.ok_or_else(|| Error::invalid("a row needs a field `reviewed: u16`"))?.offset;
        Ok(State { day: -1, baseline: Baseline::default(), messengers, row_type, reviewed_at, first, public, rows, chats: None })
    }

    /// The same state again. Memory is shared until one of the two continues.
    pub fn share(&self) -> Self {
        State { public: self.public.share(), rows: self.rows.share(), chats: self.chats.as_ref().map(Column::share), ..*self }
    }

    /// Bytes a user takes, with rows of a type.
    pub fn bytes_per_user(row_type: RowType) -> u64 {
        (size_of::<u32>() + row_type.size) as u64
    }

    /// Number of users.
    pub fn users(&self) -> u32 {
        self.public.len() as u32
    }

    /// The users whose rows are here: all, unless several processes compute one run.
    pub fn part(&self) -> Range<u32> {
        self.first..self.first + (self.rows.len() / self.row_type.size) as u32
    }

    /// Number of messengers.
    pub fn messengers(&self) -> usize {
        self.messengers
    }

    /// The fields of what each user keeps to itself.
    pub fn row_type(&self) -> RowType {
        self.row_type
    }

    /// Public states of all users (see [`PublicState`]).
    pub fn public(&self) -> &[u32] {
        &self.public
    }

    /// Public state of `user`.
    #[inline(always)]
    pub fn public_of(&self, user: u32) -> PublicState {
        PublicState(self.public[user as usize])
    }

    /// What the users of [`State::part`] keep to themselves, as bytes: a row of [`State::row_type`] each.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    /// The app of each group chat among the users of [`State::part`], a byte each, in the order of their chunks (see
    /// [`crate::model::Chats`]); `None` where there are no chats.
    pub fn chats(&self) -> Option<&[u8]> {
        self.chats.as_deref()
    }

    /// The row of `user`, as bytes.
    #[inline(always)]
    pub fn row_of(&self, user: u32) -> &[u8] {
        &self.rows[self.place_of(user)..][..self.row_type.size]
    }

    /// Where the row of `user` begins among [`State::rows`].
    #[inline(always)]
    pub(crate) fn place_of(&self, user: u32) -> usize {
        user.wrapping_sub(self.first) as usize * self.row_type.size
    }

    /// All rows that are here, where they are of this type.
    pub fn rows_of_type<R: Row>(&self) -> Option<&[R]> {
        (self.row_type == R::TYPE).then(|| bytemuck::cast_slice(&self.rows))
    }

    /// The values of a field of `user`'s row, as little-endian bytes, where there is one of this name.
    pub fn field_of(&self, user: u32, name: &str) -> Option<&[u8]> {
        let field = self.row_type.fields.iter().find(|field| field.name == name)?;
        Some(&self.row_of(user)[field.offset..][..field.bytes()])
    }

    /// Day of the last review of `user`; negative in the warm-up.
    pub fn last_review(&self, user: u32) -> i32 {
        day_of(self.reviewed(self.row_of(user)))
    }

    /// Lets all reviews have been so many days earlier, as far back as can be counted.
    pub(super) fn move_back(&mut self, days: i32) -> Result<()> {
        let at = self.reviewed_at;
        self.rows.to_mut()?.par_chunks_exact_mut(self.row_type.size).for_each(|row| {
            let reviewed = u16::from_le_bytes([row[at], row[at + 1]]).saturating_sub(days as u16);
            row[at..at + 2].copy_from_slice(&reviewed.to_le_bytes());
        });
        Ok(())
    }

    fn reviewed(&self, row: &[u8]) -> u16 {
        u16::from_le_bytes([row[self.reviewed_at], row[self.reviewed_at + 1]])
    }

    /// Does something with the group chats of each chunk of users whose rows are here, if there are chats.
    pub(super) fn for_chats(
        &mut self,
        chats: Option<&Chats>,
        population: &Population,
        policy: &Policy,
        work: impl Fn(&Chats, &Chunk<'_>, &mut [u8]) + Sync,
    ) -> Result<()> {
        let (Some(chats), Some(bytes)) = (chats, &mut self.chats) else { return Ok(()) };
        let (first, public, row_size): (_, &[u32], _) = (self.first, &self.public, self.row_type.size);
        let groups = self.row_type.fields.iter().find(|field| field.name == "groups" && field.kind == "u8");
        let groups_at = groups.map(|field| field.offset);
        let rows = self.rows.par_chunks(CHUNK as usize * row_size);
        bytes.to_mut()?.par_chunks_mut(chats.bytes_of_chunk()).zip(rows).enumerate().for_each(|(c, (bytes, rows))| {
            let first = first + c as u32 * CHUNK;
            work(chats, &Chunk { first, population, policy, public, rows, row_size, groups_at }, bytes);
        });
        Ok(())
    }

    /// The columns as memory that stays as it is today, whatever the simulation does: a column that continues is copied first, if
    /// what is given here still lives. Public states, and rows.
    pub fn kept_columns(&self) -> [Column<u8>; 2] {
        [self.public.share_bytes(), self.rows.share_bytes()]
    }

    /// The state that these columns hold.
    ///
    /// Fails where they do not fit together or hold what no run can leave, so that nothing read from a file can make a
    /// simulation fail. What rows mean, only their rule knows: it is asked when the simulation is resumed.
    pub fn from_columns(
        day: i32,
        messengers: usize,
        row_type: RowType,
        baseline: Baseline,
        part: Range<u32>,
        columns: Columns,
    ) -> Result<Self> {
        let Columns { public, rows, chats } = columns;
        let n = public.len();
        if u32::try_from(n).is_err() || part.end as usize > n || rows.len() != part.len() * row_type.size {
            return Err(Error::invalid(format!("columns of {n} users and rows of {} bytes do not fit together", row_type.size)));
        }
        let known = ((1u32 << messengers) - 1) as u16;
        let fits = |public: u32| {
            let public = PublicState(public);
            public.holdings() & !known == 0 && public.main().is_none_or(|m| m < messengers) && public.is_plain()
        };
        if let Some(user) = public.par_iter().position_first(|&public| !fits(public)) {
            return Err(Error::invalid(format!("user {user}: {:#010x} is no public state", public[user])));
        }
        let foreign = |&app: &u8| usize::from(app) >= messengers && app < NOWHERE;
        if let Some(app) = chats.iter().flat_map(|chats| chats.iter()).copied().find(foreign) {
            return Err(Error::invalid(format!("a group chat is on messenger {app} of {messengers}")));
        }
        let state = Self::of(messengers, row_type, part.start, public, rows)?;
        let after = |row: &[u8]| day_of(state.reviewed(row)) > day;
        if let Some(row) = state.rows.par_chunks_exact(row_type.size).position_first(after) {
            let user = part.start + row as u32;
            return Err(Error::invalid(format!("user {user}: reviewed on day {}, after day {day}", state.last_review(user))));
        }
        Ok(State { day, baseline, chats, ..state })
    }

    /// xxh3-128 of the state, in hex: equal for equal states, whatever made them. Of a part of the rows it is that of no state; see
    /// [`Simulation::hash`](super::Simulation::hash).
    pub fn hash(&self) -> String {
        Self::hash_of_columns(self.day, &self.baseline, &self.public, &self.rows, self.chats())
    }

    /// The same of the state that these columns hold.
    pub fn hash_of_columns(day: i32, baseline: &Baseline, public: &[u32], rows: &[u8], chats: Option<&[u8]>) -> String {
        let mut hasher = hash_of_public(day, baseline, public);
        hasher.update(rows);
        hasher.update(chats.unwrap_or_default());
        in_hex(&hasher)
    }
}

/// The hash of a state as far as its rows.
pub(super) fn hash_of_public(day: i32, baseline: &Baseline, public: &[u32]) -> Xxh3 {
    let mut hasher = Xxh3::new();
    hasher.update(&day.to_le_bytes());
    hasher.update(bytemuck::bytes_of(baseline));
    hasher.update(bytemuck::cast_slice(public));
    hasher
}

/// The hash of a state.
pub(super) fn in_hex(hasher: &Xxh3) -> String {
    format!("{:032x}", hasher.digest128())
}
