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
mod heard;
mod callback; // what comes later
mod breaker;
mod error;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};
use wxbot_sdk::external;
use wxbot_sdk::prelude::*;

use crate::breaker::Breaker;
use crate::callback::{Callbacks, Expected};
pub use crate::config::Config;
use crate::config::Format;
use crate::endpoint::Endpoint;
use crate::error::CallError;
use crate::heard::Heard;
use crate::signature::Signer;
use crate::wechat::Wechat;

/// The plugin.
pub struct Webhook {
    config: Config,
    endpoint: Endpoint,
    /// With `format = "wechat"`.
    wechat: Option<Wechat>,
    signer: Signer,
    callbacks: Option<Callbacks>,
    breaker: Breaker,
    permits: Semaphore,
}

/// A bot that takes WeChat's XML would not know it.
const NO_CALLBACK: &str =
    "`callback` is for `format = \"json\"`; a bot that takes WeChat's XML is told of none";

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
            callbacks: match (&config.callback, config.format) {
                (Some(base), Format::Json) => Some(Callbacks::new(base, env.timeout)?),
                (Some(_), Format::Wechat) => return Err(NO_CALLBACK.into()),
                (None, _) => None,
            },
            breaker: Breaker::new(&env.id),
            permits: Semaphore::new(config.permits()?),
            config,
        })
    }
}

#[async_trait]
impl Handler for Webhook {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        let expected = match &self.callbacks {
            Some(callbacks) => callbacks.expect(ctx).await,
            None => None,
        };
        let heard = match &expected {
            Some(expected) if expected.was_promised() => Ok(Heard::Later(None)),
            expected => self.call(ctx, expected.as_ref()).await,
        };
        match expected {
            Some(expected) => Ok(conclude(heard, expected, ctx).await?),
            None => Ok(heard?.flow()?),
        }
    }
}

register!(Webhook);

impl Webhook {
    /// Calls the endpoint, when there is room and it is not failing.
    async fn call(&self, ctx: &Context, expected: Option<&Expected>) -> Result<Heard, CallError> {
        let deadline = Instant::now() + external::time_limit(ctx, self.config.time_limit);
        let permit = timeout_at(deadline, self.permits.acquire()).await;
        let _permit = permit.map_err(|_| CallError::Busy { most: self.config.concurrency })?;
        let attempt = self.breaker.attempt()?;
        let heard = match self.ask(ctx, expected, deadline).await {
            Ok(Heard::Later(_)) if expected.is_none() => Err(CallError::NothingFollowed),
            heard => heard,
        };
        attempt.record(&heard);
        heard
    }

    async fn ask(
        &self,
        ctx: &Context,
        expected: Option<&Expected>,
        deadline: Instant,
    ) -> Result<Heard, CallError> {
        let callback = expected.map(|expected| expected.callback.clone());
        let mut post = match &self.wechat {
            None => json::post(ctx, callback).await?,
            Some(wechat) => wechat.post(ctx)?,
        };
        self.signer.sign(ctx, &mut post);
        let response = timeout_at(deadline, self.endpoint.send(post)).await??;
        match &self.wechat {
            None => json::heard(response, ctx, deadline).await,
            Some(wechat) => Ok(Heard::Flow(timeout_at(deadline, wechat.flow(response)).await??)),
        }
    }
}

/// What comes of a call whose answer may also be posted.
async fn conclude(
    heard: Result<Heard, CallError>,
    expected: Expected,
    ctx: &Context,
) -> Result<Flow, CallError> {
    match heard {
        Ok(Heard::Later(notice)) => {
            json::announce(ctx, notice);
            expected.flow(ctx).await
        }
        Ok(Heard::Flow(flow)) => {
            expected.close().await;
            Ok(flow)
        }
        Err(error) => expected.abandon(ctx).await.ok_or(error),
    }
}

#[cfg(test)]
mod tests;
