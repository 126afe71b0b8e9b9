//! WeChat's side of the account: the clock, the token, the addresses, the calls that are left.

use std::time::Duration;

use anyhow::Error;
use serde_json::{Value, json};
use wxbot_client::{HttpSettings, Visitor};
use wxbot_sdk::api::{Api, Call};
use wxbot_sdk::clock::Clock;

use super::finding::{Findings, Words};
use super::refusals::explain;
use super::{console, rights};
use crate::commands::account;
use crate::config::{AccountSettings, Config};

const CALLBACK_CHECK: &str = "/cgi-bin/callback/check";
const API_ADDRESSES: &str = "/cgi-bin/get_api_domain_ip";
const QUOTA: &str = "/cgi-bin/openapi/quota/get";
const SEND: &str = "/cgi-bin/message/custom/send";
/// wxbot takes timestamps that are five minutes off.
const CLOCK_IS_OFF: u64 = 60;

pub(super) async fn check(
    config: &Config,
    account: &AccountSettings,
    findings: &mut Findings,
) -> Result<(), Error> {
    if let Some((missing, cure)) = missing(account) {
        let seen = (
            format!("没有 {missing}，微信接口没有检查"),
            format!("without {missing} WeChat's API is not asked"),
        );
        findings.skip("token", pair(&seen), cure);
        return Ok(());
    }
    clock(account, findings).await;
    let api = account::api(config, account)?;
    if !token(&*api, findings).await {
        return Ok(());
    }
    callback(&*api, findings).await;
    let setting = account.late.applied_to(&config.late).customer_service;
    if rights::check(&*api, setting, findings).await {
        quota(&*api, findings).await;
    }
    console::check(&*api, findings).await;
    Ok(())
}

/// What the API can't be called without, and how it gets there.
fn missing(account: &AccountSettings) -> Option<(&'static str, Words<'static>)> {
    let id = ("在 bot.toml 的 [[account]] 里填上 app_id", "put app_id into the [[account]]");
    let secret = (
        "在 wxbot.env 填 WXBOT_APP_SECRET，并启用 bot.toml 的 app_secret",
        "put WXBOT_APP_SECRET into wxbot.env, and app_secret into bot.toml",
    );
    let both = (
        "在 wxbot.env 填 WXBOT_APP_SECRET，在 bot.toml 填 app_id，启用 app_secret",
        "put WXBOT_APP_SECRET into wxbot.env, and app_id and app_secret into bot.toml",
    );
    match (&account.app_id, &account.app_secret) {
        (Some(_), Some(_)) => None,
        (None, Some(_)) => Some(("app_id", id)),
        (Some(_), None) => Some(("app_secret", secret)),
        (None, None) => Some(("app_id, app_secret", both)),
    }
}

/// By the `Date` of WeChat's answer. Through a proxy of ours nothing is asked but the API.
async fn clock(account: &AccountSettings, findings: &mut Findings) {
    let base = account.api_base.clone().unwrap_or(HttpSettings::default().api_base);
    let Ok(visitor) = Visitor::new(Duration::from_secs(5)) else { return };
    if account.proxy.is_some() {
        return;
    }
    let url = format!("{}/cgi-bin/getcallbackip", base.trim_end_matches('/'));
    let Ok(visit) = visitor.get(&url).await else { return };
    let Some(theirs) = visit.date() else { return };
    let off = theirs.abs_diff(Clock::system().seconds());
    if off < CLOCK_IS_OFF {
        return findings.good("clock", ("时钟准确", "the clock is right"));
    }
    findings.fault(
        "clock",
        (&format!("这台机器的时钟差了 {off} 秒"), &format!("this machine's clock is {off} s off")),
        (
            "差 5 分钟以上，微信的请求都会被当作过期而拒绝",
            "beyond 5 minutes every request of WeChat's is refused as stale",
        ),
        ("timedatectl set-ntp true", "timedatectl set-ntp true"),
    );
}

/// Whether there is one. The call that is made with it is of no effect.
async fn token(api: &dyn Api, findings: &mut Findings) -> bool {
    match api.request(Call::get(API_ADDRESSES)).await {
        Ok(_) => {
            let seen = (
                "拿到了 access_token，IP 白名单没有问题",
                "there is an access token, and the IP white list is good",
            );
            findings.good("token", seen);
            true
        }
        Err(error) => {
            let said = explain(&error);
            findings.fault("token", pair(&said.seen), pair(&said.meaning), pair(&said.cure));
            false
        }
    }
}

fn pair(words: &(String, String)) -> (&str, &str) {
    (&words.0, &words.1)
}

/// WeChat looks the URL's host up, and pings it. That says nothing of HTTP.
async fn callback(api: &dyn Api, findings: &mut Findings) {
    let body = json!({ "action": "all", "check_operator": "DEFAULT" });
    let answer = match api.request(Call::post(CALLBACK_CHECK, body)).await {
        Ok(answer) => answer,
        Err(error) => {
            let said = explain(&error);
            let seen = pair(&said.seen);
            return findings.warn("callback", seen, pair(&said.meaning), pair(&said.cure));
        }
    };
    let dns = answer["dns"].as_array().map(Vec::as_slice).unwrap_or_default();
    let addresses: Vec<&str> = dns.iter().filter_map(|one| one["ip"].as_str()).collect();
    if addresses.is_empty() {
        return findings.fault(
            "callback",
            ("微信解析不出您填的域名", "WeChat finds no address for the URL's host"),
            ("微信的请求到不了这里", "WeChat's requests can't arrive"),
            ("检查域名解析和微信平台上填的 URL", "look at the DNS, and at the URL that WeChat has"),
        );
    }
    let addresses = addresses.join(", ");
    let is_lost = |ping: &Value| ping["package_loss"].as_str() == Some("100%");
    let pings = answer["ping"].as_array().map(Vec::as_slice).unwrap_or_default();
    let seen = (format!("微信看到的地址：{addresses}"), format!("WeChat finds {addresses}"));
    match !pings.is_empty() && pings.iter().all(is_lost) {
        false => findings.good("callback", pair(&seen)),
        true => findings.warn(
            "callback",
            (&format!("{}，但 ping 不通", seen.0), &format!("{}, and no ping comes back", seen.1)),
            (
                "防火墙丢弃 ping 时也会这样，不一定有问题",
                "so it is with a firewall that drops pings, too",
            ),
            ("能收到消息就不用管", "nothing, if messages arrive"),
        ),
    }
}

async fn quota(api: &dyn Api, findings: &mut Findings) {
    let answer = api.request(Call::post(QUOTA, json!({ "cgi_path": SEND }))).await;
    let Ok(answer) = answer else { return };
    let number = |name: &str| answer["quota"][name].as_u64().unwrap_or_default();
    let (limit, left) = (number("daily_limit"), number("remain"));
    if limit == 0 {
        return;
    }
    let seen = (
        format!("客服消息今天还能发 {left} / {limit}"),
        format!("customer-service messages left today: {left} of {limit}"),
    );
    match left * 10 < limit {
        false => findings.good("quota", pair(&seen)),
        true => findings.warn(
            "quota",
            pair(&seen),
            ("用完后迟到的回答发不出去", "late answers can't be sent when they are used up"),
            (
                "零点恢复；每月可以清 10 次：wxbot api POST /cgi-bin/clear_quota '{\"appid\":\"…\"}'",
                "it is new at midnight; ten times a month: wxbot api POST /cgi-bin/clear_quota '{\"appid\":\"…\"}'",
            ),
        ),
    }
}
