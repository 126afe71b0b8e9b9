//! Leads through a tree of choices, by numbers, labels or taps.
//!
//! A word or a menu click opens it; the follower picks, goes back, or leaves. What is no choice is
//! passed, so that any question is answered in between.

mod choice;

use wxbot_sdk::matcher::keyword_of;
use wxbot_sdk::prelude::*;

use crate::choice::{Choice, Leads};

/// `[chain.config]` of `guide`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Words that open it, in any case. Default: 菜单, 帮助 and help.
    words: Vec<String>,
    /// Keys of menu buttons that open it. Default: none.
    keys: Vec<String>,
    /// Whether it opens for new followers. Default: false.
    on_follow: bool,
    /// Asked first. Default: 请选择：
    question: Template,
    /// What can be chosen there. Needed.
    choices: Vec<Choice>,
    /// Words that lead one level up. Default: 返回, 上一级, back and 0.
    back: Vec<String>,
    /// Whether the choices stay open behind an answer, until they time out or a word ends the dialog.
    /// Default: true.
    stay: bool,
    /// What is said.
    texts: Texts,
}

/// What is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Texts {
    /// The last choice below the first level; "" for none.
    back: String,
    /// To a number that is none of the choices.
    no_such: Template,
}

/// The plugin.
pub struct Guide {
    config: Config,
}

/// Where a follower is: the labels of what was chosen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place(Vec<String>);

impl DialogState for Place {}

impl Plugin for Guide {
    const NAME: &'static str = "guide";
    const SUMMARY: &'static str = "leads through a tree of choices";
    const DIALOGS: Option<Dialogs> = Some(Dialogs::DEFAULT);
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        if config.choices.is_empty() {
            return Err("a guide needs `choices`".into());
        }
        choice::check_labels(&config.choices)?;
        Ok(Self { config })
    }
}

#[async_trait]
impl Handler for Guide {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        match ctx.dialog::<Place>()? {
            _ if self.is_opened_by(ctx) => self.ask(ctx, Place::default()),
            None => Ok(Flow::Pass),
            Some(place) => self.go_on(ctx, place),
        }
    }
}

register!(Guide);

impl Guide {
    fn is_opened_by(&self, ctx: &Context) -> bool {
        match ctx.event() {
            Some(Event::Subscribe { .. }) => self.config.on_follow,
            Some(_) => {
                let key = ctx.message().event_key();
                key.is_some_and(|key| self.config.keys.iter().any(|one| one == key))
            }
            None => is_one_of(&self.config.words, &word_of(ctx)),
        }
    }

    /// Asks what is asked at a place.
    fn ask(&self, ctx: &mut Context, place: Place) -> Result<Flow, HandlerError> {
        let question = place.question(self).render(&*ctx)?;
        ctx.choose(place.clone(), &question, self.labels(&place))
    }

    fn go_on(&self, ctx: &mut Context, place: Place) -> Result<Flow, HandlerError> {
        let choices = place.choices(self);
        match ctx.chosen() {
            Some(chosen) if chosen < choices.len() => return self.choose(ctx, place, chosen),
            Some(_) => return self.ask(ctx, place.up()),
            None => {}
        }
        let word = word_of(ctx);
        if word == self.config.texts.back || is_one_of(&self.config.back, &word) {
            return self.ask(ctx, place.up());
        }
        let is_tap = matches!(ctx.content(), Content::Text { menu_id: Some(_), .. });
        let anywhere = || self.find(&word, Place::default()).filter(|_| is_tap);
        if let Some((place, chosen)) = self.find_above(&word, &place).or_else(anywhere) {
            return self.choose(ctx, place, chosen);
        }
        match word.parse::<u32>() {
            Ok(_) => ctx.again(self.config.texts.no_such.render(&*ctx)?),
            Err(_) => Ok(Flow::Pass),
        }
    }

    /// A choice of an earlier question, which the chat still shows.
    fn find_above(&self, label: &str, place: &Place) -> Option<(Place, usize)> {
        let chosen = place.choices(self).iter().position(|choice| choice.is(label));
        match chosen {
            Some(chosen) => Some((place.clone(), chosen)),
            None if place.0.is_empty() => None,
            None => self.find_above(label, &place.up()),
        }
    }

    /// A choice at this place or below.
    fn find(&self, label: &str, place: Place) -> Option<(Place, usize)> {
        let choices = place.choices(self);
        if let Some(chosen) = choices.iter().position(|choice| choice.is(label)) {
            return Some((place, chosen));
        }
        let mut further = choices.iter().filter(|choice| matches!(choice.leads, Leads::On { .. }));
        further.find_map(|choice| self.find(label, place.clone().down(&choice.label)))
    }

    fn choose(&self, ctx: &mut Context, at: Place, chosen: usize) -> Result<Flow, HandlerError> {
        let choice = &at.choices(self)[chosen];
        match &choice.leads {
            Leads::On { .. } => self.ask(ctx, at.down(&choice.label)),
            Leads::Reply(reply) => {
                let reply = reply.render(&*ctx)?;
                if !self.config.stay {
                    return ctx.done(reply);
                }
                // The choices are in the chat already.
                self.ask(ctx, at)?;
                Ok(Flow::Reply(reply))
            }
        }
    }

    fn labels(&self, place: &Place) -> Vec<String> {
        let back = Some(&self.config.texts.back);
        let back = back.filter(|back| !place.0.is_empty() && !back.is_empty());
        let labels = place.choices(self).iter().map(|choice| &choice.label);
        labels.chain(back).cloned().collect()
    }
}

/// What was written, without the brackets in which a word may have been named.
fn word_of(ctx: &Context) -> String {
    keyword_of(ctx.text().unwrap_or_default()).to_lowercase()
}

fn is_one_of(words: &[String], word: &str) -> bool {
    words.iter().any(|one| keyword_of(one).to_lowercase() == word)
}

impl Place {
    /// What can be chosen here. A place that there is no more is the first one.
    fn choices<'g>(&self, guide: &'g Guide) -> &'g [Choice] {
        self.level(guide).map_or(&guide.config.choices, |(_, choices)| choices)
    }

    fn question<'g>(&self, guide: &'g Guide) -> &'g Template {
        self.level(guide).map_or(&guide.config.question, |(question, _)| question)
    }

    /// Below the first level, what is asked there.
    fn level<'g>(&self, guide: &'g Guide) -> Option<(&'g Template, &'g [Choice])> {
        let (mut question, mut choices) = (&guide.config.question, guide.config.choices.as_slice());
        for label in &self.0 {
            let choice = choices.iter().find(|choice| choice.label == *label)?;
            let Leads::On { question: asked, choices: next } = &choice.leads else { return None };
            (question, choices) = (asked, next);
        }
        (!self.0.is_empty()).then_some((question, choices))
    }

    fn down(mut self, label: &str) -> Self {
        self.0.push(label.to_owned());
        self
    }

    fn up(&self) -> Self {
        Self(self.0.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default())
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            words: ["菜单", "帮助", "help"].map(Into::into).into(),
            keys: Vec::new(),
            on_follow: false,
            question: "请选择：".into(),
            choices: Vec::new(),
            back: ["返回", "上一级", "back", "0"].map(Into::into).into(),
            stay: true,
            texts: Texts::default(),
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            back: "返回上一级".into(), no_such: "没有这一项，请重新选择：".into()
        }
    }
}

#[cfg(test)]
mod tests;
