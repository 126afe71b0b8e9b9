//! Who is let in, what is let through, and how it is counted.

use std::path::Path;
use std::time::Duration;

use wxbot_plugin_echo as _;
use wxbot_plugin_keywords as _;
use wxbot_testkit::TestBot;
use wxbot_testkit::sim::{Act, Bubble};

use super::*;

const WORD: &str = "抱歉，这条消息里有不合适的内容，请换个说法。";

/// The guard in front of an echo.
async fn bot(config: &str) -> TestBot {
    let echo = "[[chain]]\nplugin = 'echo'\n";
    let chain = format!("[[chain]]\nplugin = 'guard'\n[chain.config]\n{config}\n{echo}");
    TestBot::from_toml(&chain).await.unwrap_or_else(|error| panic!("{error}"))
}

/// What a guard refused by a rule.
fn count(bot: &TestBot, rule: &str) -> f64 {
    bot.metric(&format!(
        "wxbot_link_events_total{{link=\"guard\",plugin=\"guard\",event=\"{rule}\"}}"
    ))
}

/// A file with this in it, and how settings name it.
fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    format!("'{}'", path.display())
}

#[tokio::test]
async fn without_settings_everything_passes() {
    let alice = bot("").await.follower("alice");
    alice.says("hi").await.sees("hi").by("echo");
    alice.sends_image("M1").await.sees_image("M1").by("echo");
}

#[tokio::test]
async fn who_is_blocked_hears_nothing() {
    let openid = bot("").await.follower("mallory").openid().to_owned();
    let bot = bot(&format!("block = ['{openid}']")).await;
    let mallory = bot.follower("mallory");
    mallory.says("hi").await.sees_nothing();
    mallory.clicks("HELP").await.sees_nothing();
    bot.follower("alice").says("hi").await.sees("hi");
    assert_eq!(count(&bot, "blocked"), 2.0);
}

#[tokio::test]
async fn a_block_list_may_be_a_file_with_comments_and_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let openid = bot("").await.follower("mallory").openid().to_owned();
    for pattern in [openid.clone(), format!("{}*", &openid[..openid.len() - 2])] {
        let list = format!("\u{feff}# since May\r\n\r\n{pattern}  # 发广告\r\n");
        let list = file(folder.path(), "block.txt", list);
        let bot =
            bot(&format!("block_files = [{list}]\ntexts = {{ blocked = '您已被限制。' }}")).await;
        bot.follower("mallory").says("hi").await.sees("您已被限制。");
    }
}

#[tokio::test]
async fn an_allow_list_lets_nobody_else_in() {
    let openid = bot("").await.follower("alice").openid().to_owned();
    let bot = bot(&format!("allow = ['{openid}']")).await;
    bot.follower("alice").says("hi").await.sees("hi");
    let bob = bot.follower("bob");
    bob.says("hi").await.sees("抱歉，本公众号目前只对部分用户开放。").by("guard");
    bob.unfollows().await.sees_nothing();
    assert_eq!(count(&bot, "not_allowed"), 2.0);
}

#[tokio::test]
async fn a_flood_is_refused_once_aloud_and_then_silently() {
    let bot = bot("flood = { messages = 2, every = '1m', pause = '5m' }").await;
    let (alice, bob) = (bot.follower("alice"), bot.follower("bob"));
    alice.says("1").await.sees("1");
    alice.clicks("HELP").await.by_nobody();
    alice.says("3").await.sees("您发得太快了，请 300 秒后再发。").by("guard");
    alice.says("4").await.sees_nothing();
    alice.sends_image("M1").await.sees_nothing();
    bob.says("1").await.sees("1");
    bot.advance(Duration::from_secs(299)).await;
    alice.says("5").await.sees_nothing();
    bot.advance(Duration::from_secs(1)).await;
    alice.says("6").await.sees("6");
    assert_eq!(count(&bot, "flood"), 4.0);
}

#[tokio::test]
async fn whoever_writes_slowly_is_no_flood() {
    let bot = bot("flood = { messages = 2, every = '1m' }").await;
    let alice = bot.follower("alice");
    for n in 0..10 {
        alice.says(&n.to_string()).await.sees(&n.to_string());
        bot.advance(Duration::from_secs(30)).await;
    }
}

#[tokio::test]
async fn events_that_wechat_sends_by_itself_are_no_flood() {
    let bot = bot("flood = { messages = 1 }").await;
    let alice = bot.follower("alice");
    for _ in 0..3 {
        alice.views("https://example.com/").await.sees_nothing();
    }
    alice.says("1").await.sees("1");
}

#[tokio::test]
async fn a_text_may_be_so_long() {
    let bot = bot("max_chars = 4").await;
    let alice = bot.follower("alice");
    alice.says("四个汉字").await.sees("四个汉字");
    alice.says("五个汉字！").await.sees("这条消息太长了，请精简到 4 字以内再发。");
    assert_eq!(count(&bot, "too_long"), 1.0);
}

#[tokio::test]
async fn a_word_is_refused_however_it_is_written() {
    let bot = bot("words = ['赌博', 'VX']").await;
    let alice = bot.follower("alice");
    for said in ["一起赌博吧", "赌\u{200b}博", "ＶＸ", "加vx"] {
        alice.says(said).await.sees(WORD).by("guard");
    }
    let voice = Act::Voice {
        media_id: "V1".into(),
        format: "amr".into(),
        recognition: Some("一起赌博吧。".into()),
    };
    alice.does(voice).await.sees(WORD);
    alice.says("下棋").await.sees("下棋");
    assert_eq!(count(&bot, "word"), 5.0);
}

