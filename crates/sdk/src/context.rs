//! What a plugin may use while it looks at one message.

mod incoming;
mod window;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use self::window::AskedWindow;
use crate::api::Api;
pub use crate::ask_error::AskError;
use crate::command::{Commands, Usage};
use crate::dialog::{Choices, DialogChange, DialogState, DialogTurn, Question};
use crate::directory::Directory;
use crate::event::Event;
use crate::flow::Flow;
use crate::job::Jobs;
use crate::matcher::Subject;
use crate::message::{Content, Message};
use crate::notification::NotificationOutcome;
use crate::plugin_error::HandlerError;
use crate::publication::Publication;
use crate::reply::Reply;
use crate::sending::{SendError, Sending, Sent};
use crate::session::{Session, SessionState};
use crate::store::{Namespace, StoreError, keys};
use crate::tool_call::ToolCall;

pub use self::incoming::Incoming;
pub use self::window::ReplyWindow;

/// The message, the account, the clock, and what the instance keeps.
#[derive(Clone)]
pub struct Context {
    incoming: Arc<Incoming>,
    /// The instance that looks at it now.
    link: Option<Arc<str>>,
    window: Arc<dyn ReplyWindow>,
    /// The plugin has no `after` of its own.
    has_default_after: bool,
    /// Where the instance asks questions.
    dialog: Option<Box<DialogTurn>>,
    /// What the chain has for followers.
    directory: Option<Arc<Directory>>,
    /// Who asks other entries of the chain.
    entries: Option<Arc<dyn Entries>>,
    noted: Noted,
    /// Those that the follower has, where anybody asks.
    tags: Option<Arc<[String]>>,
}

/// What an instance notes of its work on a message, for trace and metrics.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    /// What it [counted](Context::count).
    pub counted: Vec<&'static str>,
    /// Tools that a model called.
    pub tool_calls: Vec<ToolCall>,
}

/// The entries of the chain, for one of them that asks another.
#[async_trait]
pub trait Entries: Send + Sync {
    /// Asks the entry of this id, as the chain would.
    async fn ask(&self, id: &str, ctx: Context) -> Result<Flow, AskError>;
}

impl Context {
    /// For whoever asks plugins: the context of one message.
    pub fn new(incoming: Arc<Incoming>, window: Arc<dyn ReplyWindow>) -> Self {
        Self {
            incoming,
            link: None,
            window,
            has_default_after: false,
            dialog: None,
            directory: None,
            entries: None,
            noted: Noted::default(),
            tags: None,
        }
    }

    /// The message and where it came in.
    pub fn incoming(&self) -> &Arc<Incoming> {
        &self.incoming
    }

    /// For whoever asks plugins: from now on an instance looks at it, and what it keeps is its own.
    pub fn set_link(&mut self, link: &Arc<str>) {
        self.link = Some(Arc::clone(link));
    }

    /// For whoever asks plugins: what the instance is told of its dialog with the follower.
    pub fn set_dialog(&mut self, turn: DialogTurn) {
        self.dialog = Some(Box::new(turn));
    }

    /// For whoever asks plugins: what the instance wants done with its dialog.
    pub fn take_dialog_change(&mut self) -> Option<DialogChange> {
        self.dialog.take()?.into_change()
    }

    /// For whoever asks plugins: what the chain has for followers, where it has anything.
    pub fn set_directory(&mut self, directory: &Arc<Directory>) {
        self.directory = Some(Arc::clone(directory));
    }

    /// For whoever asks plugins: how other entries are asked.
    pub fn set_entries(&mut self, entries: &Arc<dyn Entries>) {
        self.entries = Some(Arc::clone(entries));
    }

    /// Asks another entry of the chain what it says to these words, as if the follower had written
    /// them: one of its [commands](crate::directory::Directory), for example. An entry that this
    /// follower may not use here and now is an error, as is one that does not answer. It asks the
    /// follower no questions, and what it says [`later`](Self::later) is not said.
    pub async fn ask_entry(&self, id: &str, words: &str) -> Result<Flow, AskError> {
        let is_usable = self.directory().usable_by(self.subject()).any(|entry| entry.id == id);
        let Some(entries) = self.entries.as_ref().filter(|_| is_usable) else {
            let why = format!("no entry `{id}` is there for this follower");
            return Err(AskError::Refused(why));
        };
        let mut asked = self.clone();
        asked.replace_words(words);
        asked.window = Arc::new(AskedWindow(Arc::clone(&self.window)));
        (asked.dialog, asked.noted) = (None, Noted::default());
        entries.ask(id, asked).await
    }

