//! Objects of the document are objects: what `serde` derives for a struct
//! would also take a list of its fields' values in their order.

use serde::de::Visitor;
use serde::{Deserializer, forward_to_deserialize_any};

/// Reads a struct from an object only.
pub(crate) struct ObjectOnly<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes
        byte_buf option unit unit_struct newtype_struct seq tuple tuple_struct
        map struct enum identifier ignored_any
    }
}

/// `Deserialize` for structs that have it derived for `remote = "Self"`.
macro_rules! objects {
    ($($object:ident),*) => {
        $(impl<'de> serde::Deserialize<'de> for $object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize($crate::config::document::object::ObjectOnly(deserializer))
            }
        })*
    };
}
pub(crate) use objects;
