//! `wxbot doctor`: every fault is found and named, and where there is none, none is.

mod proxy;
mod caddy;

use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};
use wxbot_tests::bot::account;
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::wechat::{APP_ID, TOKEN};

use self::proxy::{Incoming, answer, no_tls, proxy, self_signed, with_body};
use super::api::wechat;
use super::menu::console;
use super::sim::control;
use super::{LISTEN, in_mode, wxbot};

/// The configuration of a bot that is reached there.
fn doctored(mode: &str, url: &str) -> String {
    format!("{LISTEN}{}url = '{url}'\n", account(mode))
}

fn at(address: SocketAddr) -> String {
    format!("http://{address}/wechat")
}

/// What the doctor finds, and whether its exit code says the same.
#[track_caller]
fn found(program: &Program) -> Value {
    let ran = program.run(&["doctor", "--json", "--lang", "en", "--slow", "20ms"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:#?}"));
    let code = if report["ok"] == true { 0 } else { 1 };
    ran.exits(code);
    report["findings"].clone()
}

fn of_status<'f>(findings: &'f Value, status: &str) -> Vec<&'f Value> {
    let findings = findings.as_array().expect("they are a list");
    findings.iter().filter(|finding| finding["status"] == status).collect()
}

/// One fault, of this check, with this in what is said about it.
#[track_caller]
fn check(reason: &str, mode: &str, url: &str, expected: &str, part: &str) {
    let findings = found(&wxbot().with_config(&doctored(mode, url)));
    let faults = of_status(&findings, "fault");
    let [fault] = faults[..] else { panic!("{reason}: {findings:#}") };
    assert_eq!(fault["check"], expected, "{reason}: {fault:#}");
    let said = ["seen", "meaning", "cure"].map(|key| fault[key].as_str().expect("it is said"));
    assert!(said.iter().all(|text| !text.is_empty()), "{reason}: {fault:#}");
    assert!(said.join("\n").contains(part), "{reason}: no {part:?} in {fault:#}");
}

#[test]
fn a_good_bot_has_no_fault_in_any_mode() {
    for mode in ["plain", "compatible", "safe"] {
        let bot = in_mode(mode).serve(&["run"]);
        let findings = found(&wxbot().with_config(&doctored(mode, &at(bot.endpoint))));
        assert!(of_status(&findings, "fault").is_empty(), "{mode}: {findings:#}");
        for check in ["port", "handshake", "slow", "message", "time", "forged"] {
            let good = of_status(&findings, "good");
            assert!(good.iter().any(|one| one["check"] == check), "{mode} {check}: {findings:#}");
        }
        // It spoke to no plugin as a follower would.
        let bot = bot.stop().exits(0);
        assert!(!bot.stderr.contains("panic"), "{}", bot.stderr);
    }
}

type Behaviour = fn(SocketAddr, Incoming) -> Vec<u8>;

#[test]
fn every_broken_proxy_is_told_from_the_others() {
    let rows: [(&str, Behaviour, &str, &str); 20] = [
        (
            "a redirect",
            |_, _| answer("301 Moved", "Location: https://b.example/wechat?x\r\n", ""),
            "handshake",
            "sent on to https://b.example/wechat",
        ),
        (
            "a slash",
            |_, _| answer("301 Moved", "Location: /wechat/\r\n", ""),
            "handshake",
            "adds a slash",
        ),
        (
            "a stripped path",
            |bot, mut request| {
                request.target = request.target.replacen("/wechat", "", 1);
                if !request.target.starts_with('/') {
                    request.target.insert(0, '/');
                }
                pass(bot, &request)
            },
            "handshake",
            "strips /wechat",
        ),
        (
            "a doubled path",
            |bot, mut request| {
                request.target = format!("/wechat{}", request.target);
                pass(bot, &request)
            },
            "handshake",
            "adds /wechat once more",
        ),
        (
            "another site",
            |_, _| answer("404 Not Found", "", "<html>nginx</html>"),
            "handshake",
            "does not arrive",
        ),
        (
            "a lost query",
            |bot, mut request| {
                request.target = "/wechat".into();
                pass(bot, &request)
            },
            "handshake",
            "without what stands behind",
        ),
        (
            "a BOM",
            |bot, request| changed(bot, &request, |body| format!("\u{feff}{body}")),
            "handshake",
            "a BOM",
        ),
        (
            "quotes",
            |bot, request| changed(bot, &request, |body| format!("\"{body}\"")),
            "handshake",
            "in quotes",
        ),
        (
            "a line end",
            |bot, request| changed(bot, &request, |body| format!("{body}\n")),
            "handshake",
            "line ends",
        ),
        (
            "a script",
            |bot, request| changed(bot, &request, |body| format!("{body}<script></script>")),
            "handshake",
            "<script>",
        ),
        (
            "compression",
            |_, _| answer("200 OK", "Content-Encoding: br\r\n", b"\x0b\x02\x80"),
            "handshake",
            "compressed (br)",
        ),
        (
            "no backend",
            |_, _| answer("502 Bad Gateway", "", "<html>"),
            "handshake",
            "does not reach wxbot",
        ),
        (
            "a firewall",
            |_, _| answer("403 Forbidden", "", "blocked by WAF"),
            "handshake",
            "blocked by WAF",
        ),
        ("a hang-up", |_, _| Vec::new(), "handshake", "hung up"),
        ("no HTTP", |_, _| b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), "handshake", "no HTTP"),
        (
            "a proxy that does not wait",
            |bot, request| match request.target.contains("wxbot_wait=20") {
                true => answer("504 Gateway Time-out", "", "<html>"),
                false => pass(bot, &request),
            },
            "slow",
            "proxy_read_timeout",
        ),
        (
            "GET alone",
            |bot, request| match &*request.method {
                "POST" => answer("405 Method Not Allowed", "", ""),
                _ => pass(bot, &request),
            },
            "message",
            "only GET, or only POST",
        ),
        (
            "small bodies",
            |bot, request| match &*request.method {
                "POST" => answer("413 Too Large", "", ""),
                _ => pass(bot, &request),
            },
            "message",
            "client_max_body_size",
        ),
        (
            "a body that changes",
            |bot, mut request| {
                request.body =
                    String::from_utf8_lossy(&request.body).replace("[CDATA[", "[CDATA[x").into();
                pass(bot, &request)
            },
            "message",
            "signature",
        ),
        (
            "an answer that changes",
            |bot, request| match &*request.method {
                "POST" => changed(bot, &request, |body| format!("<html>{body}</html>")),
                _ => pass(bot, &request),
            },
            "message",
            "<html>",
        ),
    ];
    for (reason, behave, expected, part) in rows {
        let bot = in_mode("safe").serve(&["run"]);
        let to = bot.endpoint;
        let url = at(proxy(move |request| behave(to, request)));
        check(reason, "safe", &url, expected, part);
    }
}

