//! WeChat's passive reply, as bots write it (protocol section 5). No DTD is read, no entity expanded.

use quick_xml::Reader;
use quick_xml::events::Event;
use wxbot_sdk::fields::{Element, Fields, MAX_ELEMENTS, MAX_LEVELS};
use wxbot_sdk::reply::{Article, Music, Reply, Video};

/// What WeChat takes for "nothing to say", beside an empty body.
const NOTHING: &str = "success";

/// The reply; `None` where WeChat would show nothing. Whom it is addressed to does not matter: it
/// goes to whoever asked. An error repeats nothing of what is in it.
pub(super) fn read(body: &[u8]) -> Result<Option<Reply>, String> {
    let expected = "expected WeChat's passive reply in XML, `success` or nothing";
    let body = str::from_utf8(body).map_err(|_| format!("{expected}, got no UTF-8"))?;
    // Some bots begin with a blank line or a byte order mark.
    let body = body.trim_start_matches('\u{feff}').trim();
    if body.is_empty() || body == NOTHING {
        return Ok(None);
    }
    let fields = tree(body).map_err(|problem| format!("{expected}, got {problem}"))?;
    reply(fields.root()).map_err(|problem| format!("{expected}; {problem}"))
}

fn reply(root: Element<'_>) -> Result<Option<Reply>, String> {
    let text = |path: &str| root.get(path).unwrap_or_default().to_owned();
    let kind = text("MsgType");
    Ok(Some(match kind.trim() {
        "text" if text("Content").trim().is_empty() => return Ok(None),
        "text" => Reply::Text(text("Content")),
        "image" => Reply::image(text("Image/MediaId")),
        "voice" => Reply::voice(text("Voice/MediaId")),
        "video" => Reply::Video(Video {
            media_id: text("Video/MediaId"),
            title: optional(root, "Video/Title"),
            description: optional(root, "Video/Description"),
        }),
        "music" => Reply::Music(Music {
            music_url: text("Music/MusicUrl"),
            title: optional(root, "Music/Title"),
            description: optional(root, "Music/Description"),
            hq_music_url: optional(root, "Music/HQMusicUrl"),
            thumb_media_id: optional(root, "Music/ThumbMediaId"),
        }),
        "news" => Reply::News(root.all("Articles/item").into_iter().map(article).collect()),
        "transfer_customer_service" => {
            Reply::Transfer { kf_account: optional(root, "TransInfo/KfAccount") }
        }
        "" if root.get("Encrypt").is_some() => {
            return Err("this one is encrypted: let the bot use plain mode (明文)".into());
        }
        "" => return Err("this one has no MsgType".into()),
        _ => {
            return Err("its MsgType is none of text, image, voice, video, music, news, \
                         transfer_customer_service"
                .into());
        }
    }))
}

fn article(item: Element<'_>) -> Article {
    Article {
        title: item.get("Title").unwrap_or_default().to_owned(),
        description: optional(item, "Description"),
        pic_url: optional(item, "PicUrl"),
        url: optional(item, "Url"),
    }
}

fn optional(at: Element<'_>, path: &str) -> Option<String> {
    at.get(path).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The elements below the root, whose name does not matter.
fn tree(xml: &str) -> Result<Fields, &'static str> {
    let mut reader = Reader::from_str(xml);
    // Links outside CDATA come with a bare `&` now and then.
    reader.config_mut().allow_dangling_amp = true;
    let mut tree = Tree { fields: Fields::with_capacity(xml.len()), way: Vec::new(), depth: 0 };
    let mut roots = 0;
    loop {
        match reader.read_event().map_err(|_| "what is not well-formed")? {
            Event::Start(tag) => {
                roots += usize::from(tree.depth == 0);
                tree.open(tag.name().into_inner())?;
            }
            Event::Empty(tag) => {
                tree.open(tag.name().into_inner())?;
                tree.close();
            }
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.text(&text),
            Event::CData(text) => tree.text(&text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => tree.text(character.encode_utf8(&mut [0; 4])),
                _ => match quick_xml::escape::resolve_xml_entity(&reference) {
                    Some(text) => tree.text(text),
                    None => tree.reference(&reference),
                },
            },
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) | Event::PI(_) => return Err("a DOCTYPE or an instruction"),
            Event::Eof if roots == 1 && tree.depth == 0 => return Ok(tree.fields),
            Event::Eof => return Err("something that is not one element"),
        }
    }
}

/// What was read so far.
struct Tree {
    fields: Fields,
    /// The places of the elements that are open, but for the root.
    way: Vec<usize>,
    depth: usize,
}

