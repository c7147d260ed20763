use crate::error::{Error, Result};
use crate::memory::{Column, prefetch};
use crate::model::{Baseline, Word};
use crate::scenario::MAX_MESSENGERS;
use rayon::prelude::*;
use xxhash_rust::xxh3::Xxh3;

/// Added to a day so that the warm-up's negative days fit an unsigned 16-bit column.
const DAY_ZERO: i32 = 4096;

/// Everything that changes: flat columns by user, plus a few numbers.
///
/// With `m` messengers a user takes 8 + 2 m bytes.
#[derive(Debug)]
pub struct State {
    /// Last tick simulated; -1 before the first.
    pub day: i32,
    /// Means over non-holders after the warm-up.
    pub baseline: Baseline,
    messengers: usize,
    /// Published words.
    pub(super) words: Column<u32>,
    /// Day of the last review plus 4096.
    pub(super) reviewed: Column<u16>,
    /// Messengers known.
    pub(super) aware: Column<u16>,
    /// Use on the evening of the last review, in 1/255; a row of `messengers` a user.
    pub(super) usage: Column<u8>,
    /// Target of use, in 1/255; a row of `messengers` a user.
    pub(super) target: Column<u8>,
}

/// A user's day of last review, from the column's value.
#[inline(always)]
pub(super) fn day_of(reviewed: u16) -> i32 {
    i32::from(reviewed) - DAY_ZERO
}

/// The column's value of a day.
#[inline(always)]
pub(super) fn reviewed_on(day: i32) -> u16 {
    (day + DAY_ZERO) as u16
}

/// The `len` values from `at` on, and then anything. A load of fixed size is one instruction; the shorter one touches
/// fewer cache lines.
#[inline(always)]
pub(super) fn load_row(column: &[u8], at: usize, len: usize) -> [u8; MAX_MESSENGERS] {
    let left = &column[at..];
    match left.first_chunk() {
        Some(row) if len <= 8 => u128::from(u64::from_le_bytes(*row)),
        _ => left.first_chunk().map_or_else(|| last_row(left), |row| u128::from_le_bytes(*row)),
    }
    .to_le_bytes()
}

/// The same near the end, where fewer are left. As one number, not as bytes, which would be copied one by one.
#[cold]
fn last_row(left: &[u8]) -> u128 {
    left.iter().take(MAX_MESSENGERS).rev().fold(0, |row, &value| row << 8 | u128::from(value))
}

/// Writes the first `len` values of `row` to `at`. What lies behind is written back as it is.
#[inline(always)]
pub(super) fn store_row(column: &mut [u8], at: usize, len: usize, row: &[u8; MAX_MESSENGERS]) {
    let (row, inside) = (u128::from_le_bytes(*row), !0 >> (8 * (MAX_MESSENGERS - len)));
    let left = &mut column[at..];
    match left.first_chunk_mut::<8>() {
        Some(old) if len <= 8 => *old = (row as u64 & inside as u64 | u64::from_le_bytes(*old) & !(inside as u64)).to_le_bytes(),
        _ => match left.first_chunk_mut() {
            Some(old) => *old = (row & inside | u128::from_le_bytes(*old) & !inside).to_le_bytes(),
            None => left[..len].copy_from_slice(&row.to_le_bytes()[..len]),
        },
    }
}

/// Longest run, in days, that the column of review days can hold.
pub const MAX_DAYS: u32 = crate::scenario::MAX_DAYS;

impl State {
    /// All zeros, for `users` users and `messengers` messengers.
    pub(super) fn new(users: u32, messengers: usize) -> Result<Self> {
        let n = users as usize;
        Ok(State {
            day: -1,
            baseline: Baseline::default(),
            messengers,
            words: Column::zeroed(n)?,
            reviewed: Column::zeroed(n)?,
            aware: Column::zeroed(n)?,
            usage: Column::zeroed(n * messengers)?,
            target: Column::zeroed(n * messengers)?,
        })
    }

    /// The same state again. Memory is shared until one of the two goes on.
    pub fn share(&self) -> Self {
        let State { day, baseline, messengers, words, reviewed, aware, usage, target } = self;
        State {
            day: *day,
            baseline: *baseline,
            messengers: *messengers,
            words: words.share(),
            reviewed: reviewed.share(),
            aware: aware.share(),
            usage: usage.share(),
            target: target.share(),
        }
    }

    /// Bytes a user takes.
    pub fn bytes_per_user(messengers: usize) -> u64 {
        8 + 2 * messengers as u64
    }

    /// Number of users.
    pub fn users(&self) -> u32 {
        self.words.len() as u32
    }

    /// Number of messengers.
    pub fn messengers(&self) -> usize {
        self.messengers
    }

    /// Published words of all users (see [`Word`]).
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Published word of `user`.
    pub fn word(&self, user: u32) -> Word {
        Word(self.words[user as usize])
    }

    /// Day of the last review of `user`; negative in the warm-up.
    pub fn last_review(&self, user: u32) -> i32 {
        day_of(self.reviewed[user as usize])
    }

    /// Messengers that `user` knows, a bit each.
    pub fn aware(&self, user: u32) -> u16 {
        self.aware[user as usize]
    }

    /// Use and target of each messenger on the evening of the user's last review, in 1/255.
    pub fn usage(&self, user: u32) -> (&[u8], &[u8]) {
        let row = user as usize * self.messengers..(user as usize + 1) * self.messengers;
        (&self.usage[row.clone()], &self.target[row])
    }

