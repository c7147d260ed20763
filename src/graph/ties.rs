use super::CsrView;
use crate::memory::prefetch;
use std::ops::Deref;

/// What a review needs of a network: the contacts of a user, fetched ahead in three steps whose latencies the chunk loop
/// hides (`engine/kernel.rs`). Compiled into that loop for each network; rules of choice see only the contacts.
pub trait Ties: Copy + Send + Sync {
    /// The contacts of one user: after [`Ties::read`] a slice of user numbers in increasing order.
    type Contacts: Default + Deref<Target = [u32]>;

    /// Asks for the memory that says where the contacts of `user` lie.
    fn prefetch(self, user: u32);

    /// Looks up where the contacts of `user` lie, and asks for the memory they lie in.
    fn find(self, user: u32, contacts: &mut Self::Contacts);

    /// Makes the contacts that were found last readable.
    fn read(self, contacts: &mut Self::Contacts);

    /// The contacts of `user`, at once.
    #[inline(always)]
    fn contacts(self, user: u32) -> Self::Contacts {
        let mut contacts = Self::Contacts::default();
        self.find(user, &mut contacts);
        self.read(&mut contacts);
        contacts
    }

    /// Number of contacts of `user`.
    fn degree(self, user: u32) -> u32;
}

impl<'a> Ties for CsrView<'a> {
    type Contacts = &'a [u32];

    #[inline(always)]
    fn prefetch(self, user: u32) {
        self.prefetch_start(user);
    }

    #[inline(always)]
    fn find(self, user: u32, contacts: &mut &'a [u32]) {
        let row = self.neighbors(user);
        // The lines of the row; of a long one the first and the last.
        prefetch(row, 0);
        prefetch(row, row.len().wrapping_sub(1));
        // Two lines hold most rows.
        if row.len() > 32 {
            prefetch(row, 16);
            prefetch(row, 32);
            prefetch(row, 48);
        }
        *contacts = row;
    }

    #[inline(always)]
    fn read(self, _: &mut &'a [u32]) {}

    #[inline(always)]
    fn degree(self, user: u32) -> u32 {
        CsrView::degree(self, user)
    }
}