/// A framework's first page: whatever comes is fine.
#[test]
fn what_takes_forged_requests_is_found() {
    let url = at(proxy(|request| match &*request.method {
        "POST" => answer("200 OK", "", "success"),
        _ => {
            let (_, rest) = request.target.split_once("echostr=").expect("it is a handshake");
            answer("200 OK", "", rest.split('&').next().unwrap_or_default())
        }
    }));
    let findings = found(&wxbot().with_config(&doctored("safe", &url)));
    let faults = of_status(&findings, "fault");
    let checks: Vec<_> = faults.iter().map(|fault| fault["check"].as_str().unwrap_or("")).collect();
    assert_eq!(checks, ["forged-handshake", "forged", "weaker"], "{findings:#}");
}

fn pass(bot: SocketAddr, request: &Incoming) -> Vec<u8> {
    let response = request.forward(bot);
    with_body(&response, &response.body)
}

fn changed(bot: SocketAddr, request: &Incoming, change: fn(&str) -> String) -> Vec<u8> {
    let response = request.forward(bot);
    with_body(&response, change(&response.body))
}

#[test]
fn a_good_proxy_is_no_fault() {
    let bot = in_mode("safe").serve(&["run"]);
    let to = bot.endpoint;
    let url = at(proxy(move |request| pass(to, &request)));
    let findings = found(&wxbot().with_config(&doctored("safe", &url)));
    assert!(of_status(&findings, "fault").is_empty(), "{findings:#}");
}

#[test]
fn what_is_not_there_is_found_before_http() {
    check("no such name", "plain", "http://wxbot.invalid/wechat", "dns", "no address");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    check("nobody listens", "plain", &at(free), "port", "nobody listens");
    let url = format!("https://{}/wechat", no_tls());
    check("no TLS behind https", "plain", &url, "handshake", "no HTTPS");
    let url = format!("https://{}/wechat", self_signed());
    check("a certificate of its own", "plain", &url, "handshake", "invalid peer certificate");
    let findings = found(&wxbot().with_config(&format!("{LISTEN}{}", account("plain"))));
    assert_eq!(of_status(&findings, "skipped")[0]["check"], "url", "{findings:#}");
}

#[test]
fn another_token_and_a_weaker_mode_are_found() {
    let bot = in_mode("safe").serve(&["run"]);
    let config = doctored("safe", &at(bot.endpoint)).replace(TOKEN, "tokenBETA1");
    let findings = found(&wxbot().with_config(&config));
    let [fault] = of_status(&findings, "fault")[..] else { panic!("{findings:#}") };
    assert_eq!(fault["check"], "handshake");
    assert!(fault["meaning"].as_str().unwrap().contains("another Token"), "{fault:#}");

    let weak = in_mode("compatible").serve(&["run"]);
    check("the bot is weaker", "safe", &at(weak.endpoint), "weaker", "restart wxbot");
}

