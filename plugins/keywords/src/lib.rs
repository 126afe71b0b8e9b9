//! Answers by rules: the first one that holds, from top to bottom.
//!
//! A rule has conditions, which must all hold, and a reply. Full width and zero-width characters
//! make no difference, as in `when`. A hundred thousand rules cost a message little more than one.

mod rule;

use wxbot_sdk::matcher::set::MatcherSet;
use wxbot_sdk::prelude::*;

use crate::rule::{Answer, Rule};

/// `[chain.config]` of `keywords`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Tried from top to bottom; the first one that holds answers. Default: none.
    rules: Vec<Rule>,
}

/// The plugin.
pub struct Keywords {
    rules: MatcherSet,
    answers: Vec<Answer>,
}

impl Plugin for Keywords {
    const NAME: &'static str = "keywords";
    const SUMMARY: &'static str = "answers by rules, the first one that holds";
    const COMPUTES_ONLY: bool = true;
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        let (matchers, answers) = config.rules.into_iter().map(Rule::into_parts).unzip();
        Ok(Self { rules: MatcherSet::new(matchers), answers })
    }
}

#[async_trait]
impl Handler for Keywords {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let Some(place) = self.rules.first(ctx.subject()) else { return Ok(Flow::Pass) };
        Ok(Flow::Reply(self.answers[place].for_message(ctx, self.rules.get(place))?))
    }

    fn answers_texts(&self) -> bool {
        (0..self.rules.len()).any(|place| self.rules.get(place).is_for_texts())
    }

    fn warnings(&self) -> Vec<String> {
        let rules = (0..self.rules.len()).map(|place| (place + 1, self.rules.get(place)));
        let names = rules.flat_map(|(rule, matcher)| {
            matcher.unheard_of().into_iter().map(move |name| (rule, name))
        });
        names.map(|(rule, name)| format!("rule {rule}: WeChat has no {name}")).collect()
    }
}

register!(Keywords);

#[cfg(test)]
mod tests;
