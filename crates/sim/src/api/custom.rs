//! Customer-service messages and the typing indicator (section 7.3).

use serde_json::Value;

use super::call::{Answer, Call};
use super::json::text;
use crate::account::settings::Kind;
use crate::bubble::{Bubble, Card, MAX_TEXT_BYTES};
use crate::errcode::ApiError;
use crate::link::{Link, Target};
use crate::world::allowance::Exhausted;

/// How long after the follower's last act typing can be shown.
const TYPING_WINDOW: u64 = 30_000;
const TYPING_LASTS: u64 = 15_000;

pub(super) fn send(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let openid = text(&body, "touser").ok_or(ApiError::code(41009))?;
    let now = call.now;
    call.following(openid)?;
    let kind = text(&body, "msgtype").ok_or(ApiError::code(40008))?;
    let bubble = bubble(call, kind, &body[kind])?;
    let follower = call.following(openid)?;
    follower.allowance.check(now).map_err(|exhausted| match exhausted {
        Exhausted::Time => ApiError::code(45015),
        Exhausted::Count => ApiError::code(45047),
    })?;
    follower.allowance.use_one();
    follower.receive(bubble, now);
    Ok(Answer::Done)
}

pub(super) fn typing(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let openid = text(&body, "touser").ok_or(ApiError::code(41009))?;
    let now = call.now;
    let follower = call.following(openid)?;
    match text(&body, "command") {
        Some("Typing") if follower.last_act.is_none_or(|last| now > last + TYPING_WINDOW) => {
            return Err(ApiError::code(45080));
        }
        Some("Typing") if now < follower.typing_until => return Err(ApiError::code(45081)),
        Some("Typing") => follower.start_typing(now + TYPING_LASTS, now),
        Some("CancelTyping") => follower.cancel_typing(now),
        _ => return Err(ApiError::code(45072)),
    }
    Ok(Answer::Done)
}

/// What the phone shows of a message of this type.
fn bubble(call: &Call<'_>, kind: &str, content: &Value) -> Result<Bubble, ApiError> {
    let field = |name: &str| text(content, name).map(str::to_owned);
    Ok(match kind {
        "text" => text_bubble(content)?,
        "image" => Bubble::Image { media_id: media(call, content, "media_id", "image")? },
        "voice" => Bubble::Voice { media_id: media(call, content, "media_id", "voice")? },
        "video" => {
            media(call, content, "thumb_media_id", "thumb")?;
            Bubble::Video {
                media_id: media(call, content, "media_id", "video")?,
                title: field("title"),
                description: field("description"),
            }
        }
        "music" => Bubble::Music {
            thumb_media_id: Some(media(call, content, "thumb_media_id", "thumb")?),
            title: field("title"),
            description: field("description"),
            url: field("musicurl"),
            hq_url: field("hqmusicurl"),
        },
        "news" => news(content)?,
        "mpnews" => Bubble::Article { id: media(call, content, "media_id", "news")? },
        "mpnewsarticle" => Bubble::Article { id: article(call, content)? },
        "msgmenu" => menu(call, content)?,
        "wxcard" => Bubble::Coupon { card_id: field("card_id").ok_or(ApiError::code(40035))? },
        "miniprogrampage" => {
            media(call, content, "thumb_media_id", "thumb")?;
            Bubble::MiniProgram {
                title: field("title").unwrap_or_default(),
                app_id: field("appid").ok_or(ApiError::code(40013))?,
                path: field("pagepath").ok_or(ApiError::code(40035))?,
            }
        }
        _ => return Err(ApiError::code(40008)),
    })
}

/// A media id of a file of this type.
fn media(call: &Call<'_>, content: &Value, name: &str, kind: &str) -> Result<String, ApiError> {
    let media_id = text(content, name).ok_or(ApiError::code(40007))?;
    match call.world.media.find(media_id, call.now) {
        Some(file) if file.fits(kind) => Ok(media_id.to_owned()),
        _ => Err(ApiError::code(40007)),
    }
}

fn article(call: &Call<'_>, content: &Value) -> Result<String, ApiError> {
    let id = text(content, "article_id").filter(|id| call.world.articles.contains(*id));
    id.map(str::to_owned).ok_or(ApiError::code(53600))
}

/// A question with answers to tap; not for test accounts.
fn menu(call: &Call<'_>, content: &Value) -> Result<Bubble, ApiError> {
    if call.account.kind == Kind::Test {
        return Err(ApiError::code(48008));
    }
    let list = content["list"].as_array().filter(|list| !list.is_empty());
    let items = list.ok_or(ApiError::code(40035))?.iter().map(item);
    let items = items.collect::<Option<Vec<_>>>().ok_or(ApiError::code(40035))?;
    let optional = |name: &str| text(content, name).unwrap_or_default().to_owned();
    Ok(Bubble::Menu { head: optional("head_content"), items, tail: optional("tail_content") })
}

fn text_bubble(content: &Value) -> Result<Bubble, ApiError> {
    let content = text(content, "content").ok_or(ApiError::code(44004))?;
    if content.len() > MAX_TEXT_BYTES {
        return Err(ApiError::code(45002));
    }
    Ok(Bubble::text(content))
}

/// One article at most, since 2018.
fn news(content: &Value) -> Result<Bubble, ApiError> {
    let articles = content["articles"].as_array().map_or(&[][..], Vec::as_slice);
    let field = |article: &Value, name: &str| text(article, name).unwrap_or_default().to_owned();
    match articles {
        [] => Err(ApiError::code(44003)),
        [article] => Ok(Bubble::News(vec![Card {
            title: field(article, "title"),
            description: field(article, "description"),
            pic_url: field(article, "picurl"),
            url: field(article, "url"),
        }])),
        _ => Err(ApiError::code(45008)),
    }
}

/// The id may be a number.
fn item(item: &Value) -> Option<Link> {
    let content = text(item, "content")?.to_owned();
    let id = match &item["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    Some(Link { label: content.clone(), target: Target::MenuItem { content, id } })
}
