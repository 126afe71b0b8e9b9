//! What WeChat's console answers and shows, until the server configuration switches it off.

use serde_json::Value;
use wxbot_sdk::api::{Api, Call};

use super::finding::Findings;

/// Types of buttons that only the console makes.
const OF_THE_CONSOLE: [&str; 5] = ["text", "img", "voice", "video", "news"];

pub(super) async fn check(api: &dyn Api, findings: &mut Findings) {
    if let Ok(answer) = api.request(Call::get("/cgi-bin/get_current_selfmenu_info")).await {
        menu(&answer, findings);
    }
    if let Ok(answer) = api.request(Call::get("/cgi-bin/get_current_autoreply_info")).await {
        auto_replies(&answer, findings);
    }
}

const CURE: (&str, &str) = (
    "wxbot menu import 会把它们写成 bot.toml 的配置",
    "`wxbot menu import` writes them as entries for bot.toml",
);

fn menu(answer: &Value, findings: &mut Findings) {
    let buttons =
        answer["selfmenu_info"]["button"].as_array().map(Vec::as_slice).unwrap_or_default();
    let below =
        buttons.iter().filter_map(|button| button["sub_button"]["list"].as_array()).flatten();
    let is_of_the_console =
        |button: &Value| button["type"].as_str().is_some_and(|kind| OF_THE_CONSOLE.contains(&kind));
    if buttons.iter().chain(below).any(is_of_the_console) {
        findings.warn(
            "menu",
            ("公众平台网页上做的菜单正在使用", "the menu was made in WeChat's console"),
            (
                "启用服务器配置后它会失效，按钮不再回复",
                "the server configuration switches it off: its buttons answer nobody",
            ),
            CURE,
        );
    } else if buttons.is_empty() {
        findings.good("menu", ("没有菜单", "there is no menu"));
    } else {
        findings.good("menu", ("菜单是用接口做的", "the menu was made by the API"));
    }
}

fn auto_replies(answer: &Value, findings: &mut Findings) {
    let is_open = |name: &str| answer[name].as_i64() == Some(1);
    let follow = is_open("is_add_friend_reply_open");
    let others = is_open("is_autoreply_open");
    if !follow && !others {
        return findings.good("auto-replies", ("没有自动回复会失效", "no auto-reply is lost"));
    }
    let which = match (follow, others) {
        (true, true) => {
            ("被关注回复、关键词和消息自动回复", "replies to new followers, keywords and messages")
        }
        (true, false) => ("被关注回复", "a reply to new followers"),
        (false, _) => ("关键词和消息自动回复", "replies to keywords and messages"),
    };
    findings.warn(
        "auto-replies",
        (&format!("公众平台网页上开着：{}", which.0), &format!("WeChat's console has {}", which.1)),
        ("启用服务器配置后全部失效", "the server configuration switches all of it off"),
        CURE,
    );
}
