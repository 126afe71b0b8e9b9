//! `wxbot doctor`: plays WeChat against the bot's own public URL, and asks WeChat about the account.
//!
//! From outside in; what makes no sense after a failure is left out. The message that is sent is an
//! event that WeChat has not, so that no plugin takes it for a follower's.

mod finding; // what was seen, what it means, what to do
mod here; // this machine
mod route; // DNS and the port
mod visits; // as WeChat would
mod handshake;
mod slow;
mod messages;
mod response; // what a proxy made of an answer
mod wechat; // what WeChat says of the account
mod refusals;
mod rights;
mod console;

use std::time::Duration;

use anyhow::{Error, bail};

use self::finding::Findings;
use self::visits::Visits;
use super::account;
use super::input::{self, config};
use super::output::print;
use crate::cli::{Cli, Doctor};
use crate::config::{AccountSettings, Config, EnvFile, PublicUrl};

pub(crate) fn doctor(cli: &Cli, doctor: &Doctor) -> Result<(), Error> {
    let config = config(cli)?;
    let accounts = match &doctor.account {
        Some(id) => vec![account::find(&config, Some(id))?],
        None => config.accounts.iter().collect(),
    };
    let runtime = account::runtime()?;
    let _on_it = runtime.enter();
    let mut findings = Findings::new(doctor.lang);
    here::check(&config, &EnvFile::path_beside(input::path(cli)), &mut findings);
    for account in accounts {
        findings.begin(&account.id);
        let url = doctor.url.clone().map(Ok).or(account.url.as_deref().map(PublicUrl::parse));
        runtime.block_on(examine(
            &config,
            account,
            (url.transpose()?, doctor.slow),
            &mut findings,
        ))?;
    }
    print(&if doctor.json { findings.json()? } else { findings.text() })?;
    match findings.faults() {
        0 => Ok(()),
        faults => bail!(
            "{}",
            doctor
                .lang
                .pick(format!("发现 {faults} 个问题"), format!("{faults} faults were found"),)
        ),
    }
}

async fn examine(
    config: &Config,
    account: &AccountSettings,
    (url, slow): (Option<PublicUrl>, Duration),
    findings: &mut Findings,
) -> Result<(), Error> {
    match url {
        Some(url) => outside(account, &url, slow, findings).await,
        None => findings.skip(
            "url",
            ("没有公网地址可查", "there is no public URL to look at"),
            (
                "在 [[account]] 里加上 url = \"https://您的域名/wechat\"，或运行 wxbot doctor --url …",
                "add `url = \"https://your.host/wechat\"` to the [[account]], or give --url",
            ),
        ),
    }
    wechat::check(config, account, findings).await
}

/// From the name to a message.
async fn outside(
    account: &AccountSettings,
    url: &PublicUrl,
    slow: Duration,
    findings: &mut Findings,
) {
    if !route::check(url, findings).await {
        return;
    }
    let Some(visits) = Visits::new(account, url) else { return };
    if handshake::check(&visits, findings).await {
        slow::check(&visits, slow, findings).await;
        messages::check(&visits, findings).await;
    }
}
