//! `refusal`: what is said to whoever is not of an entry's audience.

use std::sync::Arc;

use wxbot_sdk::command::CommandSet;
use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::Audience;
use wxbot_sdk::plugin::Flow;
use wxbot_sdk::template::{Template, TemplateError};

/// Takes the place of an entry for all others. Without it they pass by silently, and `when` knows the
/// audience; with it `when` does not, and it is asked here.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Who is not refused.
    pub audiences: Vec<Arc<Audience>>,
    /// What all others are told.
    pub text: Template,
    /// Where `when` does not say which messages are meant, these commands do.
    pub commands: Option<&'static CommandSet>,
}

impl Refusal {
    /// What happens instead of asking the link, if anything does.
    pub(super) fn instead(&self, ctx: &Context) -> Result<Option<Flow>, TemplateError> {
        if self.audiences.iter().any(|audience| audience.has(ctx.openid(), ctx.tags())) {
            return Ok(None);
        }
        let is_meant = self.commands.is_none_or(|commands| {
            ctx.text().is_some_and(|text| (commands.takes)(text, ctx.unix_now()))
        });
        Ok(Some(if is_meant { Flow::reply(self.text.render(ctx)?) } else { Flow::Pass }))
    }
}
