//! One rule: when it holds, and what it says.

use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::{Matcher, When};
use wxbot_sdk::reply::Reply;
use wxbot_sdk::reply::settings::{ReplyChoice, ReplyTemplate};
use wxbot_sdk::settings::OneOrMany;
use wxbot_sdk::template::variables::{Variable, Variables};
use wxbot_sdk::template::{Template, TemplateError, Values};

/// `[[chain.config.rules]]`: conditions that must all hold, and a reply.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "RuleSettings")]
#[schemars(with = "RuleSettings")]
pub(crate) struct Rule {
    matcher: Matcher,
    answer: Answer,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RuleSettings {
    /// The kind of message: `image`, `voice`, `location`, …
    kind: Option<OneOrMany>,
    /// The text is this, blanks around it aside.
    full: Option<OneOrMany>,
    /// The text begins with this.
    prefix: Option<OneOrMany>,
    /// The text ends with this.
    suffix: Option<OneOrMany>,
    /// The text has this in it.
    contains: Option<OneOrMany>,
    /// The text matches this regular expression; the reply may use `$1` or `$name`, and before a
    /// letter `$${1}`, as `${1}` in bot.toml is a variable of the environment.
    regex: Option<OneOrMany>,
    /// The event's name, in any case.
    event: Option<OneOrMany>,
    /// The event's key, for a subscription by QR code the scene.
    key: Option<OneOrMany>,
    /// Whether conditions on text ignore case. Default: false.
    #[serde(default)]
    ignore_case: bool,
    /// Whether conditions on text hold for what WeChat recognised of a voice message, too.
    /// Default: true.
    voice: Option<bool>,
    /// A text, a table for any reply kind, or a list to pick from. Its texts may be templates, in
    /// which `captures[1]` and `captures.name` are what the regular expression caught.
    reply: ReplyChoice<Captures>,
}

/// Of replies: what the rule's regular expression caught.
#[derive(Debug)]
enum Captures {}

impl Variables for Captures {
    const OWN: &'static [Variable] = &[Variable::any("captures")];
}

/// What a rule says.
#[derive(Debug)]
pub(crate) struct Answer {
    reply: ReplyChoice<Captures>,
    /// Whether the reply has places for what a regular expression caught.
    fills_in: bool,
}

impl Rule {
    pub(crate) fn into_parts(self) -> (Matcher, Answer) {
        (self.matcher, self.answer)
    }
}

impl Answer {
    /// The reply to this message, with what the rule's regular expression caught filled in.
    pub(crate) fn for_message(
        &self,
        ctx: &Context,
        matcher: &Matcher,
    ) -> Result<Reply, TemplateError> {
        let reply = self.reply.pick(ctx.message());
        match reply.as_plain() {
            Some(plain) if self.fills_in => Ok(expanded(plain, ctx, matcher)),
            Some(plain) => Ok(plain.clone()),
            None => {
                let groups = matcher.groups(ctx.message()).filter(|_| self.fills_in);
                let values = match groups {
                    Some(groups) => Values::new(ctx).with_groups("captures", groups),
                    None => Values::new(ctx),
                };
                reply.render(&values)
            }
        }
    }
}

/// A reply in which `$1` stands for what was caught.
fn expanded(reply: &Reply, ctx: &Context, matcher: &Matcher) -> Reply {
    let Some(captures) = matcher.captures(ctx.message()) else { return reply.clone() };
    reply.map_texts(|text| {
        let mut filled = String::new();
        captures.expand(text, &mut filled);
        filled
    })
}

impl TryFrom<RuleSettings> for Rule {
    type Error = String;

    fn try_from(settings: RuleSettings) -> Result<Self, String> {
        let RuleSettings { kind, full, prefix, suffix, contains, .. } = settings;
        let RuleSettings { regex, event, key, .. } = settings;
        let fills_in = regex.is_some();
        let (ignore_case, voice) = (settings.ignore_case, settings.voice);
        let texts = When { full, prefix, suffix, contains, regex, ..When::default() };
        let when = When { kind, event, key, ..texts };
        if when == When::default() {
            return Err("a rule needs a condition: kind, full, prefix, suffix, contains, regex, \
                        event or key"
                .into());
        }
        let matcher =
            Matcher::new(When { ignore_case, voice, ..when }).map_err(|error| error.to_string())?;
        if fills_in {
            check_places(&settings.reply, &matcher)?;
        }
        check_captures(&settings.reply, &matcher, fills_in)?;
        Ok(Self { matcher, answer: Answer { reply: settings.reply, fills_in } })
    }
}

/// `$1`, `$name` or `${name}`; `$$` is a dollar sign.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = Regex::new(r"\$\$|\$([0-9A-Za-z_]+)|\$\{([^}]*)\}");
    pattern.expect("the pattern is right")
});

/// A place that no group of the rule's regular expressions can fill would come out empty.
fn check_places(reply: &ReplyChoice<Captures>, matcher: &Matcher) -> Result<(), String> {
    let plain = reply.replies().filter_map(ReplyTemplate::as_plain);
    for text in plain.flat_map(Reply::texts) {
        for found in PLACE.captures_iter(&text) {
            let Some(name) = found.get(1).or(found.get(2)) else { continue };
            if !matcher.has_group(name.as_str()) {
                return Err(format!(
                    "`{}` in the reply is no group of the regular expression; \
                     in bot.toml write `$${{1}}` before a letter, and `$$` for a dollar sign",
                    &found[0]
                ));
            }
        }
    }
    Ok(())
}

/// The same of a template.
fn check_captures(
    reply: &ReplyChoice<Captures>,
    matcher: &Matcher,
    has_regex: bool,
) -> Result<(), String> {
    let templates = || reply.replies().flat_map(ReplyTemplate::templates);
    let mut groups = templates().flat_map(|text: &Template<Captures>| text.uses_of("captures"));
    match groups.find(|group| !has_regex || !group.is_empty() && !matcher.has_group(group)) {
        Some(_) if !has_regex => {
            Err("the reply uses {{ captures }}, but the rule has no `regex` that could catch \
                 anything"
                .into())
        }
        Some(group) => Err(format!(
            "{{{{ captures }}}} in the reply has no {group}: that is no group of the regular \
             expression"
        )),
        None => Ok(()),
    }
}
