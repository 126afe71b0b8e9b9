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
        ///
        /// With serde it is its name as `event` and its fields beside that:
        /// `{"event":"click","key":"HELP"}`. Where a message has a field of the same name, that of
        /// the event is called `event_openid` or `event_msg_id`.
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        #[serde(tag = "event")]
        #[non_exhaustive]
        pub enum Event {
            $(
                $(#[$doc])*
                #[serde(rename = $wire)]
                $variant { $(
                    #[doc = concat!("`", $path, "`")] $(#[$field_doc])*
                    $field: $type
                ),* },
            )*
            /// An event that this version does not know. The fields are there.
            #[serde(untagged)]
            Unknown {
                /// `Event`, as it came.
                #[serde(rename = "event")]
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
