//! What a plugin is: settings, a name, and one function from message to [`Flow`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use crate::command::CommandSet;
use crate::context::Context;
use crate::dialog::Dialogs;
use crate::directory::Directory;
use crate::embeddings::Embeddings;
pub use crate::flow::Flow;
use crate::instance::InstanceContext;
use crate::job::{Job, JobContext};
use crate::knowledge::Knowledge;
use crate::matcher::Audiences;
pub use crate::plugin_error::{BuildError, HandlerError};
use crate::reply::Reply;
use crate::schedule::Schedule;
use crate::settings::{Problem, Settings};

/// A kind of link for the chain: its name, its settings, and how to make one.
pub trait Plugin: Handler + Sized + 'static {
    /// What `plugin = "…"` in `bot.toml` says.
    const NAME: &'static str;
    /// One line for `wxbot plugins`.
    const SUMMARY: &'static str;
    /// Whether `handle` and `after` only compute: no waiting for anything outside, no blocking,
    /// no long loops. Such a plugin is run where the message arrived; any other is given a task
    /// of its own, so that it may wait, block or hang without anybody else noticing.
    const COMPUTES_ONLY: bool = false;
    /// That it asks followers questions, [`ctx.ask`](Context::ask), and how. Where no entry of the
    /// chain does, nobody looks for open questions.
    const DIALOGS: Option<Dialogs> = None;
    /// The commands that it takes, `Some(MyCommands::SET)`: what help and `wxbot check` know of it.
    const COMMANDS: Option<&'static CommandSet> = None;
    /// `[chain.config]`: a struct that derives `Deserialize` and `JsonSchema`, with
    /// `#[serde(deny_unknown_fields, default)]`.
    type Config: DeserializeOwned + JsonSchema;

    /// Makes one instance for one `[[chain]]` entry. Errors stop the start and are shown with the
    /// entry's line.
    fn build(config: Self::Config, env: &BuildEnv) -> Result<Self, BuildError>;
}

/// What an instance does with messages. It is shared: several messages may be in it at once.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Looks at a message, and passes, replies or stops. An error is logged, counted and traced,
    /// and `on_error` decides what follows.
    async fn handle(&self, ctx: &mut Context) -> Result<Flow, HandlerError>;

    /// Looks at the reply, of this link or of one further down, before it is sent: for footers,
    /// filters, statistics. Called in reverse order on the links that were asked. After an error
    /// the reply stays as it was.
    async fn after(&self, ctx: &mut Context, reply: Reply) -> Result<Reply, HandlerError> {
        ctx.note_default_after();
        Ok(reply)
    }

    /// What other entries may look up in this one. Default: nothing.
    fn knowledge(&self) -> Option<Arc<dyn Knowledge>> {
        None
    }

    /// What makes vectors of texts for other entries. Default: nothing.
    fn embeddings(&self) -> Option<Arc<dyn Embeddings>> {
        None
    }

    /// Looks at the whole chain before the bot starts, for settings that name other entries. An error
    /// stops the start, and is shown with the entry's line.
    fn connect(&self, chain: &Directory) -> Result<(), BuildError> {
        let _ = chain;
        Ok(())
    }

    /// Whether this instance takes the commands of its plugin: those that a setting turns off are not
    /// in the help.
    fn takes_commands(&self) -> bool {
        true
    }

    /// Whether this instance sends messages that answer nothing: `wxbot check` warns where an account
    /// can't send any.
    fn sends_first(&self) -> bool {
        false
    }

    /// Whether every text gets an answer here: `wxbot check` warns of entries behind this one.
    fn answers_every_text(&self) -> bool {
        false
    }

    /// Whether any text may get an answer here: where none may, as events alone are answered,
    /// `wxbot check` does not mind who answers every text above.
    fn answers_texts(&self) -> bool {
        true
    }

    /// What is allowed and probably not meant, such as a program that is not there: shown with the
    /// entry by `wxbot check`, and logged at the start. Each is the end of a sentence about the entry.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// Called once when the bot begins to serve, beside the first messages; not by `wxbot check` or
    /// `wxbot say`. It may go on for as long as the instance lives. An error is logged, and the
    /// instance is asked about messages all the same.
    async fn start(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        let _ = ctx;
        Ok(())
    }

    /// What it does again and again, each time as a job; asked once. A schedule that is not among
    /// them any more ends.
    fn schedules(&self) -> Vec<Schedule> {
        Vec::new()
    }

    /// Does what is due: by a schedule, or added by [`jobs`](Context::jobs). After an error it is
    /// tried again. It may take as long as a message, `timeout` of the entry, and longer where it
    /// keeps [checkpoints](JobContext::checkpoint).
    async fn on_job(&self, ctx: &JobContext, job: &Job) -> Result<(), HandlerError> {
        let _ = ctx;
        Err(format!("there is no `on_job` for `{}`", job.name).into())
    }

    /// Called once at a graceful shutdown, after the last message. It has two seconds; then its
    /// tasks end, and the process.
    async fn stop(&self, ctx: &InstanceContext) -> Result<(), HandlerError> {
        let _ = ctx;
        Ok(())
    }
}

