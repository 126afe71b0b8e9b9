//! The command line.

mod account;
mod doctor;
mod init;
mod new;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use wxbot_sdk::settings::parse_duration;
use wxbot_sim::{Format, Kind, Mode, Repeats};

pub(crate) use account::{Api, ApiMethod, Menu, MenuAction, NotificationArgs, Send};
pub(crate) use doctor::Doctor;
pub(crate) use init::{Example, Init};
pub(crate) use new::{New, Origin, Shape};

/// The endpoint of a WeChat Official Account.
#[derive(Debug, Parser)]
#[command(name = "wxbot", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    /// The configuration; without one here or in this folder, the built-in default
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to log; by default text on a terminal, JSON elsewhere
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 all is good, 1 something failed, 2 the command line or the configuration is wrong";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Serve until SIGTERM or Ctrl-C; what `wxbot` alone does
    Run,
    /// Write a bot.toml for an account of yours, with new secrets, and say what to enter at WeChat
    Init(Init),
    /// Make a plugin or a bot of your own, in a new folder here
    New {
        #[command(subcommand)]
        what: New,
    },
    /// Read the configuration and build everything, without opening a port
    Check,
    /// Ask the bot that runs whether it is ready: 0 if it is, as supervisors want it
    Health,
    /// List the plugins that are linked, or the settings of one
    Plugins {
        /// The plugin whose settings to show
        name: Option<String>,
    },
    /// Print the reference of all plugins that are linked, in Markdown
    Docs {
        /// Also of the commands, bot.toml, HTTP, metrics and variables: docs/en/reference.md
        #[arg(long)]
        all: bool,
    },
    /// Print the JSON Schema of bot.toml, with all plugins that are linked, for editors
    Schema,
    /// Say something to the bot as a follower, and see the reply. It is not the bot that runs, its
    /// store is empty, and WeChat is simulated
    Say(Say),
    /// Play WeChat beside a bot: its API, and followers to control with curl
    Sim(Sim),
    /// Late answers: list them, try one again, or drop it
    Outbox {
        #[command(subcommand)]
        what: Option<Outbox>,
    },
    /// Look for what is wrong between WeChat and the bot: play WeChat against the bot's own URL, and
    /// ask WeChat about the account
    Doctor(Doctor),
    /// The menu below the chat: that of bot.toml, and the one that followers see
    Menu(Menu),
    /// Call WeChat's API with the account's access token, and print the answer
    Api(Api),
    /// Dialogs that are open and sessions of followers: list them, or end a follower's
    Sessions {
        #[command(subcommand)]
        what: Option<Sessions>,
    },
    /// What plugins are to do at a time: list it, cancel a job, or try a dead letter again
    Jobs {
        #[command(subcommand)]
        what: Option<Jobs>,
    },
    /// Have the bot that runs send a follower something, within WeChat's rules: mostly within 48 h
    /// of their last message, later by a template message. Exits 1 with the reason if it was not sent
    Send(Send),
    /// The store: write it out as JSON lines, back it up, or read such lines in
    Store {
        #[command(subcommand)]
        what: StoreCommand,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the man pages into a folder, for packages
    #[command(hide = true)]
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Outbox {
    /// List what is promised, to be sent, or was given up; what `wxbot outbox` alone does
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Try one now, also one that was given up, or all of a kind
    Retry {
        /// From the list
        #[arg(conflicts_with = "selection")]
        id: Option<String>,
        #[command(flatten)]
        selection: Selection,
    },
    /// Take one out for good
    Drop {
        /// From the list
        id: String,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Sessions {
    /// List what is open; what `wxbot sessions` alone does, for all followers
    List {
        /// The follower
        openid: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// End what is open with a follower: no answer is waited for, nothing is remembered
    Close {
        /// The follower
        openid: String,
        /// Only towards one entry of the chain, by its id in bot.toml
        #[arg(long, value_name = "ID")]
        link: Option<String>,
        /// Only of one account, by its id in bot.toml
        #[arg(long, value_name = "ID")]
        account: Option<String>,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Jobs {
    /// List what is to be done, the next due first, and dead letters; what `wxbot jobs` alone does
    List {
        /// Only of one entry of the chain, by its id in bot.toml
        link: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a job back, or a dead letter out for good; a schedule goes on with the time after it
    Cancel {
        /// The entry of the chain, by its id in bot.toml
        link: String,
        /// From the list
        id: String,
    },
    /// Try a dead letter again now
    Retry {
        /// The entry of the chain, by its id in bot.toml
        link: String,
        /// From the list
        id: String,
    },
}

/// Which late answers are tried again; those that are promised are worked on, and are not.
#[derive(Debug, Clone, Args)]
#[group(id = "selection", multiple = true)]
pub(crate) struct Selection {
    /// All that wait or were given up
    #[arg(long)]
    pub(crate) all: bool,
    /// Those to followers who asked within so long, like 2h
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) since: Option<Duration>,
    /// Those of one account, by its id in bot.toml
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StoreCommand {
    /// Write everything in the store but access tokens to standard output, also while the bot runs
    Export {
        /// Of a `file:` that is damaged: what can be read, and what not is named
        #[arg(long)]
        salvage: bool,
    },
    /// Export into a file, all of it or not at all
    Backup {
        /// An earlier backup there is replaced; any other file is left as it is
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Read what `export` or `backup` wrote from standard input into the store; stop the bot before
    Import,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Say {
    /// What the follower writes
    #[arg(required_unless_present_any = ["event", "xml"], conflicts_with_all = ["event", "xml"])]
    pub(crate) text: Option<String>,
    /// The follower's openid
    #[arg(long = "as", value_name = "OPENID", default_value = "oWXBOT_say_000000000000000000")]
    pub(crate) openid: String,
    /// The account that is written to; by default the first one
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<String>,
    /// An event instead of a text: subscribe, CLICK, …
    #[arg(long, value_name = "NAME", conflicts_with = "xml")]
    pub(crate) event: Option<String>,
    /// The event's key
    #[arg(long, requires = "event")]
    pub(crate) key: Option<String>,
    /// A whole message body instead, XML or JSON, from a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) xml: Option<PathBuf>,
    /// Show which link was asked, what it decided and how long it took
    #[arg(long, conflicts_with = "over_http")]
    pub(crate) trace: bool,
    /// Ask a bot that runs, by default the one of this configuration
    #[arg(long, value_name = "URL", num_args = 0..=1, require_equals = true)]
    pub(crate) over_http: Option<Option<String>>,
}

#[derive(Debug, Clone, Args)]
#[command(after_long_help = CONTROL)]
pub(crate) struct Sim {
    /// Where to serve WeChat's API and the control API: an address of this machine alone
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub(crate) listen: SocketAddr,
    /// Where the bot is; this and the account are by default those of bot.toml, the first one there
    #[arg(long, value_name = "URL")]
    pub(crate) target: Option<String>,
    /// The account's token
    #[arg(long, env = "WXBOT_SIM_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// The account's app id; where nothing says, a made-up one
    #[arg(long, value_name = "ID")]
    pub(crate) app_id: Option<String>,
    /// The account's secret, for access tokens; where nothing says, a made-up one
    #[arg(long, value_name = "SECRET", env = "WXBOT_SIM_APP_SECRET", hide_env_values = true)]
    pub(crate) app_secret: Option<String>,
    /// How what is delivered is sealed: plain, compatible or safe
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// The account's EncodingAESKey, for the other modes
    #[arg(long, value_name = "KEY")]
    #[arg(env = "WXBOT_SIM_ENCODING_AES_KEY", hide_env_values = true)]
    pub(crate) encoding_aes_key: Option<String>,
    /// How what is delivered is written: xml or json
    #[arg(long, default_value_t = Format::Xml)]
    pub(crate) format: Format,
    /// What the account may call: personal, organisation-unverified, verified-subscription,
    /// verified-service or test
    #[arg(long, value_name = "KIND", default_value_t = Kind::Test)]
    pub(crate) account: Kind,
    /// `gh_…`, what is written to; where nothing says, a made-up one
    #[arg(long, value_name = "ID")]
    pub(crate) original_id: Option<String>,
    /// What happens by chance comes from it
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) seed: u64,
    /// The query of a repeated delivery: same-query or fresh-query
    #[arg(long, value_name = "WHICH", default_value_t = Repeats::SameQuery)]
    pub(crate) repeats: Repeats,
}

const CONTROL: &str = r#"Everybody on this machine can read a command line: secrets of a real account belong in the
variables WXBOT_SIM_TOKEN, WXBOT_SIM_APP_SECRET and WXBOT_SIM_ENCODING_AES_KEY.

The bot calls this WeChat's API where its account has `api_base = "http://127.0.0.1:8090"`.

Followers do what you say, by any name; the answer tells of each delivery, and what was seen:

  curl localhost:8090/_sim/followers/alice/acts -d '{"text": "hi"}'
  curl localhost:8090/_sim/followers/alice/acts -d '{"click": "HELP"}'
  curl localhost:8090/_sim/followers/alice/acts -d '"subscribe"'
  curl localhost:8090/_sim/followers/alice/phone
  curl localhost:8090/_sim/faults -d '{"delivery": {"when": {"nth": 1}, "fault": "lost"}}'
  curl localhost:8090/_sim/faults -X DELETE

Other acts than {"text": "hi"}, with all the fields that they need:

  {"image": {"media_id": "M1", "pic_url": "https://example.com/tea.jpg"}}
  {"voice": {"media_id": "M2", "format": "amr", "recognition": "hi"}}
  {"location": {"latitude": 30.25, "longitude": 120.15, "scale": 15, "label": "Hangzhou"}}
  {"scan_scene": {"scene": "shop-42", "ticket": "T1"}}

There are also: POST handshake; GET followers, exchanges, calls, state; POST templates.
`cargo doc -p wxbot-sim` has all of it, module `control`."#;

impl Cli {
    pub(crate) fn chosen(&self) -> Command {
        self.command.clone().unwrap_or(Command::Run)
    }
}

/// Reads the command line; help goes to stdout with 0, errors to stderr with 2.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    Cli::try_parse().map_err(|error| {
        let _ = error.print();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}
