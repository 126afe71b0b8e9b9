//! One choice, and where it leads.

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::matcher::keyword_of;
use wxbot_sdk::reply::settings::ReplyChoice;
use wxbot_sdk::template::Template;

/// A label, and where it leads.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "ChoiceSettings")]
#[schemars(with = "ChoiceSettings")]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) leads: Leads,
}

/// Where a choice leads.
#[derive(Debug)]
pub(crate) enum Leads {
    /// To an answer.
    Reply(ReplyChoice),
    /// To the next question.
    On { question: Template, choices: Vec<Choice> },
}

/// `[[chain.config.choices]]`: a label, and a reply or more choices.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChoiceSettings {
    /// What can be written or tapped.
    label: String,
    /// The answer: a text, a table for any reply kind, or a list to pick from.
    reply: Option<ReplyChoice>,
    /// Asked next. Default: the label, and a colon.
    question: Option<Template>,
    /// What can be chosen then.
    #[serde(default)]
    choices: Vec<Choice>,
}

impl Choice {
    /// Whether a word in lower case is its label.
    pub(crate) fn is(&self, word: &str) -> bool {
        keyword_of(&self.label).to_lowercase() == word
    }
}

impl TryFrom<ChoiceSettings> for Choice {
    type Error = String;

    fn try_from(settings: ChoiceSettings) -> Result<Self, String> {
        let ChoiceSettings { label, reply, question, choices } = settings;
        if keyword_of(&label).is_empty() {
            return Err("a choice needs a label that can be written".into());
        }
        let leads = match (reply, choices.is_empty()) {
            (Some(reply), true) if question.is_none() => Leads::Reply(reply),
            (None, false) => {
                check_labels(&choices)?;
                let question = question.unwrap_or_else(|| Template::from(&*format!("{label}：")));
                Leads::On { question, choices }
            }
            _ => return Err(format!("`{label}` needs either a `reply` or `choices`")),
        };
        Ok(Self { label, leads })
    }
}

/// Whoever writes a label means one choice.
pub(crate) fn check_labels(choices: &[Choice]) -> Result<(), String> {
    let mut labels: Vec<_> = choices.iter().map(|choice| choice.label.to_lowercase()).collect();
    labels.sort_unstable();
    match labels.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("`{}` stands twice among the choices", pair[0])),
        None => Ok(()),
    }
}
