use bytemuck::{Pod, Zeroable};

/// A field of a [`Row`], as snapshots, exports and other languages know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowField {
    /// Its name.
    pub name: &'static str,
    /// Type of its values: `u8`, `i8`, `u16`, `u32` or `f32`, little-endian.
    pub kind: &'static str,
    /// How many values it has. Of a field by messenger 8 or 16: those behind the last messenger are zero.
    pub values: usize,
    /// Where it begins in the row, in bytes.
    pub offset: usize,
    /// What it is, with its unit.
    pub about: &'static str,
}

impl RowField {
    /// Bytes of all its values.
    pub fn bytes(&self) -> usize {
        numpy_type(self.kind).map_or(0, |(_, one)| one) * self.values
    }
}

/// NumPy's name of a type, and the bytes of one value; `None` for what is no type of plain values.
pub fn numpy_type(kind: &str) -> Option<(&'static str, usize)> {
    Some(match kind {
        "u8" => ("|u1", 1),
        "i8" => ("|i1", 1),
        "u16" => ("<u2", 2),
        "u32" => ("<u4", 4),
        "f32" => ("<f4", 4),
        _ => return None,
    })
}

/// The fields of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowType {
    /// Bytes of a row.
    pub size: usize,
    /// Fields, in order, without gaps.
    pub fields: &'static [RowField],
}

/// What a user keeps for itself from review to review: plain data that nobody else reads, of which the state holds one a user.
///
/// A rule of choice declares its row with [`row!`](crate::row); state, hash, snapshots, exports and the memory plan follow from
/// that. Every row has a field `reviewed: u16`, the day of the last review plus 4096.
pub trait Row: Pod + Zeroable + Send + Sync {
    /// Its fields.
    const FIELDS: &'static [RowField];

    /// Its type.
    const TYPE: RowType = RowType { size: size_of::<Self>(), fields: Self::FIELDS };

    /// Day of the last review plus 4096.
    fn reviewed(&self) -> u16;

    /// Notes a review.
    fn set_reviewed(&mut self, day: u16);
}

/// Types of fields.
pub trait FieldType {
    /// Type of one value.
    const KIND: &'static str;
    /// How many there are.
    const VALUES: usize;
}

macro_rules! plain {
    ($($kind:ident)*) => {
        $(impl FieldType for $kind {
            const KIND: &'static str = stringify!($kind);
            const VALUES: usize = 1;
        })*
    };
}
plain!(u8 i8 u16 u32 f32);

impl<T: FieldType, const K: usize> FieldType for [T; K] {
    const KIND: &'static str = T::KIND;
    const VALUES: usize = K * T::VALUES;
}

/// Declares the [`Row`] of a rule of choice: a struct of plain fields, packed, each with a line of documentation. One of
/// them is `reviewed: u16`.
///
/// ```
/// exodus::row! {
///     /// A user who counts.
///     pub struct Count {
///         /// Day of the last review plus 4096.
///         pub reviewed: u16,
///         /// Reviews so far.
///         pub reviews: u16,
///     }
/// }
/// use exodus::model::Row;
/// assert_eq!(Count::TYPE.size, 4);
/// assert_eq!(Count::TYPE.fields[1].name, "reviews");
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Row:ident $(<const $N:ident: usize>)? {
            $($(#[doc = $doc:literal])+ $field_vis:vis $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, $crate::model::bytemuck::Pod, $crate::model::bytemuck::Zeroable)]
        #[bytemuck(crate = "::exodus::model::bytemuck")]
        #[repr(C, packed)]
        $vis struct $Row $(<const $N: usize>)? {
            $($(#[doc = $doc])+ $field_vis $field: $type,)+
        }

        impl $(<const $N: usize>)? $crate::model::Row for $Row $(<$N>)? {
            const FIELDS: &'static [$crate::model::RowField] = &[
                $($crate::model::RowField {
                    name: stringify!($field),
                    kind: <$type as $crate::model::FieldType>::KIND,
                    values: <$type as $crate::model::FieldType>::VALUES,
                    offset: ::std::mem::offset_of!(Self, $field),
                    about: concat!($($doc),+),
                }),+
            ];

            #[inline(always)]
            fn reviewed(&self) -> u16 {
                self.reviewed
            }

            #[inline(always)]
            fn set_reviewed(&mut self, day: u16) {
                self.reviewed = day;
            }
        }
    };
}
