//! A plugin that does things on its own time, as it is told.

use std::future::pending;
use std::thread;
use std::time::Duration;

use wxbot_sdk::prelude::*;

/// `[chain.config]` of `background`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who hears of it.
    openid: String,
    /// What it does when it starts.
    start: Deed,
    /// What it does when it stops.
    stop: Deed,
}

/// What it is told to do.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Nothing.
    #[default]
    Nothing,
    /// Says so.
    Say,
    /// Sends a tick each minute, in a task.
    Tick,
    /// Panics in a task.
    Task,
    /// Panics.
    Panic,
    /// Fails.
    Fail,
    /// Never returns.
    Hang,
    /// Never gives its thread back.
    Block,
}

/// The plugin.
pub struct Background(Config);

impl Plugin for Background {
    const NAME: &'static str = "background";
    const SUMMARY: &'static str = "does things on its own time";
    type Config = Config;

    fn build(config: Config, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self(config))
    }
}

#[async_trait]
impl Handler for Background {
    async fn handle(&self, _ctx: &mut Context) -> Result<Flow, HandlerError> {
        Ok(Flow::Pass)
    }

    async fn start(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        self.act(self.0.start, ctx, "started").await
    }

    async fn stop(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        self.act(self.0.stop, ctx, "stopped").await
    }
}

register!(Background);

impl Background {
    async fn act(&self, deed: Deed, ctx: &InstanceContext, said: &str) -> Result<(), HandlerError> {
        match deed {
            Deed::Nothing => {}
            Deed::Say => say(ctx, &self.0.openid, said).await?,
            Deed::Tick => ctx.spawn(tick(ctx.clone(), self.0.openid.clone())),
            Deed::Task => ctx.spawn(async { panic!("as it was told") }),
            Deed::Panic => panic!("as it was told"),
            Deed::Fail => return Err("as it was told".into()),
            Deed::Hang => pending().await,
            Deed::Block => loop {
                thread::park();
            },
        }
        Ok(())
    }
}

async fn say(ctx: &InstanceContext, openid: &str, words: &str) -> Result<(), HandlerError> {
    let account = ctx.accounts().next().ok_or("there is no account")?;
    ctx.send_to(account, openid, words).await?;
    Ok(())
}

async fn tick(ctx: InstanceContext, openid: String) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        // Who gets none sees it.
        let _ = say(&ctx, &openid, "tick").await;
    }
}
