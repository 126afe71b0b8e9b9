//! Sends first: customer-service messages that answer nothing (protocol section 7.3), and template
//! messages and subscription notifications where no other reaches the follower (7.4 and 7.5).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Handle;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};
use wxbot_sdk::api::{Api, ApiError, Class};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::custom::CustomMessage;
use wxbot_sdk::notification::Notification;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::sending::{Messenger, NotSent, SendError, Sending, Sent};
use wxbot_sdk::store::Store;

use super::account::LateAccount;
use super::act::Allowance;
use super::quota::Quotas;
use crate::reply::limits;

/// Then whoever waits is told what is known.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait for WeChat to say whether the account can send.
const FIND_OUT: Duration = Duration::from_secs(2);
/// WeChat's have 28 characters.
const MAX_OPENID: usize = 128;
/// Where the messages of a follower's act are used up.
const ELSE: &str = "until then only a template message or a subscription notification reaches them, \
                    where the account has any: name its template, and that is sent instead";

/// Sends for one account.
pub(crate) struct AccountMessenger {
    sender: Arc<FirstSender>,
    tasks: Handle,
}

struct FirstSender {
    id: Arc<str>,
    late: Arc<LateAccount>,
    api: Arc<dyn Api>,
    quotas: Quotas,
    clock: Clock,
}

impl AccountMessenger {
    pub(crate) fn new(
        (id, late): (&Arc<str>, &Arc<LateAccount>),
        api: &Arc<dyn Api>,
        store: &Arc<dyn Store>,
        clock: Clock,
        tasks: &Handle,
    ) -> Self {
        let quotas = Quotas::new(Arc::clone(store));
        let (id, late, api) = (Arc::clone(id), Arc::clone(late), Arc::clone(api));
        let sender = Arc::new(FirstSender { id, late, api, quotas, clock });
        Self { sender, tasks: tasks.clone() }
    }
}

#[async_trait]
impl Messenger for AccountMessenger {
    async fn send(&self, openid: &str, sending: Sending) -> Result<Sent, SendError> {
        check_openid(openid)?;
        let plan = Plan::new(sending)?;
        // Whoever asked may hang up: what is begun is counted all the same.
        let (sender, openid) = (Arc::clone(&self.sender), openid.to_owned());
        let sending = self.tasks.spawn(async move { sender.send(&openid, plan).await });
        sending.await.unwrap_or_else(|_| Err(unclear("the bot ended meanwhile")))
    }

    async fn can_send(&self, openid: &str) -> bool {
        let access = &self.sender.late.access;
        // Whoever waits for the answer has only seconds.
        let _ = timeout(FIND_OUT, access.find_out(openid)).await;
        access.may_try().await
    }
}

/// What is sent, and what goes out instead of it.
enum Plan {
    Messages(Vec<CustomMessage>),
    Either(Vec<CustomMessage>, Notification),
    Notification(Notification),
}

impl Plan {
    fn new(sending: Sending) -> Result<Self, SendError> {
        let Sending { reply, otherwise } = sending;
        if otherwise.as_ref().is_some_and(|notification| notification.template_id.is_empty()) {
            return Err(SendError::invalid(
                "the notification names no template: its `id` is empty",
            ));
        }
        match (reply.map(messages).transpose()?, otherwise) {
            (Some(messages), None) => Ok(Self::Messages(messages)),
            (Some(messages), Some(notification)) => Ok(Self::Either(messages, notification)),
            (None, Some(notification)) => Ok(Self::Notification(notification)),
            (None, None) => Err(SendError::invalid("there is nothing to send")),
        }
    }
}

impl FirstSender {
    async fn send(&self, openid: &str, plan: Plan) -> Result<Sent, SendError> {
        let deadline = Instant::now() + PATIENCE;
        match plan {
            Plan::Messages(messages) => self.send_each(openid, &messages, deadline).await,
            Plan::Notification(notification) => self.notify(openid, &notification, deadline).await,
            Plan::Either(messages, notification) => {
                match self.send_each(openid, &messages, deadline).await {
                    Err(error) if may_notify(&error) => {
                        let notified = self.notify(openid, &notification, deadline).await;
                        notified.map_err(|and| neither(&error, and))
                    }
                    result => result,
                }
            }
        }
    }

    async fn notify(
        &self,
        openid: &str,
        notification: &Notification,
        deadline: Instant,
    ) -> Result<Sent, SendError> {
        let _turn = self.turn(deadline).await?;
        let notifications = self.api.notifications();
        let sending = notifications.send(openid, notification);
        match timeout_at(deadline, sending).await {
            Ok(Ok(receipt)) => Ok(Sent { messages: 1, notification: Some(receipt) }),
            Ok(Err(error)) => Err(explain(&error)),
            Err(_) => Err(unanswered()),
        }
    }

