//! Acts in words, for reports: `says "hi"`, `clicks "HELP"`.

use std::fmt;

use super::{Act, ScannedCode};

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(content) => write!(f, "says {content:?}"),
            Self::TextOnArticle { content, msg_data_id, idx } => {
                write!(f, "says {content:?} on article {msg_data_id} {idx}")
            }
            Self::MenuItem { content, id } => write!(f, "taps {content:?} ({id})"),
            Self::Image { media_id, .. } => write!(f, "sends image {media_id}"),
            Self::Voice { media_id, .. } => write!(f, "sends voice {media_id}"),
            Self::Video { media_id, .. } => write!(f, "sends video {media_id}"),
            Self::ShortVideo { media_id, .. } => write!(f, "sends short video {media_id}"),
            Self::Location { label, .. } => write!(f, "sends place {label:?}"),
            Self::Link { url, .. } => write!(f, "sends link {url}"),
            Self::File { title, .. } => write!(f, "sends file {title:?}"),
            Self::MiniProgramPage { title, .. } => write!(f, "sends mini program {title:?}"),
            Self::Raw(body) => write!(f, "sends {body}"),
            event => event.fmt_event(f),
        }
    }
}

impl Act {
    fn fmt_event(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscribe => f.write_str("follows"),
            Self::Unsubscribe => f.write_str("unfollows"),
            Self::Scan { ticket } => write!(f, "scans {ticket:?}"),
            Self::ScanScene { scene, .. } => write!(f, "scans {scene:?}"),
            Self::Click(key) => write!(f, "clicks {key:?}"),
            Self::View { url, .. } => write!(f, "views {url}"),
            Self::ViewMiniProgram { path, .. } => write!(f, "views mini program {path}"),
            Self::ScanCodePush(code) | Self::ScanCodeWait(code) => {
                let ScannedCode { key, result, .. } = code;
                write!(f, "scans {result:?} for {key:?}")
            }
            Self::Pictures { key, md5_sums, .. } => {
                write!(f, "picks {} pictures for {key:?}", md5_sums.len())
            }
            Self::LocationSelect { key, label, .. } => write!(f, "picks {label:?} for {key:?}"),
            Self::ReportLocation { latitude, longitude, .. } => {
                write!(f, "is at {latitude} {longitude}")
            }
            Self::Pay { .. } => f.write_str("pays"),
            Self::Event { name, .. } => write!(f, "causes {name}"),
            _ => write!(f, "{self:?}"),
        }
    }
}
