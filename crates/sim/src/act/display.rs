//! Acts as text, for reports: `says "hi"`, `clicks "HELP"`.

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
            event => fmt_event(event, f),
        }
    }
}

fn fmt_event(event: &Act, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        Act::Subscribe => f.write_str("follows"),
        Act::Unsubscribe => f.write_str("unfollows"),
        Act::Scan { ticket } => write!(f, "scans {ticket:?}"),
        Act::ScanScene { scene, .. } => write!(f, "scans {scene:?}"),
        Act::Click(key) => write!(f, "clicks {key:?}"),
        Act::View { url, .. } => write!(f, "views {url}"),
        Act::ViewMiniProgram { path, .. } => write!(f, "views mini program {path}"),
        Act::ScanCodePush(code) | Act::ScanCodeWait(code) => {
            let ScannedCode { key, result, .. } = code;
            write!(f, "scans {result:?} for {key:?}")
        }
        Act::Pictures { key, md5_sums, .. } => {
            write!(f, "picks {} pictures for {key:?}", md5_sums.len())
        }
        Act::LocationSelect { key, label, .. } => write!(f, "picks {label:?} for {key:?}"),
        Act::ReportLocation { latitude, longitude, .. } => {
            write!(f, "is at {latitude} {longitude}")
        }
        Act::Pay { .. } => f.write_str("pays"),
        Act::Event { name, .. } => write!(f, "causes {name}"),
        _ => write!(f, "{event:?}"),
    }
}