/// A bot that calls this simulated WeChat, which calls it.
fn with_account(sim: &Serving, secret: &str, app_id: &str) -> Program {
    let config = format!(
        "{LISTEN}{}app_secret = '{secret}'\napi_base = 'http://{}'\n",
        account("plain").replace(APP_ID, app_id),
        sim.endpoint
    );
    wxbot().with_config(&config)
}

#[test]
fn what_wechat_refuses_is_explained() {
    let sim = wechat("test");
    let rows = [
        ("wrong", APP_ID, "40125", "app_secret"),
        ("secretTEST1", "wx0000000000000000", "40013", "app_id"),
    ];
    for (secret, app_id, code, part) in rows {
        let findings = found(&with_account(&sim, secret, app_id));
        let [fault] = of_status(&findings, "fault")[..] else { panic!("{findings:#}") };
        assert_eq!(fault["check"], "token");
        assert!(fault["seen"].as_str().unwrap().contains(code), "{fault:#}");
        assert!(fault["cure"].as_str().unwrap().contains(part), "{fault:#}");
    }
    control(sim.endpoint, "whitelist", &json!(["203.0.113.7"]));
    let program = with_account(&sim, "secretTEST1", APP_ID);
    let findings = found(&program);
    let cure = of_status(&findings, "fault")[0]["cure"].as_str().unwrap();
    assert!(cure.contains("add 127.0.0.1 to the account's IP white list"), "{cure}");
    let ran = program.run(&["doctor"]).exits(1).says(&["发现 1 个问题"]);
    for part in ["✗ token: errcode 40164", "处理: 把 127.0.0.1 加到 IP 白名单"] {
        assert!(ran.stdout.contains(part), "{part} is not in\n{}", ran.stdout);
    }
    assert!(!format!("{ran:?}").contains("secretTEST1"));

    let gone = with_account(&sim, "secretTEST1", APP_ID);
    sim.stop().exits(0);
    let findings = found(&gone);
    let seen = of_status(&findings, "fault")[0]["seen"].as_str().unwrap();
    assert!(seen.contains("can't be reached"), "{seen}");
}

#[test]
fn an_account_of_each_kind_is_good_and_its_rights_are_named() {
    for (kind, may, level) in [
        ("personal", "may: nothing", "warning"),
        (
            "verified-subscription",
            "may: customer-service messages, menus, users; may not: template",
            "good",
        ),
        ("verified-service", "may not: nothing", "good"),
        ("test", "may not: nothing", "good"),
    ] {
        let sim = wechat(kind);
        let findings = found(&with_account(&sim, "secretTEST1", APP_ID));
        assert!(of_status(&findings, "fault").is_empty(), "{kind}: {findings:#}");
        let rights = of_status(&findings, level);
        let rights = rights.iter().find(|one| one["check"] == "rights").expect(kind);
        assert!(rights["seen"].as_str().unwrap().contains(may), "{kind}: {rights:#}");
        for check in ["clock", "token", "callback", "menu", "auto-replies"] {
            let good = of_status(&findings, "good");
            assert!(good.iter().any(|one| one["check"] == check), "{kind} {check}: {findings:#}");
        }
    }
}

#[test]
fn a_setting_that_the_account_has_no_right_to_is_found() {
    for (kind, setting, expected) in [
        ("personal", "true", "fault"),
        ("personal", "false", "warning"),
        ("verified-service", "true", "good"),
        ("verified-service", "false", "warning"),
    ] {
        let sim = wechat(kind);
        let program = with_account(&sim, "secretTEST1", APP_ID);
        let late = format!("late = {{ customer_service = {setting} }}\n");
        program.write("bot.toml", program.read("bot.toml") + &late);
        let findings = found(&program);
        let of_status = of_status(&findings, expected);
        let is_there = of_status.iter().any(|one| one["check"] == "rights");
        assert!(is_there, "{kind}, {setting}: {findings:#}");
    }
}

#[test]
fn what_the_server_configuration_switches_off_is_warned_of() {
    let sim = wechat("personal");
    control(sim.endpoint, "console", &console());
    let findings = found(&with_account(&sim, "secretTEST1", APP_ID));
    let warnings = of_status(&findings, "warning");
    for check in ["menu", "auto-replies"] {
        let warning = warnings.iter().find(|one| one["check"] == check).expect(check);
        assert!(warning["cure"].as_str().unwrap().contains("wxbot menu import"), "{warning:#}");
    }
}

#[cfg(unix)]
#[test]
fn secrets_that_others_can_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt;

    let program = wxbot().with_config(&format!("{LISTEN}{}", account("plain")));
    let program = program.with_file("wxbot.env", "A=1\n");
    for (mode, level) in [(0o644, "warning"), (0o600, "good")] {
        let file = program.folder().join("wxbot.env");
        std::fs::set_permissions(file, PermissionsExt::from_mode(mode)).unwrap();
        let findings = found(&program);
        let of_level = of_status(&findings, level);
        assert!(of_level.iter().any(|one| one["check"] == "secrets"), "{findings:#}");
    }
}
