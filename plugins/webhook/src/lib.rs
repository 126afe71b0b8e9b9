//! Asks a handler in any language, over HTTP.
//!
//! Each message is posted as JSON, signed as Standard Webhooks says; the response says what to
//! reply. Or it is posted as WeChat would, for a bot that is there already. Only the operator's URL
//! is called: no redirect is followed, no proxy of the environment is used, and no address from a
//! message or an answer. `docs/en/other-languages.md` has the contract.

mod config;
mod json; // what is posted, and what comes back
mod wechat; // the same as WeChat's XML
mod signature;
mod endpoint;
mod breaker;
mod error;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use wxbot_sdk::external;
use wxbot_sdk::prelude::*;

use crate::breaker::Breaker;
pub use crate::config::Config;
use crate::config::Format;
use crate::endpoint::Endpoint;
use crate::error::CallError;
use crate::signature::Signer;
use crate::wechat::Wechat;

/// The plugin.
pub struct Webhook {
    config: Config,
    endpoint: Endpoint,
    /// With `format = "wechat"`.
    wechat: Option<Wechat>,
    signer: Signer,
    breaker: Breaker,
    permits: Semaphore,
}

impl Plugin for Webhook {
    const NAME: &'static str = "webhook";
    const SUMMARY: &'static str = "asks a handler in any language, over HTTP";
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self {
            endpoint: Endpoint::new(&config.url)?,
            wechat: match config.format {
                Format::Json => config.check_json().map(|()| None)?,
                Format::Wechat => Some(Wechat::new(&config)?),
            },
            signer: Signer::new(config.secret.as_ref())?,
            breaker: Breaker::new(&env.id),
            permits: Semaphore::new(config.permits()?),
            config,
        })
    }
}

#[async_trait]
impl Handler for Webhook {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let deadline = Instant::now() + external::time_limit(ctx, self.config.time_limit);
        let permit = timeout_at(deadline, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| CallError::Busy { most: self.config.concurrency })?;
        let attempt = self.breaker.attempt()?;
        let flow = self.ask(ctx, deadline).await;
        attempt.record(&flow);
        Ok(flow?)
    }
}

register!(Webhook);

impl Webhook {
    async fn ask(&self, ctx: &Context, deadline: Instant) -> Result<Flow, CallError> {
        let mut post = match &self.wechat {
            None => json::post(ctx).await?,
            Some(wechat) => wechat.post(ctx)?,
        };
        self.signer.sign(ctx, &mut post);
        let response = timeout_at(deadline, self.endpoint.send(post)).await??;
        match &self.wechat {
            None => json::flow(response, ctx, deadline).await,
            Some(wechat) => timeout_at(deadline, wechat.flow(response)).await?,
        }
    }
}

#[cfg(test)]
mod tests;