    /// Only WeChat knows how many messages are left: to note that a follower wrote would cost every
    /// message a call of the store. So each is tried.
    async fn send_each(
        &self,
        openid: &str,
        messages: &[CustomMessage],
        deadline: Instant,
    ) -> Result<Sent, SendError> {
        let of = messages.len();
        for (sent, message) in messages.iter().enumerate() {
            let result = self.send_one(openid, message, deadline).await;
            result.map_err(|error| SendError { sent, of, ..error })?;
        }
        Ok(Sent { messages: of, notification: None })
    }

    async fn send_one(
        &self,
        openid: &str,
        message: &CustomMessage,
        deadline: Instant,
    ) -> Result<(), SendError> {
        if self.late.access.is_off() {
            let why = format!("account `{}` has `late.customer_service = false`", self.id);
            return Err(not_sent(NotSent::Account, None, why));
        }
        let _turn = self.turn(deadline).await?;
        let Ok(result) = timeout_at(deadline, self.api.send(openid, message)).await else {
            return Err(unanswered());
        };
        self.late.access.learn(result.as_ref().err()).await;
        self.count(openid, result.as_ref().err()).await;
        result.map_err(|error| explain(&error))
    }

    /// Waits until few enough others send.
    async fn turn(&self, deadline: Instant) -> Result<SemaphorePermit<'_>, SendError> {
        match timeout_at(deadline, self.late.sending.acquire()).await {
            Ok(turn) => Ok(turn.expect("the semaphore is never closed")),
            Err(_) => {
                let why = format!("not sent, as too much else is being sent for {PATIENCE:?}");
                Err(not_sent(NotSent::TryLater, None, why))
            }
        }
    }

    /// Fewer late answers may be sent, or none any more.
    async fn count(&self, openid: &str, error: Option<&ApiError>) {
        let now = self.clock.seconds();
        match error.map(ApiError::class) {
            None => self.quotas.count_first(&self.id, openid, now).await,
            Some(Class::FollowerLimit) => self.quotas.used_up_first(&self.id, openid, now).await,
            Some(_) => {}
        }
    }
}

fn check_openid(openid: &str) -> Result<(), SendError> {
    let is_one = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    match openid.len() {
        1..=MAX_OPENID if is_one(openid) => Ok(()),
        _ => Err(SendError::invalid(format!(
            "no openid is like that: it has 1 to {MAX_OPENID} letters, digits, `-` and `_`"
        ))),
    }
}

/// As many as a follower who wrote may be sent, as what is more would be cut off.
fn messages(reply: Reply) -> Result<Vec<CustomMessage>, SendError> {
    let parts = limits::messages(reply)
        .map_err(|wrong| SendError::invalid(format!("the reply can't be sent: {wrong}")))?;
    let (count, most) = (parts.len(), Allowance::WROTE.messages as usize);
    match count {
        0 => return Err(SendError::invalid("the reply is empty")),
        _ if count > most => {
            return Err(SendError::invalid(format!(
                "the reply is too long: it is {count} messages, and a follower who wrote may be \
                 sent {most}"
            )));
        }
        _ => {}
    }
    let messages = parts.iter().map(CustomMessage::from_reply).collect::<Option<Vec<_>>>();
    messages.ok_or_else(|| {
        SendError::invalid("`transfer` can only answer a message: it hands that over to a human")
    })
}

fn explain(error: &ApiError) -> SendError {
    let code = error.code();
    match error.class() {
        Class::FollowerLimit => {
            let why = format!("the follower has to write first: {error}; {ELSE}");
            not_sent(NotSent::FollowerMustWrite, code, why)
        }
        Class::NotAllowed | Class::OperatorMustFix => {
            not_sent(NotSent::Account, code, error.to_string())
        }
        Class::Permanent => not_sent(NotSent::Refused, code, error.to_string()),
        Class::Transient | Class::TokenSpent | Class::Quota => {
            not_sent(NotSent::TryLater, code, error.to_string())
        }
        Class::Unclear => unclear(&error.to_string()),
    }
}

/// Nothing was sent yet, and a notification is not bound by what stands in the way.
fn may_notify(error: &SendError) -> bool {
    error.sent == 0 && matches!(error.outcome, NotSent::FollowerMustWrite | NotSent::Account)
}

/// The notification decides what is known.
fn neither(first: &SendError, and: SendError) -> SendError {
    let message = format!("{}; not sent as a notification either: {}", first.message, and.message);
    SendError { message, ..and }
}

fn unanswered() -> SendError {
    unclear(&format!("WeChat did not answer within {PATIENCE:?}"))
}

fn unclear(why: &str) -> SendError {
    let message = format!("nobody knows whether the follower has it: {why}");
    not_sent(NotSent::Unclear, None, message)
}

fn not_sent(outcome: NotSent, errcode: Option<i64>, message: String) -> SendError {
    SendError { outcome, sent: 0, of: 1, errcode, message }
}
