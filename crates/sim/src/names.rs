//! Enums whose variants have names in files and on command lines.

/// A name that no variant has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, got `{name}`")]
pub struct UnknownName {
    /// The names of all variants.
    pub(crate) expected: String,
    pub(crate) name: String,
}

/// Gives each variant a name: `name`, `Display` and `FromStr`.
macro_rules! names {
    ($type:ident: $($variant:ident = $name:literal),+) => {
        impl $type {
            /// All variants, in the order of the documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and on command lines.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::names::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().find(|variant| variant.name() == name).copied();
                found.ok_or_else(|| $crate::names::UnknownName {
                    expected: [$($name),+].join(", "),
                    name: name.to_owned(),
                })
            }
        }
    };
}

pub(crate) use names;
