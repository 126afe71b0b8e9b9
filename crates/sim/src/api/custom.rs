//! Customer-service messages and the sign of typing (section 7.3).

use serde_json::Value;

use super::Refused;
use super::call::{Answer, Call, text};
use crate::account::Kind;
use crate::allowance::Exhausted;
use crate::bubble::{Bubble, Card, Link, Target};
use crate::follower::FollowerState;
use crate::judge::TEXT_BYTES;
use crate::phone::{Shown, Via, What};

/// From the follower's last act.
const TYPING_AFTER: u64 = 30_000;
const TYPING_LASTS: u64 = 15_000;

pub(super) fn send(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let openid = text(&body, "touser").ok_or(Refused::code(41009))?;
    let now = call.now;
    call.following(openid)?;
    let kind = text(&body, "msgtype").ok_or(Refused::code(40008))?;
    let bubble = call.bubble(kind, &body[kind])?;
    let follower = call.following(openid)?;
    follower.allowance.check(now).map_err(|exhausted| match exhausted {
        Exhausted::Time => Refused::code(45015),
        Exhausted::Count => Refused::code(45047),
    })?;
    follower.allowance.spend();
    show(follower, bubble, now);
    Ok(Answer::Done)
}

/// Shows what came by the API; whoever was typing is not any more.
pub(crate) fn show(follower: &mut FollowerState, bubble: Bubble, now: u64) {
    follower.typing_until = 0;
    follower.phone.push(by_api(What::Bubble(bubble), now));
}

fn by_api(what: What, at: u64) -> Shown {
    Shown { at, what, via: Via::Api, answers: None }
}

pub(super) fn typing(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let openid = text(&body, "touser").ok_or(Refused::code(41009))?;
    let now = call.now;
    let follower = call.following(openid)?;
    match text(&body, "command") {
        Some("Typing") => start_typing(follower, now)?,
        Some("CancelTyping") => {
            if now < follower.typing_until {
                follower.typing_until = 0;
                follower.phone.push(by_api(What::TypingEnded, now));
            }
        }
        _ => return Err(Refused::code(45072)),
    }
    Ok(Answer::Done)
}

fn start_typing(follower: &mut FollowerState, now: u64) -> Result<(), Refused> {
    if follower.last_act.is_none_or(|last| now > last + TYPING_AFTER) {
        return Err(Refused::code(45080));
    }
    if now < follower.typing_until {
        return Err(Refused::code(45081));
    }
    follower.typing_until = now + TYPING_LASTS;
    follower.phone.push(by_api(What::Typing, now));
    Ok(())
}

impl Call<'_> {
    /// What a message of this type shows.
    fn bubble(&self, kind: &str, content: &Value) -> Result<Bubble, Refused> {
        let own = |name: &str| text(content, name).map(str::to_owned);
        Ok(match kind {
            "text" => words(content)?,
            "image" => Bubble::Image { media_id: self.media(content, "media_id", "image")? },
            "voice" => Bubble::Voice { media_id: self.media(content, "media_id", "voice")? },
            "video" => {
                self.media(content, "thumb_media_id", "thumb")?;
                Bubble::Video {
                    media_id: self.media(content, "media_id", "video")?,
                    title: own("title"),
                    description: own("description"),
                }
            }
            "music" => Bubble::Music {
                thumb_media_id: Some(self.media(content, "thumb_media_id", "thumb")?),
                title: own("title"),
                description: own("description"),
                url: own("musicurl"),
                hq_url: own("hqmusicurl"),
            },
            "news" => news(content)?,
            "mpnews" => Bubble::Article { id: self.media(content, "media_id", "news")? },
            "mpnewsarticle" => Bubble::Article { id: self.article(content)? },
            "msgmenu" => self.menu(content)?,
            "wxcard" => Bubble::Coupon { card_id: own("card_id").ok_or(Refused::code(40035))? },
            "miniprogrampage" => {
                self.media(content, "thumb_media_id", "thumb")?;
                Bubble::MiniProgram {
                    title: own("title").unwrap_or_default(),
                    app_id: own("appid").ok_or(Refused::code(40013))?,
                    path: own("pagepath").ok_or(Refused::code(40035))?,
                }
            }
            _ => return Err(Refused::code(40008)),
        })
    }

    /// A media id that is known and has not expired.
    fn media(&self, content: &Value, name: &str, kind: &str) -> Result<String, Refused> {
        let media_id = text(content, name).ok_or(Refused::code(40007))?;
        match self.world.media.find(media_id, self.now) {
            Some(file) if file.fits(kind) => Ok(media_id.to_owned()),
            _ => Err(Refused::code(40007)),
        }
    }

    fn article(&self, content: &Value) -> Result<String, Refused> {
        let id = text(content, "article_id").filter(|id| self.world.articles.contains(*id));
        id.map(str::to_owned).ok_or(Refused::code(53600))
    }

    /// A question with items to tap; not for test accounts.
    fn menu(&self, content: &Value) -> Result<Bubble, Refused> {
        if self.account.kind == Kind::Test {
            return Err(Refused::code(48008));
        }
        let list = content["list"].as_array().filter(|list| !list.is_empty());
        let items = list.ok_or(Refused::code(40035))?.iter().map(item);
        let items = items.collect::<Option<Vec<_>>>().ok_or(Refused::code(40035))?;
        let around = |name: &str| text(content, name).unwrap_or_default().to_owned();
        Ok(Bubble::Menu { head: around("head_content"), items, tail: around("tail_content") })
    }
}

fn words(content: &Value) -> Result<Bubble, Refused> {
    let words = text(content, "content").ok_or(Refused::code(44004))?;
    if words.len() > TEXT_BYTES {
        return Err(Refused::code(45002));
    }
    Ok(Bubble::text(words))
}

/// One article, since 2018.
fn news(content: &Value) -> Result<Bubble, Refused> {
    let articles = content["articles"].as_array().map_or(&[][..], Vec::as_slice);
    let own = |article: &Value, name: &str| text(article, name).unwrap_or_default().to_owned();
    match articles {
        [] => Err(Refused::code(44003)),
        [article] => Ok(Bubble::News(vec![Card {
            title: own(article, "title"),
            description: own(article, "description"),
            pic_url: own(article, "picurl"),
            url: own(article, "url"),
        }])),
        _ => Err(Refused::code(45008)),
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
