//! Asks on a terminal for what the command line does not say.

use std::io::{self, BufRead, Write};

use anyhow::{Error, bail};
use wxbot_sim::Kind;

use super::answers::{Account, Answers, usual_kind};
use super::echo::Hidden;
use crate::cli::Init;
use crate::config::PublicUrl;
use crate::config::forms::Form;
use crate::language::Language;

/// Whoever answers.
pub(super) trait Asked {
    /// The answer to a question, without its line end; `None` where there are no more.
    fn ask(&mut self, question: &str) -> io::Result<Option<String>>;
    /// The same, and nobody who looks on sees the answer.
    fn ask_in_secret(&mut self, question: &str) -> io::Result<Option<String>>;
    /// Why an answer will not do.
    fn object(&mut self, fault: &str);
}

/// The terminal that the command was started from.
pub(super) struct Terminal;

impl Asked for Terminal {
    fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        eprint!("{question}");
        io::stderr().flush()?;
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim().to_owned()))
    }

    fn ask_in_secret(&mut self, question: &str) -> io::Result<Option<String>> {
        let _hidden = Hidden::start();
        self.ask(question)
    }

    fn object(&mut self, fault: &str) {
        eprintln!("  {fault}");
    }
}

/// Asks for what is not on the command line, each until the answer will do.
pub(super) fn ask<A: Asked>(init: &Init, asked: &mut A) -> Result<Answers, Error> {
    let lang = init.lang;
    let app_id = match &init.app_id {
        Some(app_id) if Form::AppId.fault(app_id).is_none() => app_id.clone(),
        _ => until_good(asked, A::ask, &question_of_app_id(lang), app_id)?,
    };
    let app_secret = match &init.app_secret {
        Some(secret) => secret.clone(),
        None => until_good(asked, A::ask_in_secret, &question_of_app_secret(lang), app_secret)?,
    };
    let kind = match init.kind {
        Some(kind) => kind,
        None => {
            let usual = usual_kind(init);
            until_good(asked, A::ask, &question_of_kind(lang, usual), |answer| kind(answer, usual))?
        }
    };
    let url = match &init.url {
        Some(url) => Some(url.clone()),
        None => until_good(asked, A::ask, &question_of_url(lang), url)?,
    };
    let app_secret = Some(app_secret).filter(|secret| !secret.is_empty());
    Ok(Answers::of(Account { app_id, app_secret, kind, url }, init))
}