    /// Counts something that the instance did, such as a rule that refused a message. It stands in
    /// the trace, and in the metric `wxbot_link_events_total` under this name. Names are few and
    /// fixed: nothing that comes from a follower.
    pub fn count(&mut self, what: &'static str) {
        self.noted.counted.push(what);
    }

    /// Notes that the instance called a tool, as a model wished. It stands in the trace, and in the metric
    /// `wxbot_tool_calls_total`.
    pub fn note_tool_call(&mut self, call: ToolCall) {
        self.noted.tool_calls.push(call);
    }

    /// For whoever asks plugins: what was noted since the last time.
    pub fn take_noted(&mut self) -> Noted {
        std::mem::take(&mut self.noted)
    }

    /// Called by the `after` that every plugin has by default, so that it is called once only.
    pub(crate) fn note_default_after(&mut self) {
        self.has_default_after = true;
    }

    /// For whoever asks plugins: whether the last `after` was the default one.
    pub fn take_default_after(&mut self) -> bool {
        std::mem::take(&mut self.has_default_after)
    }

    /// The message, with everything that came.
    pub fn message(&self) -> &Message {
        &self.incoming.message
    }

    /// What the message is.
    pub fn content(&self) -> &Content {
        &self.message().content
    }

    /// What was said in words: the text of a text message, or what WeChat recognised of a voice
    /// message; `None` for everything else. [`content`](Self::content) tells the two apart.
    pub fn text(&self) -> Option<&str> {
        self.message().words()
    }

    /// The same without blanks around it, or something else where nothing was said in words.
    pub fn text_or(&self, otherwise: &str) -> String {
        self.text().map_or(otherwise, str::trim).to_owned()
    }

    /// The command that was said, or how it should have been; `None` where it is none of these. See
    /// [`command`](mod@crate::command).
    pub fn command<C: Commands>(&self) -> Option<Result<C, Usage>> {
        self.directory().parse(self.subject())
    }

    /// What the chain has for followers: help and commands of all its entries.
    pub fn directory(&self) -> &Directory {
        self.directory.as_deref().unwrap_or(Directory::empty())
    }

    /// Has the links below hear these words in place of those that were said. `when` of an entry
    /// goes by what was said.
    pub fn replace_words(&mut self, words: &str) {
        self.incoming = Arc::new(self.incoming.with_words(words));
    }

    /// The event, if it is one.
    pub fn event(&self) -> Option<&Event> {
        self.message().event()
    }

    /// The follower.
    pub fn openid(&self) -> &str {
        &self.incoming.message.openid
    }

    /// The account's id in `bot.toml`.
    pub fn account(&self) -> &str {
        &self.incoming.account
    }

    /// The instance's id in the chain.
    pub fn link(&self) -> &str {
        self.link.as_deref().unwrap_or_default()
    }