impl Tree {
    fn open(&mut self, name: &str) -> Result<(), &'static str> {
        self.depth += 1;
        if self.depth > MAX_LEVELS || self.fields.len() >= MAX_ELEMENTS {
            return Err("more elements than a reply has");
        }
        if self.depth > 1 {
            self.way.push(self.fields.push(self.depth - 2, name));
        }
        Ok(())
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.way.pop();
    }

    fn text(&mut self, text: &str) {
        if let Some(place) = self.way.last() {
            self.fields.push_text(*place, text);
        }
    }

    /// What is no entity of XML stays as it was written.
    fn reference(&mut self, name: &str) {
        ["&", name, ";"].into_iter().for_each(|part| self.text(part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in `<xml>…</xml>`, and the reply that it is.
    #[track_caller]
    fn check(inside: &str, expected: Option<Reply>) {
        let body = format!("<xml><ToUserName><![CDATA[o]]></ToUserName>{inside}</xml>");
        assert_eq!(read(body.as_bytes()), Ok(expected), "{inside}");
    }

    #[test]
    fn a_reply_of_any_kind_is_read() {
        let kind = |kind: &str, rest: &str| format!("<MsgType>{kind}</MsgType>{rest}");
        let text = kind("text", "<Content><![CDATA[a ]]]]><![CDATA[> b]]></Content>");
        check(&text, Some(Reply::text("a ]]> b")));
        check(&kind("text", "<Content> &lt;&#20320;&amp; &nbsp; a&b</Content>"), {
            Some(Reply::text(" <你& &nbsp; a&b"))
        });
        check(&kind("text", "<Content></Content>"), None);
        check(&kind("text", "<Content/>"), None);
        check(&kind("image", "<Image><MediaId>M</MediaId></Image>"), Some(Reply::image("M")));
        check(&kind("voice", "<Voice><MediaId>M</MediaId></Voice>"), Some(Reply::voice("M")));
        check(
            &kind("video", "<Video><MediaId>M</MediaId><Title>t</Title><Description/></Video>"),
            Some(Video::new("M").title("t").into()),
        );
        check(
            &kind("music", "<Music><MusicUrl>u</MusicUrl><HQMusicUrl>h</HQMusicUrl></Music>"),
            Some(Music::new("u").hq_music_url("h").into()),
        );
        check(
            &kind(
                "news",
                "<ArticleCount>2</ArticleCount><Articles><item><Title>a</Title></item>\
                   <item><Title>b</Title><Url>u</Url></item></Articles>",
            ),
            Some(Reply::news([Article::new("a"), Article::new("b").url("u")])),
        );
        check(&kind("transfer_customer_service", ""), Some(Reply::transfer()));
        check(
            &kind("transfer_customer_service", "<TransInfo><KfAccount>k@a</KfAccount></TransInfo>"),
            Some(Reply::transfer_to("k@a")),
        );
    }

    #[test]
    fn nothing_to_say_is_written_in_many_ways() {
        for body in ["", " \n", "success", "\u{feff}success\n"] {
            assert_eq!(read(body.as_bytes()), Ok(None), "{body:?}");
        }
        let with_blank_line = b"\n<xml><MsgType>text</MsgType><Content>a</Content></xml>\n";
        assert_eq!(read(with_blank_line), Ok(Some(Reply::text("a"))));
    }

    #[test]
    fn what_is_no_reply_says_what_was_expected() {
        let deep = "<a>".repeat(100);
        let many = format!("<xml>{}</xml>", "<a/>".repeat(2000));
        let table = [
            ("secret", "something that is not one element"),
            ("<html><body>secret", "something that is not one element"),
            ("<xml></yml>", "what is not well-formed"),
            ("<xml/><xml/>", "something that is not one element"),
            ("<!DOCTYPE x [<!ENTITY a 'secret'>]><xml>&a;</xml>", "a DOCTYPE"),
            ("<xml><Encrypt>secret</Encrypt></xml>", "plain mode"),
            ("<xml><Content>secret</Content></xml>", "has no MsgType"),
            ("<xml><MsgType>secret</MsgType></xml>", "its MsgType is none of text, image"),
            (&deep, "more elements than"),
            (&many, "more elements than"),
        ];
        for (body, expected) in table {
            let problem = read(body.as_bytes()).expect_err(body);
            assert!(problem.contains(expected), "{body}: {problem}");
            assert!(!problem.contains("secret"), "{problem}");
        }
        assert!(read(b"\xff\xfe").unwrap_err().contains("no UTF-8"));
    }
}
