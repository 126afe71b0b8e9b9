//! What WeChat's console answers by itself, as entries of `welcome` and `keywords`. The server
//! configuration switches all of it off.

use std::fmt::Write;

use serde_json::Value;

use super::live::text;
use super::toml_text::{comment, one_or_many, quoted};

/// What is to be answered: by clicks, to new followers, to keywords, and to all else.
#[derive(Default)]
pub(super) struct Rules {
    welcome: Option<String>,
    rules: String,
    default: Option<String>,
    clicks: usize,
}

impl Rules {
    /// A rule for a button of the console that said something itself, and the key it clicks now.
    pub(super) fn answer_click(&mut self, name: &str, reply: String) -> String {
        self.clicks += 1;
        let key = format!("MENU_{}", self.clicks);
        self.rules += &comment(&format!("the button {name}"));
        self.rule(&format!("event = \"CLICK\"\nkey = {}", quoted(&key)), &reply);
        key
    }

    /// With what `get_current_autoreply_info` says.
    pub(super) fn with_auto_replies(mut self, replies: &Value) -> Self {
        let is_open = |name: &str| text(&replies[name]).as_deref() == Some("1");
        if is_open("is_add_friend_reply_open") {
            self.welcome = reply_of(&replies["add_friend_autoreply_info"]);
        }
        if is_open("is_autoreply_open") {
            let list = replies["keyword_autoreply_info"]["list"].as_array();
            list.into_iter().flatten().for_each(|rule| self.keyword_rule(rule));
            self.default = reply_of(&replies["message_default_autoreply_info"]);
        }
        self
    }

    /// Entries of the chain, in the order in which WeChat asks.
    pub(super) fn toml(&self) -> String {
        let mut toml = String::new();
        if let Some(reply) = &self.welcome {
            let _ = write!(
                toml,
                "\n[[chain]]\nplugin = \"welcome\"\n[chain.config]\nreply = {reply}\n"
            );
        }
        if !self.rules.is_empty() {
            let _ = write!(toml, "\n[[chain]]\nplugin = \"keywords\"\n{}", self.rules);
        }
        if let Some(reply) = &self.default {
            let _ = write!(
                toml,
                "\n[[chain]]\nid = \"default-reply\"\nplugin = \"keywords\"\n\
                 [[chain.config.rules]]\nregex = '(?s)^.*$'\nreply = {reply}\n"
            );
        }
        toml
    }

    /// A rule may have keywords of both kinds; here each kind is a rule.
    fn keyword_rule(&mut self, rule: &Value) {
        let name = text(&rule["rule_name"]).unwrap_or_default();
        let replies = rule["reply_list_info"].as_array().into_iter().flatten();
        let replies: Vec<String> = replies.filter_map(reply_of).collect();
        let reply = match (replies.as_slice(), rule["reply_mode"].as_str()) {
            ([], _) => {
                self.rules += &comment(&format!("{name}: what it sends is not known here"));
                return;
            }
            // A list is one to pick from; in a list it is all of them, in order.
            (many @ [_, _, ..], Some("reply_all")) => format!("[[{}]]", many.join(", ")),
            (some, _) => one_or_many(some),
        };
        self.rules += &comment(&name);
        for (mode, condition) in [("equal", "full"), ("contain", "contains")] {
            let keywords = rule["keyword_list_info"].as_array().into_iter().flatten();
            let keywords = keywords.filter(|keyword| keyword["match_mode"] == mode);
            let texts = keywords.filter_map(|keyword| text(&keyword["content"]));
            let texts: Vec<_> = texts.map(|text| quoted(&text)).collect();
            if !texts.is_empty() {
                self.rule(&format!("{condition} = {}", one_or_many(&texts)), &reply);
            }
        }
    }

    fn rule(&mut self, conditions: &str, reply: &str) {
        let _ = write!(self.rules, "[[chain.config.rules]]\n{conditions}\nreply = {reply}\n");
    }
}

/// A reply of the console's, as it is written in bot.toml; none for what the bot can't send.
pub(super) fn reply_of(reply: &Value) -> Option<String> {
    let content = || text(&reply["content"]).or_else(|| text(&reply["value"]));
    match reply["type"].as_str()? {
        "text" => Some(quoted(&content()?)),
        "img" => Some(format!("{{ image = {} }}", quoted(&content()?))),
        "voice" => Some(format!("{{ voice = {} }}", quoted(&content()?))),
        "news" => news(reply),
        _ => None,
    }
}

/// To a message WeChat takes one article, so it is the first.
fn news(reply: &Value) -> Option<String> {
    let article = reply["news_info"]["list"].as_array()?.first()?;
    let fields = [
        ("title", "title"),
        ("description", "digest"),
        ("pic_url", "cover_url"),
        ("url", "content_url"),
    ];
    let fields = fields.iter().filter_map(|(ours, theirs)| {
        Some(format!("{ours} = {}", quoted(&text(&article[*theirs])?)))
    });
    let fields = fields.collect::<Vec<_>>();
    Some(format!("{{ news = [{{ {} }}] }}", fields.join(", ")))
}