#[tokio::test]
async fn the_links_below_may_hear_a_word_masked() {
    let bot = bot("words = ['赌博']\nincoming = 'mask'\nmask = '□'").await;
    let alice = bot.follower("alice");
    alice.says("一起赌\u{200b}博，好吗？").await.sees("一起□□，好吗？").by("echo");
    assert_eq!(count(&bot, "word"), 1.0);
}

#[tokio::test]
async fn a_word_may_be_a_case_for_a_human() {
    let alice = bot("words = ['投诉']\nincoming = 'transfer'").await.follower("alice");
    alice.says("我要投诉").await.sees_bubble(&Bubble::Transfer { kf_account: None });
}

/// A bot that answers `q` with this.
async fn answering(config: &str, reply: &str) -> TestBot {
    let rules = format!("config = {{ rules = [{{ full = 'q', reply = {reply} }}] }}");
    bot(&format!("{config}\n[[chain]]\nplugin = 'keywords'\n{rules}")).await
}

#[tokio::test]
async fn a_word_in_a_reply_is_masked_and_the_rest_stays() {
    let bot = answering("words = ['内部价']", "'ＶＩＰ：内部\u{200b}价９９元。'").await;
    bot.follower("alice").says("q").await.sees("ＶＩＰ：***９９元。").by("keywords");
    assert_eq!(count(&bot, "word_sent"), 1.0);
}

#[tokio::test]
async fn addresses_and_ids_in_a_reply_stay() {
    let news =
        "{ news = [{ title = '坏', description = '很坏', url = 'https://example.com/坏' }] }";
    let bot = answering("words = ['坏']", news).await;
    let heard = bot.follower("alice").says("q").await.sees_news(&["*"]);
    let Some(Bubble::News(cards)) = heard.exchange().reply() else { panic!("{heard:?}") };
    assert_eq!(cards[0].description, "很*");
    assert_eq!(cards[0].url, "https://example.com/坏");
}

#[tokio::test]
async fn a_reply_with_a_word_may_be_replaced() {
    let bot = answering("words = ['坏']\noutgoing = 'replace'", "['说坏话', '真坏']").await;
    bot.follower("alice").says("q").await.sees("抱歉，这个问题我不便回答，换个问题吧。");
}

#[tokio::test]
async fn each_direction_may_pass() {
    let config = "words = ['坏']\nincoming = 'pass'\noutgoing = 'pass'";
    bot(config).await.follower("alice").says("坏").await.sees("坏");
}

#[tokio::test]
async fn words_come_from_files_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let list = file(folder.path(), "words.txt", "\u{feff}赌博\r\n\r\n  代开发票 \n");
    let alice = bot(&format!("word_files = [{list}]")).await.follower("alice");
    alice.says("代开发票吗").await.sees(WORD);
    alice.says("赌博").await.sees(WORD);
    alice.says("开发票").await.sees("开发票");
}

#[tokio::test]
async fn a_hundred_thousand_words_are_looked_for_like_one() {
    let folder = tempfile::tempdir().unwrap();
    let words: String = (0..100_000).map(|n| format!("敏感词{n}号\n")).collect();
    let list = file(folder.path(), "words.txt", words);
    let alice = bot(&format!("word_files = [{list}]")).await.follower("alice");
    alice.says("有敏感词4711号吗").await.sees(WORD);
    alice.says("有敏感词4711吗").await.sees("有敏感词4711吗");
}

#[tokio::test]
async fn a_list_that_cannot_be_read_says_which_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let gbk = file(folder.path(), "gbk.txt", b"ok\n\xb6\xc4\xb2\xa9\n");
    let table = [
        (format!("word_files = [{gbk}]"), "line 2 of `"),
        (format!("word_files = [{gbk}]"), "is not UTF-8"),
        (
            "word_files = ['/nowhere/words.txt']".into(),
            "`/nowhere/words.txt` can't be read: No such",
        ),
        ("block_files = ['nowhere.txt']".into(), "`nowhere.txt` can't be read"),
        ("words = ['\u{200b}']".into(), "has nothing in it that is seen"),
        ("incoming = 'drop'".into(), "expected one of `refuse`, `mask`, `transfer`, `pass`"),
        ("flood = { every = 'a minute' }".into(), "is not a duration"),
    ];
    for (config, expected) in table {
        let error = TestBot::with::<Guard>(&config).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{config}: {error}");
    }
}

#[tokio::test]
async fn a_trace_names_the_rule() {
    let heard = bot("words = ['坏']").await.follower("alice").says("坏").await;
    assert!(heard.trace().contains("reply (text): word"), "{}", heard.trace());
}

#[tokio::test]
async fn what_is_said_may_be_a_template() {
    let config = "max_chars = 12\nflood = { messages = 3 }\nwords = ['vx']\n[chain.config.texts]
        too_long = '{{ message.text | truncate(3) }} 超过 {max}，{{ max }} 字'
        word = '不能说{{ message.text }}'
        flood = '{{ seconds }} 秒，{seconds} 秒'";
    let alice = bot(config).await.follower("alice");
    alice.says("{{ 7*7 }} {max}").await.sees("{{ … 超过 12，12 字");
    alice.says("{{ vx }}").await.sees("不能说{{ ** }}");
    alice.says("hi").await.sees("hi");
    alice.says("hi").await.sees("60 秒，60 秒");
}

#[tokio::test]
async fn a_template_that_fails_lets_nothing_in_and_nothing_out() {
    let config = "words = ['vx']\n[chain.config.texts]\nword = '{{ message.text + 1 }}'";
    bot(config).await.follower("alice").says("vx").await.sees_nothing();
    let config = "outgoing = 'replace'\nwords = ['vx']\n\
                  [chain.config.texts]\nreplaced = '{{ message.text + 1 }}'";
    answering(config, "'加 vx 吧'").await.follower("alice").says("q").await.sees("加 ** 吧");
}
