//! The parts of a reply that have several texts: video, music, a card.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a reply part whose optional texts are set one by one.
macro_rules! part {
    ($(#[$doc:meta])* $name:ident($(#[$first_doc:meta])* $first:ident) {
        $($(#[$field_doc:meta])* $field:ident),*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(#[$first_doc])* pub $first: String,
            $(
                $(#[$field_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $field: Option<String>,
            )*
        }

        impl $name {
            /// With nothing but what is needed.
            pub fn new($first: impl Into<String>) -> Self {
                Self { $first: $first.into(), ..Self::default() }
            }

            pub(super) fn texts_mut(&mut self) -> Vec<&mut String> {
                let mut texts = vec![&mut self.$first];
                $(texts.extend(&mut self.$field);)*
                texts
            }

            $(
                $(#[$field_doc])*
                #[must_use]
                pub fn $field(mut self, $field: impl Into<String>) -> Self {
                    self.$field = Some($field.into());
                    self
                }
            )*
        }
    };
}

part! {
    /// A video.
    Video(
        /// Uploaded, or received from a follower.
        media_id
    ) {
        /// Shown above it.
        title,
        /// Shown below it.
        description
    }
}

part! {
    /// A piece of music.
    Music(
        /// Where it plays from.
        music_url
    ) {
        /// The name of the song.
        title,
        /// For example who sings.
        description,
        /// The better quality, played over Wi-Fi.
        hq_music_url,
        /// The cover, by its media id; WeChat's page asks for it.
        thumb_media_id
    }
}

part! {
    /// One card of a news reply.
    Article(
        /// In bold.
        title
    ) {
        /// Below the title.
        description,
        /// JPG or PNG, 360×200 for the first, 200×200 for the others.
        pic_url,
        /// Where a tap leads.
        url
    }
}
