//! What a table says of users one by one. Whatever it leaves open is drawn as it would be without.

use xxhash_rust::xxh3::Xxh3;

/// No age band, region or household is said.
const OPEN: u32 = u32::MAX;

/// Traits of users that are given, by user number; a column that is empty says nothing of anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    ages: Vec<u32>,
    regions: Vec<u32>,
    households: Vec<u32>,
    /// Groups that are said, and which of them the user is in, a bit each.
    groups: Vec<[u8; 2]>,
    holdings: Vec<u32>,
}

impl Known {
    /// Bytes of a user of whom everything is said.
    pub const BYTES: usize = 4 * size_of::<u32>() + size_of::<[u8; 2]>();

    /// Nothing about `users` users, with columns for what will be said.
    pub fn new(users: u32, ages: bool, regions: bool, households: bool, groups: bool, holdings: bool) -> Self {
        let column = |there: bool| vec![OPEN; if there { users as usize } else { 0 }];
        Known {
            ages: column(ages),
            regions: column(regions),
            households: column(households),
            groups: vec![[0; 2]; if groups { users as usize } else { 0 }],
            holdings: column(holdings),
        }
    }

    /// Makes room for so many users, of whom nothing is said yet.
    pub fn grow(&mut self, users: u32) {
        for column in [&mut self.ages, &mut self.regions, &mut self.households, &mut self.holdings] {
            if !column.is_empty() {
                column.resize(column.len().max(users as usize), OPEN);
            }
        }
        if !self.groups.is_empty() {
            self.groups.resize(self.groups.len().max(users as usize), [0; 2]);
        }
    }

    /// Says a user's age band.
    pub fn set_age(&mut self, user: u32, band: u8) {
        self.ages[user as usize] = u32::from(band);
    }

    /// Says a user's region.
    pub fn set_region(&mut self, user: u32, region: u8) {
        self.regions[user as usize] = u32::from(region);
    }

    /// Says a user's household: by the number of its first member.
    pub fn set_household(&mut self, user: u32, first: u32) {
        self.households[user as usize] = first;
    }

    /// Says whether a user is in a group.
    pub fn set_group(&mut self, user: u32, group: u8, member: bool) {
        let [said, of] = &mut self.groups[user as usize];
        *said |= 1 << group;
        *of |= u8::from(member) << group;
    }

    /// Says which messengers a user holds at the start, a bit each.
    pub fn set_holdings(&mut self, user: u32, holdings: u16) {
        self.holdings[user as usize] = u32::from(holdings);
    }

    #[inline]
    fn of(column: &[u32], user: u32) -> Option<u32> {
        column.get(user as usize).copied().filter(|&value| value != OPEN)
    }

    /// The age band, where it is said.
    #[inline]
    pub fn age(&self, user: u32) -> Option<u8> {
        Self::of(&self.ages, user).map(|band| band as u8)
    }

    /// The region, where it is said.
    #[inline]
    pub fn region(&self, user: u32) -> Option<u8> {
        Self::of(&self.regions, user).map(|region| region as u8)
    }

    /// The first member of the household; the user itself where none is said. `None` where no household is.
    #[inline]
    pub fn household(&self, user: u32) -> Option<u32> {
        self.households.get(user as usize).map(|&first| if first == OPEN { user } else { first })
    }

    /// Whether households are said.
    pub fn has_households(&self) -> bool {
        !self.households.is_empty()
    }

    /// The groups, with those that are said in place of those that were drawn.
    #[inline]
    pub fn groups(&self, user: u32, drawn: u8) -> u8 {
        let [said, of] = self.groups.get(user as usize).copied().unwrap_or_default();
        drawn & !said | of
    }

    /// The messengers held at the start, where they are said.
    #[inline]
    pub fn holdings(&self, user: u32) -> Option<u16> {
        Self::of(&self.holdings, user).map(|holdings| holdings as u16)
    }

    /// The same number for the same traits.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = Xxh3::new();
        for column in [&self.ages, &self.regions, &self.households, &self.holdings] {
            hasher.update(&(column.len() as u64).to_le_bytes());
            hasher.update(bytemuck::cast_slice(column));
        }
        hasher.update(self.groups.as_flattened());
        hasher.digest()
    }
}
