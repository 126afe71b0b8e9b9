//! What the account may do, asked in ways that do nothing.

use serde_json::json;
use wxbot_core::late::settings::CustomerService;
use wxbot_sdk::api::{Api, ApiError, Call};

use super::finding::{Findings, Words};
use super::refusals::refusal;

/// Nobody.
const OPENID: &str = "oWXBOT_doctor_00000000000000";

/// Each right, and a call that only who has it is not refused for want of it.
fn rights() -> [(&'static str, &'static str, Call); 4] {
    let typing = json!({ "touser": OPENID, "command": "Typing" });
    [
        (
            "客服消息",
            "customer-service messages",
            Call::post("/cgi-bin/message/custom/typing", typing),
        ),
        ("自定义菜单", "menus", Call::get("/cgi-bin/menu/get")),
        ("用户信息", "users", Call::get("/cgi-bin/tags/get")),
        ("模板消息", "template messages", Call::get("/cgi-bin/template/get_all_private_template")),
    ]
}

/// Returns whether it may send customer-service messages, as far as is known.
pub(super) async fn check(
    api: &dyn Api,
    setting: CustomerService,
    findings: &mut Findings,
) -> bool {
    let (mut granted, mut refused) = (Vec::new(), Vec::new());
    let mut may_send = true;
    for (place, (chinese, english, call)) in rights().into_iter().enumerate() {
        match api.request(call).await {
            Err(error) if is_for_others(&error) => {
                may_send &= place > 0;
                refused.push((chinese, english));
            }
            Err(error) if refusal(&error).is_none() => return true,
            _ => granted.push((chinese, english)),
        }
    }
    let ((granted, may), (refused, may_not)) = (list(&granted), list(&refused));
    let chinese = format!("可以：{granted}；不可以：{refused}");
    let english = format!("may: {may}; may not: {may_not}");
    let seen = (&*chinese, &*english);
    match (may_send, setting) {
        (true, CustomerService::Auto | CustomerService::Yes) => findings.good("rights", seen),
        (true, CustomerService::No) => findings.warn("rights", seen, UNUSED, UNUSED_CURE),
        (false, CustomerService::Yes) => findings.fault("rights", seen, UNSENT, UNSENT_CURE),
        (false, _) => findings.warn("rights", seen, WAITS, WAITS_CURE),
    }
    may_send
}

/// Their names, in Chinese and in English.
fn list(rights: &[(&str, &str)]) -> (String, String) {
    if rights.is_empty() {
        return ("无".into(), "nothing".into());
    }
    let (chinese, english): (Vec<&str>, Vec<&str>) = rights.iter().copied().unzip();
    (chinese.join("、"), english.join(", "))
}

const WAITS: Words<'_> = (
    "不能主动发消息：15 秒内没做完的回答，要等用户再发一条（[late] 的提示语）",
    "it can't send first: what takes over 15 s waits for the follower's next message ([late])",
);
const WAITS_CURE: Words<'_> = (
    "不用处理；认证后自动改用客服消息",
    "nothing; once the account is verified, it is sent by itself",
);
const UNSENT: Words<'_> = (
    "bot.toml 写着可以发客服消息，其实不能：迟到的回答会发不出去",
    "bot.toml says that it may send customer-service messages, and it may not: late answers fail",
);
const UNSENT_CURE: Words<'_> = (
    "去掉 customer_service = true，或改成 \"auto\"",
    "take `customer_service = true` out, or make it \"auto\"",
);
const UNUSED: Words<'_> = (
    "可以发客服消息，但 bot.toml 关掉了",
    "it may send customer-service messages, which bot.toml switches off",
);
const UNUSED_CURE: Words<'_> = (
    "去掉 customer_service = false，迟到的回答就会自己送到",
    "take `customer_service = false` out, and late answers come by themselves",
);

fn is_for_others(error: &ApiError) -> bool {
    refusal(error).is_some_and(|refusal| [48001, 40200, 48004].contains(&refusal.code))
}
