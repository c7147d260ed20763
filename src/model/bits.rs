/// The numbers of the bits set in `mask`, lowest first.
#[inline(always)]
pub fn bits(mask: u16) -> Bits {
    Bits(mask)
}

/// Iterator of [`bits`].
#[derive(Clone, Copy, Debug)]
pub struct Bits(u16);

impl Iterator for Bits {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}
