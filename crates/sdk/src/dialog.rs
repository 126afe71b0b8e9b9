//! Conversations: a question, and the follower's next message as the answer to it.
//!
//! A plugin asks and is done; nothing waits. The state is in the store before the follower reads
//! the question, and the next message of this follower comes back to the instance that asked, on
//! whichever instance of the bot it arrives:
//!
//! ```
//! use wxbot_sdk::prelude::*;
//!
//! #[derive(Serialize, Deserialize)]
//! enum Booking {
//!     Name,
//!     Day { name: String },
//! }
//!
//! impl DialogState for Booking {}
//!
//! /// In a [`Handler`](crate::plugin::Handler) whose plugin has `DIALOGS`.
//! fn book(ctx: &mut Context) -> Result<Flow, HandlerError> {
//!     match ctx.dialog()? {
//!         None => ctx.ask(Booking::Name, "您的姓名？"),
//!         Some(Booking::Name) => ctx.ask(Booking::Day { name: ctx.text_or("") }, "哪一天？"),
//!         Some(Booking::Day { name }) => match ctx.text() {
//!             Some(day) if day.ends_with('日') => ctx.done(format!("{name}，{day}已预约")),
//!             _ => ctx.again("请写 3月5日 这样的日期"),
//!         },
//!     }
//! }
//! ```

mod state;
mod choices;
mod turn;

use std::time::Duration;

pub use choices::Choices;
pub use state::DialogState;
pub use turn::{DialogChange, DialogTurn, Question};

/// That a plugin asks followers questions, and how: [`Plugin::DIALOGS`](crate::plugin::Plugin::DIALOGS).
/// Each entry of the chain may say it in another way, by its key `dialog`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialogs {
    /// How long a question waits for its answer.
    pub ttl: Duration,
    /// So many answers that are [none](crate::context::Context::again) end the dialog.
    pub tries: u32,
    /// Words that end it.
    pub cancel: &'static [&'static str],
    /// Said then.
    pub cancelled: &'static str,
    /// Said after the last try.
    pub given_up: &'static str,
    /// Said when this version of the plugin can't go on with what an older one began.
    pub outdated: &'static str,
    /// Whether choices can be tapped: `weixin://bizmsgmenu` links, which phones show.
    pub links: bool,
}

impl Dialogs {
    /// What suits most plugins.
    pub const DEFAULT: Self = Self {
        ttl: Duration::from_secs(30 * 60),
        tries: 3,
        cancel: &["取消", "退出", "cancel", "quit"],
        cancelled: "好的，已取消。",
        given_up: "抱歉，还是没有看懂，先到这里。需要时请重新开始。",
        outdated: "抱歉，服务刚刚更新，请重新开始。",
        links: true,
    };
}