    /// What a [`Matcher`](crate::matcher::Matcher) looks at.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            message: self.message(),
            account: self.account(),
            now: self.incoming.received_at,
            tags: self.tags(),
        }
    }

    /// The names of the tags that the follower has, where an audience of the chain asks for tags;
    /// otherwise `ctx.api().tags()` knows.
    pub fn tags(&self) -> &[String] {
        self.tags.as_deref().unwrap_or_default()
    }

    /// For whoever asks plugins: the tags that the follower has.
    pub fn set_tags(&mut self, tags: Arc<[String]>) {
        self.tags = Some(tags);
    }

    /// When the message arrived.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.incoming.received_at)
    }

    /// The same in Unix seconds.
    pub fn unix_now(&self) -> u64 {
        self.incoming.received_at
    }

    /// What is left of the time in which WeChat takes a passive reply, over all its deliveries:
    /// about 15 s in all. An answer that takes longer follows by itself.
    pub fn remaining(&self) -> Duration {
        self.window.remaining()
    }

    /// Says right now that the answer will take long, instead of letting WeChat wait until the
    /// last moment. The answer follows by itself; most plugins need not do this.
    pub fn later(&self, notice: impl Into<Reply>) {
        self.window.announce_late(notice.into());
    }

    /// WeChat's API, as this account (protocol section 7). Where the account has no `app_secret`,
    /// every call says so.
    pub fn api(&self) -> Arc<dyn Api> {
        Arc::clone(&self.incoming.api)
    }

    /// Sends a follower of this account something that answers nothing, such as a colleague the news
    /// that somebody waits. WeChat takes it mostly within 48 h of their last message;
    /// [`outcome`](SendError::outcome) says why it was not sent. Nothing is sent again by itself.
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// # async fn example(ctx: &mut Context) -> Result<Flow, HandlerError> {
    /// match ctx.send_to("oABC…", "a new order").await {
    ///     Ok(_) => Ok(Flow::reply("passed on")),
    ///     Err(error) => Ok(Flow::reply(format!("not passed on: {error}"))),
    /// }
    /// # }
    /// ```
    ///
    /// With a [notification](crate::notification), a follower who has not written for long is told,
    /// too:
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// # async fn example(ctx: &mut Context) -> Result<Flow, HandlerError> {
    /// let shipped = Notification::template("TPL_SHIPPED").value("thing1", "a pot of tea");
    /// ctx.send_to("oABC…", Sending::new("Your tea is on its way.").or(shipped)).await?;
    /// # Ok(Flow::Stop)
    /// # }
    /// ```
    pub async fn send_to(
        &self,
        openid: &str,
        sending: impl Into<Sending>,
    ) -> Result<Sent, SendError> {
        self.incoming.messenger.send(openid, sending.into()).await
    }

    /// Whether this account can send the follower anything that answers nothing. An account that is not
    /// verified can't, nor one without `app_id` and `app_secret`. Where it is not known yet, WeChat is
    /// asked; as long as WeChat does not say no, it is yes.
    pub async fn can_send(&self) -> bool {
        self.incoming.messenger.can_send(self.openid()).await
    }

    /// What the message says of notifications: which arrived, with the calls that sent them, and what
    /// the follower agreed to (sections 4.4 and 4.5). Empty for everything but those events.
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// # async fn example(ctx: &mut Context) -> Result<Flow, HandlerError> {
    /// for outcome in ctx.notifications().await? {
    ///     if let Some(order) = outcome.sent.and_then(|sent| sent.reference) {
    ///         println!("{order}: {}", outcome.fate.as_str());
    ///     }
    /// }
    /// # Ok(Flow::Pass)
    /// # }
    /// ```
    pub async fn notifications(&self) -> Result<Vec<NotificationOutcome>, StoreError> {
        let mut outcomes = self.event().map(NotificationOutcome::of_event).unwrap_or_default();
        for outcome in &mut outcomes {
            outcome.look_up(&*self.incoming.store, self.account(), self.openid()).await?;
        }
        Ok(outcomes)
    }

    /// What became of a draft that was published, with the call that had it published (section
    /// 4.4). `None` for everything but that event.
    pub async fn publication(&self) -> Result<Option<Publication>, StoreError> {
        let mut publication = self.event().and_then(Publication::of_event);
        if let Some(publication) = &mut publication {
            publication.look_up(&*self.incoming.store, self.account()).await?;
        }
        Ok(publication)
    }

    /// What this instance keeps, for all followers.
    pub fn store(&self) -> Namespace {
        Namespace::of_plugin(Arc::clone(&self.incoming.store), self.link())
    }

    /// What this instance is to do once, at a time: it comes back as
    /// [`Handler::on_job`](crate::plugin::Handler::on_job).
    pub fn jobs(&self) -> Jobs {
        let Incoming { store, job_signal, .. } = &*self.incoming;
        Jobs::new(Arc::clone(store), self.link(), job_signal.clone())
    }

    /// What this instance remembers of this follower of this account.
    pub fn session<S: SessionState>(&self) -> Session<S> {
        let key = keys::session(self.link(), self.account(), self.openid(), "");
        Session::new(Arc::clone(&self.incoming.store), key)
    }

    /// What else this instance keeps about this follower, by key.
    pub fn follower_store(&self) -> Namespace {
        let store = Arc::clone(&self.incoming.store);
        Namespace::of_session(store, self.link(), self.account(), self.openid())
    }

    /// Where the dialog with this follower stands that the message answers; `None` where no
    /// question of this instance is open.
    pub fn dialog<S: DialogState>(&mut self) -> Result<Option<S>, HandlerError> {
        self.turn()?.state()
    }

    /// Asks a question. The follower's next message comes back to this instance, and
    /// [`dialog`](Self::dialog) is this state then.
    pub fn ask<S: DialogState>(
        &mut self,
        state: S,
        question: impl Into<Reply>,
    ) -> Result<Flow, HandlerError> {
        let question_asked = Question::new(&state, None)?;
        self.turn()?.change(DialogChange::Ask(question_asked));
        Ok(Flow::reply(question))
    }

    /// Asks the question that is open once more, choices included, as the message is no answer to
    /// it. After so many [tries](crate::dialog::Dialogs::tries) the dialog ends instead.
    pub fn again(&mut self, question: impl Into<Reply>) -> Result<Flow, HandlerError> {
        let turn = self.turn()?;
        if turn.open()?.is_none() {
            return Err("no question is open that could be asked again".into());
        }
        turn.change(DialogChange::Again);
        Ok(Flow::Reply(match (question.into(), turn.choices()) {
            (Reply::Text(text), Some(choices)) => {
                Reply::Text(choices.below(&text, turn.has_links()))
            }
            (other, _) => other,
        }))
    }

    /// Ends the dialog with these words.
    pub fn done(&mut self, words: impl Into<Reply>) -> Result<Flow, HandlerError> {
        self.turn()?.change(DialogChange::Close);
        Ok(Flow::reply(words))
    }

    /// Ends the dialog, and lets the message go on to the next links.
    pub fn leave(&mut self) -> Result<Flow, HandlerError> {
        self.turn()?.change(DialogChange::Close);
        Ok(Flow::Pass)
    }

    /// Asks for one of these, with numbers to write and, where phones show them, links to tap.
    /// [`chosen`](Self::chosen) tells which one the answer is.
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// # fn example(ctx: &mut Context) -> Result<Flow, HandlerError> {
    /// const SIZES: [&str; 2] = ["小杯", "大杯"];
    /// match (ctx.dialog::<()>()?, ctx.chosen()) {
    ///     (None, _) => ctx.choose((), "多大的？", SIZES),
    ///     (Some(()), Some(size)) => ctx.done(format!("{}，马上好", SIZES[size])),
    ///     (Some(()), None) => ctx.again("请选一个"),
    /// }
    /// # }
    /// ```
    pub fn choose<S: DialogState, L: Into<String>>(
        &mut self,
        state: S,
        question: &str,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Flow, HandlerError> {
        let choices = Choices::new(self.message(), labels.into_iter().map(Into::into));
        self.ask_with(state, question, choices)
    }

    /// Which of the choices the message is, from 0; `None` for anything else.
    pub fn chosen(&self) -> Option<usize> {
        self.dialog.as_ref()?.chosen(self.message())
    }

    /// Asks for yes or no. [`confirmed`](Self::confirmed) tells which one the answer is.
    pub fn confirm<S: DialogState>(
        &mut self,
        state: S,
        question: &str,
    ) -> Result<Flow, HandlerError> {
        let choices = Choices::yes_or_no(self.message());
        self.ask_with(state, question, choices)
    }

    /// Whether the message is a yes or a no to what was to be confirmed; `None` for anything else.
    pub fn confirmed(&self) -> Option<bool> {
        self.dialog.as_ref()?.choices()?.confirmed(self.message())
    }

    fn ask_with<S: DialogState>(
        &mut self,
        state: S,
        question: &str,
        choices: Choices,
    ) -> Result<Flow, HandlerError> {
        let text = choices.below(question, self.turn()?.has_links());
        let question = Question::new(&state, Some(choices))?;
        self.turn()?.change(DialogChange::Ask(question));
        Ok(Flow::reply(text))
    }

    fn turn(&mut self) -> Result<&mut DialogTurn, HandlerError> {
        let undeclared = "a plugin with dialogs declares them: `const DIALOGS: Option<Dialogs> = \
                          Some(Dialogs::DEFAULT);`";
        Ok(self.dialog.as_deref_mut().ok_or(undeclared)?)
    }
}
