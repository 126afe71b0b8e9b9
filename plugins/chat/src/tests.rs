//! Followers, the plugin, and a model that does what it is told.

mod answering;
mod failing;
mod limiting;
mod seeing;
mod settings;
mod served;
mod dialects;
mod knowing;
mod calling;
mod illustrating;
mod summing;
mod templating;
#[cfg(feature = "mcp")]
mod serving;

use std::cell::RefCell;

use wxbot_model_sim::{FakeModel, Received, Script};
use wxbot_testkit::{Follower, TestBot};

use super::*;

/// What a key must never be seen as.
const KEY: &str = "sk-canary0123456789";
const LABEL: &str = "\n\n（内容由 AI 生成）";

/// Said, it is worked on twice, as after a process that died behind the answer.
const TWICE: &str = "twice";

thread_local! {
    /// The model of the next bot of this test.
    static MODEL: RefCell<Option<FakeModel>> = const { RefCell::new(None) };
}

/// The plugin, in front of a model that is asked in virtual time.
struct Faked(Chat);

impl Plugin for Faked {
    const NAME: &'static str = "faked-chat";
    const SUMMARY: &'static str = "answers with a model that does what it is told";
    type Config = Config;

    fn build(config: Config, env: &BuildEnv) -> Result<Self, BuildError> {
        let model = MODEL.with_borrow_mut(Option::take).ok_or("there is no model")?;
        Ok(Self(Chat::with_wire(config, env, Arc::new(InProcess(model)))?))
    }
}

#[async_trait]
impl Handler for Faked {
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError> {
        if ctx.text() == Some(TWICE) {
            drop(self.0.handle(ctx).await?);
        }
        self.0.handle(ctx).await
    }

    fn connect(&self, chain: &Directory) -> Result<(), BuildError> {
        self.0.connect(chain)
    }
}

register!(Faked);

struct InProcess(FakeModel);

#[async_trait]
impl Wire for InProcess {
    async fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> std::io::Result<http::Response<Body>> {
        self.0.respond(request).await
    }
}

/// A bot with these entries before the plugin's, which has this `[chain.config]`.
async fn chain(
    entries: &str,
    config: &str,
    answering: impl Fn(&Received) -> Script + Send + Sync + 'static,
) -> (TestBot, FakeModel) {
    let model = FakeModel::new(answering);
    MODEL.set(Some(model.clone()));
    let chain = format!(
        "{entries}\n[[chain]]\nplugin = 'faked-chat'\n[chain.config]\n\
         base_url = 'http://model.test/v1'\nkey = '{KEY}'\nmodel = 'm1'\n{config}"
    );
    let bot = TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"));
    (bot, model)
}

/// A bot with this `[chain.config]`, whose model answers like this.
async fn bot(
    config: &str,
    answering: impl Fn(&Received) -> Script + Send + Sync + 'static,
) -> (TestBot, FakeModel) {
    let model = FakeModel::new(answering);
    MODEL.set(Some(model.clone()));
    let config =
        format!("base_url = 'http://model.test/v1'\nkey = '{KEY}'\nmodel = 'm1'\n{config}");
    (TestBot::with::<Faked>(&config).await.unwrap(), model)
}

async fn alice(
    config: &str,
    answering: impl Fn(&Received) -> Script + Send + Sync + 'static,
) -> (Follower, FakeModel) {
    let (bot, model) = bot(config, answering).await;
    (bot.follower("alice"), model)
}

fn labelled(text: &str) -> String {
    format!("{text}{LABEL}")
}