/// What `build` may know.
#[derive(Debug, Clone)]
pub struct BuildEnv {
    /// The instance's id: unique in the chain, the plugin's name unless the entry says otherwise.
    pub id: String,
    /// The longest a message may take here: `timeout` of the entry.
    pub timeout: Duration,
    /// Where `bot.toml` is.
    pub folder: PathBuf,
    /// `[audience.NAME]`.
    pub audiences: Audiences,
    /// The ids of all accounts that could be read.
    pub accounts: Vec<String>,
}

impl BuildEnv {
    /// A file that the settings name: a relative path begins where `bot.toml` is.
    pub fn path(&self, named: impl AsRef<Path>) -> PathBuf {
        self.folder.join(named)
    }
}

/// A plugin that is linked into this bot. [`register!`](crate::register) makes one.
pub struct Registration {
    /// [`Plugin::NAME`].
    pub name: &'static str,
    /// [`Plugin::SUMMARY`].
    pub summary: &'static str,
    /// [`Plugin::COMPUTES_ONLY`].
    pub computes_only: bool,
    /// [`Plugin::DIALOGS`].
    pub dialogs: Option<Dialogs>,
    /// [`Plugin::COMMANDS`].
    pub commands: Option<&'static CommandSet>,
    /// The crate it is in.
    pub package: &'static str,
    /// That crate's version.
    pub version: &'static str,
    /// The JSON Schema of its settings.
    pub schema: fn() -> Schema,
    /// The same as a part of another one, whose generator keeps what it refers to.
    pub subschema: fn(&mut SchemaGenerator) -> Schema,
    /// Reads the settings and makes an instance.
    pub build: Build,
}

/// From `[chain.config]` to an instance, or to everything that is wrong with it.
pub type Build = fn(Settings, &BuildEnv) -> Result<Arc<dyn Handler>, Vec<Problem>>;

inventory::collect!(Registration);

impl Registration {
    /// Describes a plugin; for [`register!`](crate::register).
    pub const fn of<P: Plugin>(package: &'static str, version: &'static str) -> Self {
        Self {
            name: P::NAME,
            summary: P::SUMMARY,
            computes_only: P::COMPUTES_ONLY,
            dialogs: P::DIALOGS,
            commands: P::COMMANDS,
            package,
            version,
            schema: || schemars::schema_for!(P::Config),
            subschema: P::Config::json_schema,
            build: build::<P>,
        }
    }

    /// Every linked plugin, by name. Two of one name stand side by side.
    pub fn all() -> Vec<&'static Self> {
        let mut all: Vec<_> = inventory::iter::<Self>().collect();
        all.sort_by_key(|registration| (registration.name, registration.package));
        all
    }
}

fn build<P: Plugin>(settings: Settings, env: &BuildEnv) -> Result<Arc<dyn Handler>, Vec<Problem>> {
    let span = settings.span();
    let plugin = P::build(settings.read()?, env).map_err(|error| vec![Problem::at(span, error)])?;
    Ok(Arc::new(plugin))
}

/// Makes a plugin known to the bot its crate is linked into.
#[macro_export]
macro_rules! register {
    ($plugin:ty) => {
        $crate::inventory::submit! {
            $crate::plugin::Registration::of::<$plugin>(
                env!("CARGO_PKG_NAME"),
                env!("CARGO_PKG_VERSION"),
            )
        }
    };
}
