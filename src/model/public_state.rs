/// The public state of a user: all that contacts read. 32 bits.
///
/// | bits | content |
/// |---|---|
/// | 0-15 | holdings, a bit a messenger |
/// | 16-20 | main app; 31 is none |
/// | 21-22 | zero |
/// | 23 | has a VPN |
/// | 24-31 | access class |
///
/// What works for the user today follows from it and the day's access table, at row `state >> 23`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicState(pub u32);

const MAIN: u32 = 16;
const NO_MAIN: u32 = 31;
const VPN: u32 = 1 << 23;
const CLASS: u32 = 24;

impl PublicState {
    /// A user of access class `class` who holds nothing.
    pub fn new(class: u8) -> Self {
        PublicState(u32::from(class) << CLASS | NO_MAIN << MAIN)
    }

    /// Messengers held, a bit each.
    #[inline(always)]
    pub fn holdings(self) -> u16 {
        self.0 as u16
    }

    /// Main app, if any.
    #[inline(always)]
    pub fn main(self) -> Option<usize> {
        let main = self.main_code();
        (main < 16).then_some(main as usize)
    }

    /// Main app as a shift: a holdings mask shifted by it is 0 where there is none.
    #[inline(always)]
    pub(crate) fn main_code(self) -> u32 {
        self.0 >> MAIN & 31
    }

    /// Whether the bits that mean nothing are zero, and the main app is one or none.
    pub(crate) fn is_plain(self) -> bool {
        self.0 >> 21 & 3 == 0 && (self.main_code() < 16 || self.main_code() == NO_MAIN)
    }

    /// Has a VPN.
    #[inline(always)]
    pub fn vpn(self) -> bool {
        self.0 & VPN != 0
    }

    /// Access class.
    #[inline(always)]
    pub fn class(self) -> u8 {
        (self.0 >> CLASS) as u8
    }

    /// Row of the access tables.
    #[inline(always)]
    pub fn row(self) -> usize {
        (self.0 >> 23) as usize
    }

    /// With other holdings.
    #[inline(always)]
    pub fn with_holdings(self, holdings: u16) -> Self {
        PublicState(self.0 & !0xFFFF | u32::from(holdings))
    }

    /// With another main app.
    #[inline(always)]
    pub fn with_main(self, main: Option<usize>) -> Self {
        let code = main.map_or(NO_MAIN, |m| m as u32);
        PublicState(self.0 & !(31 << MAIN) | code << MAIN)
    }

    /// With or without VPN.
    #[inline(always)]
    pub fn with_vpn(self, vpn: bool) -> Self {
        PublicState(self.0 & !VPN | if vpn { VPN } else { 0 })
    }

    /// Holding `messenger` alone, as main app (single-app rules); nothing if `None`.
    #[inline(always)]
    pub fn with_only(self, messenger: Option<usize>) -> Self {
        self.with_holdings(messenger.map_or(0, |m| 1 << m)).with_main(messenger)
    }
}
