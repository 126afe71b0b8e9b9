//! Template messages and subscription notices, and the events that tell of their end
//! (sections 7.4, 7.5, 4.4 and 4.5).

use std::collections::BTreeMap;

use rand::RngExt;
use serde_json::{Value, json};

use super::call::{Answer, Call, Later, text};
use super::{LATER, Refused, show};
use crate::account::Format;
use crate::body::About;
use crate::bubble::Bubble;
use crate::element::Element;
use crate::follower::Follower;
use crate::wechat::WeChat;

/// Of a `client_msg_id`, in characters.
const CLIENT_ID: usize = 32;
/// Before it is forgotten.
const CLIENT_ID_LASTS: u64 = 600_000;
/// Of a `thing`, in characters.
const THING: usize = 20;

/// Titles by template id.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    titles: BTreeMap<String, String>,
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let all = call.world.templates.titles.iter();
    let all = all.map(|(id, title)| {
        json!({
            "template_id": id, "title": title, "primary_industry": "", "deputy_industry": "",
            "content": "", "example": "",
        })
    });
    Ok(Answer::Data(json!({ "template_list": all.collect::<Vec<_>>() })))
}

pub(super) fn send(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let (openid, bubble) = call.notification(&body, "url")?;
    let (now, msg_id) = (call.now, call.msg_id());
    let follower = call.following(&openid)?;
    if let Some(id) = text(&body, "client_msg_id") {
        if id.chars().count() > CLIENT_ID {
            return Err(Refused::code(40035));
        }
        follower.client_msg_ids.retain(|_, (_, at)| now < *at + CLIENT_ID_LASTS);
        if let Some((msg_id, _)) = follower.client_msg_ids.get(id) {
            return Ok(sent_as(*msg_id));
        }
        follower.client_msg_ids.insert(id.to_owned(), (msg_id, now));
    }
    let status = if follower.refuses_templates { "failed:user block" } else { "success" };
    if status == "success" {
        show(follower, bubble, now);
    }
    let fields = vec![Element::number("MsgID", msg_id), Element::text("Status", status)];
    let about = About::event("TEMPLATESENDJOBFINISH", fields);
    call.later.push(Later { after: LATER, openid, about });
    Ok(sent_as(msg_id))
}

pub(super) fn notify(call: &mut Call<'_>) -> Result<Answer, Refused> {
    let body = call.json()?;
    let (openid, bubble) = call.notification(&body, "page")?;
    let template_id = text(&body, "template_id").unwrap_or_default().to_owned();
    let (now, msg_id, format) = (call.now, call.msg_id(), call.account.format);
    let follower = call.following(&openid)?;
    let left = follower.subscriptions.get_mut(&template_id).filter(|left| **left > 0);
    *left.ok_or(Refused::code(43101))? -= 1;
    show(follower, bubble, now);
    let outcome = [("MsgID", Value::from(msg_id)), ("ErrorCode", 0.into())];
    let mut entry = vec![Element::text("TemplateId", template_id)];
    entry.extend(outcome.map(|(name, value)| count(format, name, &value)));
    entry.push(Element::text("ErrorStatus", "success"));
    let about = subscription_event("sent", entry, format);
    call.later.push(Later { after: LATER, openid, about });
    Ok(Answer::Done)
}

fn sent_as(msg_id: u64) -> Answer {
    Answer::Data(json!({ "errcode": 0, "errmsg": "ok", "msgid": msg_id }))
}

/// An event of subscription notices: in JSON there is no wrapper around the list.
fn subscription_event(kind: &str, entry: Vec<Element>, format: Format) -> About {
    let list = Element::nested("List", entry);
    let fields = match format {
        Format::Json => list,
        Format::Xml => {
            let capital = kind[..1].to_uppercase() + &kind[1..];
            Element::nested(format!("SubscribeMsg{capital}Event"), vec![list])
        }
    };
    About::event(format!("subscribe_msg_{kind}_event"), vec![fields])
}

/// Numbers of these events are texts in JSON.
fn count(format: Format, name: &str, value: &Value) -> Element {
    match format {
        Format::Json => Element::text(name, value.to_string()),
        Format::Xml => Element::number(name, value),
    }
}

impl Call<'_> {
    /// To whom, and what they see.
    fn notification(&mut self, body: &Value, url: &str) -> Result<(String, Bubble), Refused> {
        let openid = text(body, "touser").ok_or(Refused::code(41009))?.to_owned();
        self.following(&openid)?;
        let template_id = text(body, "template_id").ok_or(Refused::code(40036))?.to_owned();
        if !self.world.templates.titles.contains_key(&template_id) {
            return Err(Refused::code(40037));
        }
        let data = body["data"].as_object().ok_or(Refused::code(47003))?;
        let fields = data.iter().map(|(name, field)| match text(field, "value") {
            Some(value) if fits(name, value) => Ok((name.clone(), value.to_owned())),
            _ => Err(Refused::with(47003, format!("argument invalid! data.{name}.value invalid"))),
        });
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let url = text(body, url).map(str::to_owned);
        Ok((openid, Bubble::Notification { template_id, fields, url }))
    }

    fn msg_id(&mut self) -> u64 {
        self.world.rng.random_range(1 << 61..1 << 62)
    }
}

/// Whether a value suits a field, as far as its name says.
fn fits(name: &str, value: &str) -> bool {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let characters = value.chars().count();
    match prefix {
        "thing" => characters <= THING,
        "number" => characters <= 32 && value.parse::<f64>().is_ok(),
        "symbol" | "phrase" => characters <= 5,
        "character_string" => characters <= 32,
        _ => true,
    }
}

impl WeChat {
    /// Has the account own a template, for template messages and for notices.
    pub fn add_template(&self, id: &str, title: &str) {
        let (id, title) = (id.to_owned(), title.to_owned());
        self.world(|world| world.templates.titles.insert(id, title));
    }

    /// Has the account own a published article, for messages of the type `mpnewsarticle`.
    pub fn add_article(&self, id: &str) {
        self.world(|world| world.articles.insert(id.to_owned()));
    }
}

impl Follower {
    /// Refuses the account's template messages from now on.
    pub fn refuses_templates(&self) {
        self.state(|state| state.refuses_templates = true);
    }

    /// Allows one more notice of a template, in an article; the bot hears of it later.
    pub fn accepts(&self, template_id: &str) {
        self.state(|state| {
            *state.subscriptions.entry(template_id.to_owned()).or_default() += 1;
        });
        let format = self.wechat().account().format;
        let entry = vec![
            Element::text("TemplateId", template_id),
            Element::text("SubscribeStatusString", "accept"),
            count(format, "PopupScene", &2.into()),
        ];
        let about = subscription_event("popup", entry, format);
        let later = Later { after: LATER, openid: self.openid().to_owned(), about };
        self.wechat().tell_later(later);
    }
}
