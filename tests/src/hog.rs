//! A plugin that never gives its thread back, and says that it only computes.

use std::thread;

use wxbot_sdk::prelude::*;

/// `[chain.config]` of `hog`: nothing.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HogConfig {}

/// Keeps the thread that serves, and says so on stderr.
pub struct Hog;

impl Plugin for Hog {
    const NAME: &'static str = "hog";
    const SUMMARY: &'static str = "keeps the thread that asks it";
    const COMPUTES_ONLY: bool = true;
    type Config = HogConfig;

    fn build(_config: HogConfig, _env: &BuildEnv) -> Result<Self, BuildError> {
        Ok(Self)
    }
}

#[async_trait]
impl Handler for Hog {
    async fn handle(&self, _ctx: &mut Context) -> Result<Flow, HandlerError> {
        eprintln!("the hog has the thread");
        loop {
            thread::park();
        }
    }
}

register!(Hog);
