//! What followers write.

use wxbot_sdk::command::Moment;
use wxbot_sdk::prelude::*;

/// 提醒
#[derive(Debug, Commands)]
pub(crate) enum Reminding {
    /// 到时候提醒您，例如「提醒我 30分钟后 喝水」
    #[command("提醒我", "提醒", "remind")]
    Remind {
        /// 什么时候
        when: Moment,
        /// 什么事
        #[command(rest)]
        what: String,
    },
    /// 列出您的提醒
    #[command("我的提醒", "reminders")]
    List,
    /// 取消一个提醒
    #[command("取消提醒", "unremind")]
    Cancel {
        /// 序号
        number: usize,
    },
}