    /// The columns as slices, for loops over many users.
    pub fn view(&self) -> View<'_> {
        View {
            words: &self.words,
            reviewed: &self.reviewed,
            usage: &self.usage,
            target: &self.target,
            messengers: self.messengers,
        }
    }

    /// The columns as bytes, for snapshots: name, type, values a row, content.
    pub fn columns(&self) -> [(&'static str, &'static str, u64, &[u8]); 5] {
        let m = self.messengers as u64;
        [
            ("words", "u32", 1, bytemuck::cast_slice(&self.words)),
            ("reviewed", "u16", 1, bytemuck::cast_slice(&self.reviewed)),
            ("aware", "u16", 1, bytemuck::cast_slice(&self.aware)),
            ("usage", "u8", m, &self.usage),
            ("target", "u8", m, &self.target),
        ]
    }

    /// The same columns as memory that stays as it is today, whatever the simulation does: a column that goes on is copied
    /// first, if what is given here still lives.
    pub fn kept_columns(&self) -> [(&'static str, &'static str, u64, Column<u8>); 5] {
        let m = self.messengers as u64;
        [
            ("words", "u32", 1, self.words.share_bytes()),
            ("reviewed", "u16", 1, self.reviewed.share_bytes()),
            ("aware", "u16", 1, self.aware.share_bytes()),
            ("usage", "u8", m, self.usage.share_bytes()),
            ("target", "u8", m, self.target.share_bytes()),
        ]
    }

    /// The state that these columns hold, as [`State::columns`] names them.
    ///
    /// Fails where they do not fit together or hold what no run can leave, so that nothing read from a file can make a
    /// simulation go astray.
    pub fn from_columns(day: i32, messengers: usize, baseline: Baseline, columns: Columns<'_>) -> Result<Self> {
        let Columns { words, reviewed, aware, usage, target } = columns;
        let n = words.len();
        if u32::try_from(n).is_err()
            || reviewed.len() != n
            || aware.len() != n
            || usage.len() != n * messengers
            || target.len() != n * messengers
        {
            return Err(Error::invalid(format!("columns of {n} users and {messengers} messengers do not fit together")));
        }
        let known = ((1u32 << messengers) - 1) as u16;
        let fits = |word: u32| {
            let word = Word(word);
            word.holdings() & !known == 0 && word.main().is_none_or(|m| m < messengers) && word.is_plain()
        };
        if let Some(user) = words.par_iter().position_first(|&word| !fits(word)) {
            return Err(Error::invalid(format!("user {user}: {:#010x} is no published word", words[user])));
        }
        if let Some(user) = reviewed.par_iter().position_first(|&r| day_of(r) > day || day_of(r) < -DAY_ZERO) {
            return Err(Error::invalid(format!("user {user}: reviewed on day {}, after day {day}", day_of(reviewed[user]))));
        }
        Ok(State {
            day,
            baseline,
            messengers,
            words: Column::from_slice(words)?,
            reviewed: Column::from_slice(reviewed)?,
            aware: Column::from_slice(aware)?,
            usage: Column::from_slice(usage)?,
            target: Column::from_slice(target)?,
        })
    }

    /// xxh3-128 of the state, in hex: equal for equal states, whatever made them.
    pub fn hash(&self) -> String {
        let mut hasher = Xxh3::new();
        hasher.update(&self.day.to_le_bytes());
        hasher.update(bytemuck::bytes_of(&self.baseline.net));
        hasher.update(bytemuck::bytes_of(&self.baseline.abroad));
        hasher.update(bytemuck::bytes_of(&self.baseline.balance));
        hasher.update(&self.baseline.vpn.to_le_bytes());
        for column in [
            bytemuck::cast_slice(&self.words),
            bytemuck::cast_slice(&self.reviewed),
            bytemuck::cast_slice(&self.aware),
            &self.usage[..],
            &self.target,
        ] {
            hasher.update(column);
        }
        format!("{:032x}", hasher.digest128())
    }
}

/// Columns from a file, to make a [`State`] of.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Published words.
    pub words: &'a [u32],
    /// Days of last reviews plus 4096.
    pub reviewed: &'a [u16],
    /// Messengers known.
    pub aware: &'a [u16],
    /// Use, a row a user.
    pub usage: &'a [u8],
    /// Targets, a row a user.
    pub target: &'a [u8],
}

/// Borrowed columns of a [`State`].
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    words: &'a [u32],
    reviewed: &'a [u16],
    usage: &'a [u8],
    target: &'a [u8],
    messengers: usize,
}

impl<'a> View<'a> {
    /// Published word of `user`.
    #[inline(always)]
    pub fn word(&self, user: u32) -> Word {
        Word(self.words[user as usize])
    }

    /// Day of the last review of `user`; negative in the warm-up.
    #[inline(always)]
    pub fn last_review(&self, user: u32) -> i32 {
        day_of(self.reviewed[user as usize])
    }

    /// Use and target of each messenger on the evening of the user's last review, in 1/255.
    #[inline(always)]
    pub fn usage(&self, user: u32) -> (&'a [u8], &'a [u8]) {
        let row = user as usize * self.messengers..(user as usize + 1) * self.messengers;
        (&self.usage[row.clone()], &self.target[row])
    }

    /// The same for eight messengers from number `first` on. Behind the last messenger there may be anything.
    #[inline(always)]
    pub fn usage_8(&self, user: u32, first: usize) -> [[u8; 8]; 2] {
        let at = user as usize * self.messengers + first;
        [self.usage, self.target].map(|column| match column.get(at..at + 8).and_then(|row| row.first_chunk()) {
            Some(row) => *row,
            None => std::array::from_fn(|k| column.get(at + k).copied().unwrap_or(0)),
        })
    }

    /// Asks for the cache lines of `user`, who will be looked at soon.
    #[inline(always)]
    pub fn prefetch(&self, user: u32) {
        let i = user as usize;
        prefetch(self.words, i);
        prefetch(self.reviewed, i);
        prefetch(self.usage, i * self.messengers);
        prefetch(self.target, i * self.messengers);
    }
}
