//! The macro behind the table of events.

/// Declares [`Event`](super::Event). A name in lower case, then other spellings of it; a field is
/// `name: Type = reader("path")`, where `|` stands between spellings too.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $wire:literal $(| $alias:literal)* => $variant:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $reader:ident($path:literal)),* $(,)?
        }
    )*) => {
        /// An event (MsgType `event`), told apart by its name without regard to case.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $(
                $(#[$doc])*
                $variant { $(
                    #[doc = concat!("`", $path, "`")] $(#[$field_doc])*
                    $field: $type
                ),* },
            )*
            /// An event that this version does not know. The fields are there.
            Unknown {
                /// `Event`, as it came.
                name: String,
            },
        }

        impl Event {
            /// The names with a variant of their own, in lower case; of several spellings the
            /// usual one.
            pub const NAMES: &'static [&'static str] = &[$($wire),*];

            /// The name in lower case and in its usual spelling; an unknown one as it came.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant { .. } => $wire,)*
                    Self::Unknown { name } => name,
                }
            }

            pub(crate) fn read(at: $crate::fields::Element<'_>) -> Self {
                let name = $crate::fields::read::text(at, "Event");
                match name.to_ascii_lowercase().as_str() {
                    $($wire $(| $alias)* => Self::$variant { $($field: $reader(at, $path)),* },)*
                    _ => Self::Unknown { name },
                }
            }
        }
    };
}