fn until_good<A: Asked, T>(
    asked: &mut A,
    ask: fn(&mut A, &str) -> io::Result<Option<String>>,
    question: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<T, Error> {
    loop {
        let Some(answer) = ask(asked, question)? else { bail!("nothing was written") };
        match read(&answer) {
            Ok(value) => return Ok(value),
            Err(fault) => asked.object(&fault),
        }
    }
}

fn app_id(answer: &str) -> Result<String, String> {
    match Form::AppId.fault(answer) {
        None => Ok(answer.to_owned()),
        Some(fault) => Err(format!("AppID {fault}")),
    }
}

fn app_secret(answer: &str) -> Result<String, String> {
    match Form::AppSecret.fault(answer).filter(|_| !answer.is_empty()) {
        None => Ok(answer.to_owned()),
        Some(fault) => Err(format!("AppSecret {fault}")),
    }
}

fn kind(answer: &str, usual: Kind) -> Result<Kind, String> {
    let number = answer.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    match number.and_then(|place| Kind::ALL.get(place)) {
        Some(kind) => Ok(*kind),
        None if answer.is_empty() => Ok(usual),
        None => answer.parse().map_err(|error: wxbot_sim::UnknownName| error.to_string()),
    }
}

/// People leave out the scheme, and the path.
fn url(answer: &str) -> Result<Option<PublicUrl>, String> {
    if answer.is_empty() {
        return Ok(None);
    }
    let with_scheme = match answer.contains("://") {
        true => answer.to_owned(),
        false => format!("https://{answer}"),
    };
    let url = PublicUrl::parse(&with_scheme).map_err(|error| format!("{answer} {error}"))?;
    Ok(Some(if url.path == "/" { url.with_path("/wechat") } else { url }))
}

fn question_of_app_id(lang: Language) -> String {
    lang.pick("AppID（开发者ID，形如 wx0123456789abcdef）：", "AppID (wx and 16 hex digits): ")
        .to_owned()
}

fn question_of_app_secret(lang: Language) -> String {
    lang.pick(
        "AppSecret（调用微信接口用，输入时不显示；没有就直接回车，以后再填）：",
        "AppSecret (to call WeChat's API; what you type is not shown; empty for later): ",
    )
    .to_owned()
}

fn question_of_kind(lang: Language, usual: Kind) -> String {
    let kinds = lang.pick(
        "账号类型：\n  1 个人公众号\n  2 企业公众号或服务号，未认证\n  3 认证公众号（订阅号）\n  4 认证服务号\n  5 测试号\n",
        "The account is\n  1 personal\n  2 an organisation's, unverified\n  3 a verified subscription account\n  \
         4 a verified service account\n  5 a test account\n",
    );
    let number = 1 + Kind::ALL.iter().take_while(|kind| **kind != usual).count();
    let which =
        lang.pick(format!("请输入序号（默认 {number}）："), format!("Which one ({number}): "));
    format!("{kinds}{which}")
}

fn question_of_url(lang: Language) -> String {
    lang.pick(
        "服务器地址（微信要访问的网址，例如 https://bot.example.com/wechat；没有域名可用 http://公网IP/wechat；以后再填就直接回车）：",
        "The URL that WeChat shall call, like https://bot.example.com/wechat, or http://ADDRESS/wechat\n\
         without a domain (empty for later): ",
    )
    .to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use wxbot_sim::Mode;

    use super::*;
    use crate::cli::{Cli, Command};

    struct Script {
        answers: Vec<&'static str>,
        faults: Vec<String>,
    }

    impl Asked for Script {
        fn ask(&mut self, _: &str) -> io::Result<Option<String>> {
            let next = (!self.answers.is_empty()).then(|| self.answers.remove(0));
            Ok(next.map(str::to_owned))
        }

        fn ask_in_secret(&mut self, question: &str) -> io::Result<Option<String>> {
            self.ask(question)
        }

        fn object(&mut self, fault: &str) {
            self.faults.push(fault.to_owned());
        }
    }

    fn asked(flags: &[&str], answers: &[&'static str]) -> (Result<Answers, Error>, Vec<String>) {
        let cli = Cli::try_parse_from(["wxbot", "init"].iter().chain(flags)).unwrap();
        let Command::Init(init) = cli.chosen() else { panic!("it is init") };
        let mut script = Script { answers: answers.to_vec(), faults: Vec::new() };
        let answers = ask(&init, &mut script);
        (answers, script.faults)
    }

    #[test]
    fn what_will_not_do_is_asked_again() {
        let typed =
            ["gh_5f0c1d2e3a4b", "wx0123456789abcdef", "", "7", "4", "bot.example.com:8443", ""];
        let (answers, faults) = asked(&[], &typed);
        let answers = answers.unwrap();
        assert_eq!(answers.app_id, "wx0123456789abcdef");
        assert_eq!((answers.app_secret, answers.kind), (None, Kind::VerifiedService));
        assert_eq!(answers.url, None);
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].contains("original_id") && faults[2].contains("80"), "{faults:?}");
    }

    #[test]
    fn a_name_alone_is_a_url_and_the_rest_follows() {
        let flags = ["--app-id", "wx0123456789abcdef", "--app-secret", "0123456789abcdef"];
        let (answers, _) = asked(&flags, &["5", "bot.example.com"]);
        let answers = answers.unwrap();
        assert_eq!(answers.shown_url(), "https://bot.example.com/wechat");
        assert_eq!(
            (answers.mode, answers.listen.to_string()),
            (Mode::Plain, "127.0.0.1:8080".into())
        );
        let (answers, _) = asked(&flags, &["", "http://203.0.113.7"]);
        assert_eq!(answers.unwrap().listen.to_string(), "0.0.0.0:80");
    }

    #[test]
    fn an_example_says_which_account_is_the_usual_one() {
        let flags = ["--app-id", "wx0123456789abcdef", "--like", "shop"];
        let (answers, _) = asked(&flags, &["", "", ""]);
        assert_eq!(answers.unwrap().kind, Kind::VerifiedService);
        let question = question_of_kind(Language::En, Kind::VerifiedService);
        assert!(question.ends_with("Which one (4): "), "{question}");
    }

    #[test]
    fn an_end_of_answers_is_the_end() {
        assert!(asked(&[], &["wx0123456789abcdef"]).0.is_err());
    }
}
