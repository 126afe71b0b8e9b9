//! A body in the clear: XML or JSON, one tree of fields.

use wxbot_sdk::fields::Fields;

use super::{json, xml};
use crate::receive::refusal::BodyError;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What says who speaks to whom and what: twice would be for us to choose.
const ONCE: [&str; 9] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "MsgId",
    "Event",
    "EventKey",
    "Content",
    "Encrypt",
];

/// The two data formats of the server configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The classic one.
    Xml,
    /// The newer one.
    Json,
}

/// Reads a body in the clear, XML or JSON, told apart by the first byte (section 2.3).
///
/// Both give the same fields: see [`Fields`]. A body that is broken, or larger than any message
/// is, or that says twice who speaks to whom, is an error; a field that is odd is not. Whether the
/// body comes from WeChat is not checked here.
///
/// ```
/// use wxbot_core::receive::envelope::{self, Format};
///
/// let (fields, format) = envelope::read(b"<xml><MsgType><![CDATA[text]]></MsgType></xml>")?;
/// assert_eq!(fields.get("MsgType"), Some("text"));
/// assert_eq!(format, Format::Xml);
/// # Ok::<(), wxbot_core::receive::refusal::BodyError>(())
/// ```
pub fn read(body: &[u8]) -> Result<(Fields, Format), BodyError> {
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii();
    let (fields, format) = match text.first() {
        Some(b'<') => (xml::read(text), Format::Xml),
        Some(b'{') => (json::read(text), Format::Json),
        Some(_) => (Err(BodyError::NeitherXmlNorJson), Format::Xml),
        None => (Err(BodyError::Empty), Format::Xml),
    };
    let fields = fields.map_err(|error| first_of_all_utf8(body, error))?;
    each_once(&fields)?;
    Ok((fields, format))
}

/// Both readers check the encoding as they go; whatever they stumbled over, this is told first.
fn first_of_all_utf8(body: &[u8], error: BodyError) -> BodyError {
    if std::str::from_utf8(body).is_ok() { error } else { BodyError::Utf8 }
}

fn each_once(fields: &Fields) -> Result<(), BodyError> {
    let mut seen = [false; ONCE.len()];
    for element in fields.children() {
        let Some(place) = ONCE.iter().position(|name| *name == element.name()) else { continue };
        if std::mem::replace(&mut seen[place], true) {
            return Err(BodyError::Twice(ONCE[place]));
        }
    }
    Ok(())
}
