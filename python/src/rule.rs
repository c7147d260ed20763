//! A rule of choice that was compiled elsewhere: a function pointer, such as numba's `cfunc` gives.

use exodus::model::{Newcomer, PublicState, Rule, UserView};
use exodus::random::Purpose;

/// What a user sees, as a C struct; `exodus.USER` is the same as a NumPy type.
#[repr(C)]
pub(crate) struct User {
    user: u32,
    day: i32,
    days: i32,
    word: u32,
    contacts: u32,
    household: u32,
    draws: [u32; 4],
    fixed: [u32; 4],
    works: u16,
    aware: u16,
    region: u8,
    urban: u8,
    age: u8,
    groups: u8,
}

/// `uint32_t decide(const user *, const uint32_t *words_of_contacts, const uint32_t *numbers_of_contacts, const double *parameters)`.
pub(crate) type Decide = unsafe extern "C" fn(*const User, *const u32, *const u32, *const f64) -> u32;

/// A rule by pointer, and its parameters.
#[derive(Clone)]
pub(crate) struct Compiled {
    pub decide: Decide,
    pub parameters: Vec<f64>,
    /// How many messengers there are.
    pub messengers: usize,
}

/// Contacts whose words are handed on from the stack; those of users with more are put on the heap.
const FEW: usize = 256;

exodus::row! {
    /// What a user keeps to itself under a rule from elsewhere.
    pub(crate) struct KeptRow {
        /// Day of the last review plus 4096.
        pub reviewed: u16,
        /// Messengers known at the start, a bit each.
        pub aware: u16,
    }
}

impl Rule for Compiled {
    type Row = KeptRow;

    fn start(&self, newcomer: &Newcomer<'_>, row: &mut KeptRow) -> PublicState {
        let public = newcomer.with_one_messenger();
        row.aware = newcomer.aware | public.holdings();
        public
    }

    fn review(&self, review: &UserView<'_>, row: &mut KeptRow) -> PublicState {
        let mut few = [0u32; FEW];
        let mut many = Vec::new();
        let words: &mut [u32] = match few.get_mut(..review.contacts.len()) {
            Some(words) => words,
            None => {
                many.resize(review.contacts.len(), 0);
                &mut many
            }
        };
        for (word, &contact) in words.iter_mut().zip(review.contacts) {
            *word = review.states[contact as usize];
        }
        let population = review.population;
        let (draws, profile) = (population.draws(), population.profile(review.user));
        let user = User {
            user: review.user,
            day: review.today().day,
            days: review.days,
            word: review.public.0,
            contacts: review.contacts.len() as u32,
            household: profile.household,
            draws: draws.block(Purpose::User, review.user, review.today().day, 0),
            fixed: draws.block(Purpose::Taste, review.user, 0, 0),
            works: review.today().access[review.public.row()].works,
            aware: row.aware,
            region: profile.place.region,
            urban: u8::from(profile.place.urban),
            age: profile.age,
            groups: profile.groups,
        };
        // SAFETY: whoever gave the pointer said that it is a function of this signature (docs/python.md); what it is given lives
        // until it returns, and is as long as `contacts` says.
        let new = unsafe { (self.decide)(&user, words.as_ptr(), review.contacts.as_ptr(), self.parameters.as_ptr()) };
        // Whatever it says, the class of access stays, and what is no messenger is dropped: no rule can lead the engine astray.
        let new = PublicState(new);
        let holdings = new.holdings() & ((1u32 << self.messengers) - 1) as u16;
        let main = new.main().filter(|&main| holdings >> main & 1 == 1);
        review.public.with_vpn(new.vpn()).with_holdings(holdings).with_main(main)
    }
}
