//! Bodies as they came in the field, each one of a kind that was answered wrongly.

use wxbot_core::receive::envelope;
use wxbot_sdk::matcher::keyword_of;
use wxbot_sim::{Act, Kind};
use wxbot_tests::bot::{ECHO, SocketBot, account};
use wxbot_tests::scripted::{rehearse, seconds};
use wxbot_tests::wechat::{element, now, text};

/// A file under `tests/fixtures/cases`.
fn file(name: &str) -> String {
    let path = format!("{}/fixtures/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A body among them, sent now.
fn case(name: &str) -> String {
    let body = file(name);
    let (head, tail) = body.split_once("CreateTime").expect("every body has one");
    let sent_at: String = tail.chars().skip_while(|c| !c.is_ascii_digit()).take(10).collect();
    format!("{head}CreateTime{}", tail.replacen(&sent_at, &now().to_string(), 1))
}

/// The Content of the reply to a case; without a reply, the body.
#[track_caller]
fn reply_to(bot: &SocketBot, name: &str) -> String {
    let response = bot.post(&case(name));
    assert_eq!(response.status, 200, "{name}: {response:?}");
    element(&response.body, "Content").unwrap_or(response.body)
}

/// A bot with one rule, which answers `yes`.
fn bot_with_rule(condition: &str) -> SocketBot {
    SocketBot::with_chain(&format!(
        "[[chain]]\nplugin = 'keywords'\n[[chain.config.rules]]\n{condition}\nreply = 'yes'\n"
    ))
}

#[test]
fn a_message_to_no_account_is_answered_by_the_one_that_is_known() {
    let body = "26-no-tousername.xml";
    let unknown = SocketBot::with_chain(ECHO);
    assert_eq!(reply_to(&unknown, body), "success", "a reply has to be from somebody");
    let original_id = "original_id = 'gh_9a8b7c6d5e4f'\n";
    let known = SocketBot::start(&format!("{}{original_id}", account("plain")), ECHO);
    let response = known.post(&case(body));
    assert_eq!(element(&response.body, "Content").as_deref(), Some("who am I talking to"));
    assert_eq!(element(&response.body, "FromUserName").as_deref(), Some("gh_9a8b7c6d5e4f"));
    assert_eq!(known.post(&text("to another account")).status, 403);
}

#[test]
fn a_message_from_nobody_is_not_replied_to() {
    let bot = bot_with_rule("event = 'kf_msg_or_event'");
    assert_eq!(reply_to(&bot, "27-kf-msg-or-event.xml"), "success");
    let decided = "wxbot_decisions_total{link=\"keywords\",plugin=\"keywords\",decision=\"reply\"";
    assert_eq!(bot.metric(decided), 1.0, "the chain is asked all the same");
    let nobody = text("hi").replace("FromUserName", "From");
    assert_eq!(SocketBot::with_chain(ECHO).post(&nobody).body, "success");
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_nobody_is_not_promised_either() {
    for kind in [Kind::VerifiedService, Kind::Personal] {
        let rehearsal = rehearse(kind, "");
        let body = text("after 20 hello").replace("FromUserName", "From");
        let alice = rehearsal.wechat().follower("alice");
        let exchange = alice.does(Act::Raw(body)).await.expect("she follows");
        assert_eq!((exchange.reply(), exchange.deliveries.len()), (None, 1), "on {kind}");
        seconds(60).await;
        let outbox = rehearsal.bot().outbox();
        let account = &rehearsal.bot().accounts()[0].account().id;
        assert_eq!(outbox.count().await.expect("it is in memory"), 0, "on {kind}");
        assert_eq!(outbox.count_waiting(account, "").await, 0, "on {kind}");
        assert_eq!(rehearsal.wechat().calls().len(), 0, "on {kind}");
    }
}

#[test]
fn forbidden_characters_in_json_cost_only_themselves() {
    let bot = SocketBot::with_chain(ECHO);
    assert_eq!(reply_to(&bot, "33-json-raw-newline.json"), "line one\nline two");
    // The escapes themselves can't be written in the XML of a reply.
    let colours = reply_to(&bot, "33b-json-ansi-colours.json");
    assert_eq!(colours, "[0;32mI (31492) wifi: up[0m");
}

#[test]
fn an_emoji_written_as_two_references_is_one() {
    let bot = SocketBot::with_chain(ECHO);
    assert_eq!(reply_to(&bot, "34-emoji-as-two-references.xml"), "hi 😀");
}

#[test]
fn what_was_said_by_voice_is_text_unless_a_key_says_no() {
    let body = "35-voice-recognised.xml";
    assert_eq!(reply_to(&bot_with_rule("contains = '天气'"), body), "yes");
    assert_eq!(reply_to(&bot_with_rule("contains = '天气'\nvoice = false"), body), "success");
    let when = |when: &str| {
        let chain = "[[chain]]\nplugin = 'says'\nconfig = { reply = 'yes' }\nwhen = ";
        SocketBot::with_chain(&format!("{chain}{when}\n"))
    };
    assert_eq!(reply_to(&when("{ prefix = '今天' }"), body), "yes");
    assert_eq!(reply_to(&when("{ prefix = '今天', voice = false }"), body), "success");
    assert_eq!(reply_to(&when("{ kind = 'text' }"), body), "success", "it is no text message");
    let scripted = SocketBot::with_chain("[[chain]]\nplugin = 'scripted'\n");
    assert_eq!(reply_to(&scripted, body), "今天天气怎么样。", "as a plugin's ctx.text()");
    let echo = SocketBot::with_chain(ECHO).post(&case(body));
    assert_eq!(element(&echo.body, "MsgType").as_deref(), Some("voice"), "echo says it by voice");
    assert_eq!(element(&echo.body, "MediaId").as_deref(), Some("VOICE_1"));
}

#[test]
fn a_keyword_in_full_width_is_that_keyword() {
    let body = "37-fullwidth-keyword.xml";
    assert_eq!(reply_to(&bot_with_rule("full = 'ok'\nignore_case = true"), body), "yes");
    assert_eq!(reply_to(&bot_with_rule("regex = '^OK$'"), body), "yes");
    assert_eq!(reply_to(&bot_with_rule("full = 'ok'"), body), "success", "case still counts");
}

#[test]
fn a_word_in_the_brackets_of_a_notice_is_that_word() {
    let (fields, _) = envelope::read(case("38b-word-in-its-brackets.xml").as_bytes()).unwrap();
    assert_eq!(keyword_of(fields.get("Content").unwrap()), "1");
}

/// What is echoed of a long text, part by part: the word is sent for each part behind the first.
fn parts_of(text: &str) -> Vec<String> {
    let bot = SocketBot::with_chain(ECHO);
    let mut parts = Vec::new();
    let mut said = text;
    loop {
        let part = bot.says(said);
        assert!(part.len() <= 2048, "{}: {part}", part.len());
        let Some(more) = part.strip_suffix("\n（发送「1」继续看）") else {
            parts.push(part);
            return parts;
        };
        parts.push(more.to_owned());
        said = "1";
    }
}

#[test]
fn a_url_where_a_text_is_cut_is_whole_in_one_part() {
    let text = file("41-url-at-the-cut.txt");
    let parts = parts_of(&text);
    assert_eq!(parts.concat(), text, "nothing is lost");
    let url: String = text.chars().filter(char::is_ascii_graphic).collect();
    assert_eq!(parts.iter().filter(|part| part.contains(&url)).count(), 1, "{parts:?}");
}

#[test]
fn an_emoji_of_several_characters_where_a_text_is_cut_is_whole() {
    let text = file("42-family-emoji.txt");
    let parts = parts_of(&text);
    assert_eq!(parts.concat(), text, "nothing is lost");
    assert!(parts.len() > 1, "it is cut");
    for part in parts {
        assert_eq!(part, "👨\u{200d}👩\u{200d}👧\u{200d}👦".repeat(part.len() / 25));
    }
}
