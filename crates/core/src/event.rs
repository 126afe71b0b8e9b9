//! The events of protocol section 4, as one table: name on the wire, variant, fields.
//!
//! To add one: a line here, a fixture under `tests/fixtures`, and that is all.

use crate::fields::Element;
use crate::message::{flag, list, number, optional, scene, text};

/// Declares [`Event`]. A field is `name: Type = reader("path")`; `|` stands between spellings.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $wire:literal => $variant:ident {
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
            /// The names with a variant of their own, in lower case.
            pub const NAMES: &'static [&'static str] = &[$($wire),*];

            /// The name in lower case; an unknown one as it came.
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$variant { .. } => $wire,)*
                    Self::Unknown { name } => name,
                }
            }

            pub(crate) fn read(at: Element<'_>) -> Self {
                let name = text(at, "Event");
                match name.to_ascii_lowercase().as_str() {
                    $($wire => Self::$variant { $($field: $reader(at, $path)),* },)*
                    _ => Self::Unknown { name },
                }
            }
        }
    };
}

/// Declares what the lists inside events hold.
macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $($field:ident: $type:ty = $reader:ident($path:literal)),* $(,)?
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $(
            #[doc = concat!("`", $path, "`")]
            pub $field: $type,
        )* }

        impl<'f> From<Element<'f>> for $name {
            fn from(at: Element<'f>) -> Self {
                Self { $($field: $reader(at, $path)),* }
            }
        }
    )* };
}

events! {
    /// 4.1: a user follows.
    "subscribe" => Subscribe {
        /// The scene of the QR code, without `qrscene_`.
        scene: Option<String> = scene("EventKey"),
        ticket: Option<String> = optional("Ticket"),
    }
    /// 4.1: a follower leaves; their data is to be deleted.
    "unsubscribe" => Unsubscribe {}
    /// 4.1: a follower scans a QR code of the account.
    "scan" => Scan {
        scene: String = text("EventKey"),
        ticket: Option<String> = optional("Ticket"),
    }
    /// 4.2: a follower's position.
    "location" => Location {
        latitude: Option<f64> = number("Latitude"),
        longitude: Option<f64> = number("Longitude"),
        precision: Option<f64> = number("Precision"),
    }
    /// 4.3: a menu button with a key.
    "click" => Click { key: String = text("EventKey") }
    /// 4.3: a menu button with a link.
    "view" => View {
        url: String = text("EventKey"),
        menu_id: Option<u64> = number("MenuId"),
    }
    /// 4.3
    "pic_sysphoto" => PicSysphoto {
        key: String = text("EventKey"),
        count: Option<u64> = number("SendPicsInfo/Count"),
        pictures: Vec<Picture> = list("SendPicsInfo/PicList/item"),
    }
}

records! {
    /// A picture about to be sent; it follows as an image message.
    Picture { md5: String = text("PicMd5Sum") }
}
