//! Flat columns of plain data, on huge pages where the system gives them.

use crate::error::{Error, Result};
use bytemuck::{Pod, Zeroable};
#[cfg(feature = "files")]
use memmap2::Mmap;
#[cfg(not(target_family = "wasm"))]
use memmap2::MmapMut as Own;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// A column of plain values: memory of its own, or a read-only view into a mapped file.
///
/// Own memory comes zeroed straight from the system and asks for huge pages: with 4 KiB pages, random reads from
/// hundreds of megabytes spend most of their time in address translation.
///
/// Columns may share memory; one that is written to is given memory of its own first.
pub struct Column<T> {
    store: Store,
    len: usize,
    of: PhantomData<T>,
}

#[derive(Clone)]
enum Store {
    Own(Arc<Own>),
    #[cfg(feature = "files")]
    File {
        map: Arc<Mmap>,
        offset: usize,
    },
}

/// Where nothing can be mapped, memory of its own is the allocator's.
#[cfg(target_family = "wasm")]
struct Own(Vec<u64>);

#[cfg(target_family = "wasm")]
impl Own {
    fn map_anon(bytes: usize) -> std::io::Result<Self> {
        Ok(Own(vec![0; bytes.div_ceil(8)]))
    }
}

#[cfg(target_family = "wasm")]
impl Deref for Own {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

#[cfg(target_family = "wasm")]
impl std::ops::DerefMut for Own {
    fn deref_mut(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

impl<T: Pod> Column<T> {
    /// A column of `len` zeros. Fails where the system refuses the address space.
    pub fn zeroed(len: usize) -> Result<Self> {
        let bytes = len.checked_mul(size_of::<T>()).ok_or_else(|| Error::memory(u64::MAX, 0, 0))?;
        let map = Own::map_anon(bytes.max(1)).map_err(|_| Error::memory(bytes as u64, 0, 0))?;
        #[cfg(target_os = "linux")]
        if bytes >= 4 << 20 {
            // A hint only: without huge pages everything is the same, but slower.
            let _ = map.advise(memmap2::Advice::HugePage);
        }
        Ok(Column { store: Store::Own(Arc::new(map)), len, of: PhantomData })
    }

    /// A copy of `values`.
    pub fn from_slice(values: &[T]) -> Result<Self> {
        let mut column = Self::zeroed(values.len())?;
        column.to_mut()?.copy_from_slice(values);
        Ok(column)
    }

    #[cfg(feature = "files")]
    /// A view of `len` values at byte `offset` of a mapped file; `None` where they do not lie inside it, or not aligned.
    pub fn mapped(map: Arc<Mmap>, offset: usize, len: usize) -> Option<Self> {
        let bytes = len.checked_mul(size_of::<T>())?;
        let range = map.get(offset..offset.checked_add(bytes)?)?;
        bytemuck::try_cast_slice::<u8, T>(range).ok()?;
        Some(Column { store: Store::File { map, offset }, len, of: PhantomData })
    }

    /// The values, to be changed; memory that is mapped or shared is copied first.
    pub fn to_mut(&mut self) -> Result<&mut [T]> {
        let is_own = match &mut self.store {
            Store::Own(map) => Arc::get_mut(map).is_some(),
            #[cfg(feature = "files")]
            Store::File { .. } => false,
        };
        if !is_own {
            *self = Self::from_slice(self)?;
        }
        match &mut self.store {
            Store::Own(map) => match Arc::get_mut(map) {
                Some(map) => Ok(bytemuck::cast_slice_mut(&mut map[..self.len * size_of::<T>()])),
                None => unreachable!("copied above"),
            },
            #[cfg(feature = "files")]
            Store::File { .. } => unreachable!("copied above"),
        }
    }

    /// The same values without a copy: whichever of the two is written to first is copied then.
    pub fn share(&self) -> Self {
        Column { store: self.store.clone(), len: self.len, of: PhantomData }
    }

    /// The same as bytes.
    pub fn share_bytes(&self) -> Column<u8> {
        Column { store: self.store.clone(), len: self.len * size_of::<T>(), of: PhantomData }
    }

    /// The same memory as values of another type; `None` where it is not whole values of it, aligned.
    pub fn cast<U: Pod>(self) -> Option<Column<U>> {
        let len = bytemuck::try_cast_slice::<T, U>(&self).ok()?.len();
        Some(Column { store: self.store, len, of: PhantomData })
    }

    /// Cuts the column to its first `len` values.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl<T: Pod + Zeroable> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        let bytes: &[u8] = match &self.store {
            Store::Own(map) => &map[..self.len * size_of::<T>()],
            #[cfg(feature = "files")]
            Store::File { map, offset } => &map[*offset..*offset + self.len * size_of::<T>()],
        };
        bytemuck::cast_slice(bytes)
    }
}

impl<T: Pod> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column({} values)", self.len)
    }
}

/// Asks for the cache line of `values[index]`. A hint: nothing but time depends on it, nor on whether there is one.
#[inline(always)]
pub fn prefetch<T>(values: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch neither reads nor writes for the program, and faults at no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().wrapping_add(index).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, index);
}

#[cfg(test)]
mod tests {
    use super::Column;

    #[test]
    fn shared_memory_stays_as_it_was() {
        let mut column = Column::from_slice(&[1u32, 2, 3]).expect("memory");
        let (words, bytes) = (column.share(), column.share_bytes());
        assert_eq!(words.as_ptr(), column.as_ptr());
        column.to_mut().expect("memory")[0] = 9;
        assert_eq!((&column[..], &words[..], bytes.len(), bytes[0]), (&[9, 2, 3][..], &[1, 2, 3][..], 12, 1));
        // Nobody else has it now: it is written where it is.
        let place = column.as_ptr();
        assert_eq!(column.to_mut().expect("memory").as_ptr(), place);
    }
}
