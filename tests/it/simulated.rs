//! The real bot, called by WeChat's side of the wire over HTTP.

use std::sync::Arc;

use wxbot_sim::{
    Account, Act, Bubble, Clock, Format, HttpEndpoint, Mode, OnError, Options, Verdict, WeChat,
};
use wxbot_tests::bot::{ECHO, SocketBot};

/// WeChat with the account that test bots have, connected to one of them.
fn wechat(bot: &SocketBot, mode: Mode, format: Format) -> WeChat {
    let account = Account { mode, format, ..Account::default() };
    // Nothing is asked three times: a refusal is to be seen at once.
    // Two that begin in one second with one seed would sign the same queries.
    let seed = u64::from(format == Format::Json);
    let options = Options { on_error: OnError::GivenUp, seed, ..Options::default() };
    let wechat = WeChat::with(account, Clock::real(), options).expect("the account is good");
    let endpoint = HttpEndpoint::new(format!("http://{}/wechat", bot.endpoint));
    wechat.connect(Arc::new(endpoint.expect("a client can be built")));
    wechat
}

#[tokio::test]
async fn wechat_takes_the_address_and_shows_the_answers_in_every_mode_and_format() {
    for mode in Mode::ALL {
        let bot = SocketBot::in_mode(mode.name(), ECHO);
        for format in Format::ALL {
            let wechat = wechat(&bot, *mode, *format);
            assert_eq!(wechat.handshake().await, Ok(()), "{mode} {format}");
            let alice = wechat.follower("alice");
            for text in ["hi", "]]> <b>&amp; 你好 😀\n"] {
                let exchange = alice.does(text).await.expect("alice follows");
                assert_eq!(exchange.text(), Some(text), "{mode} {format}: {exchange:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_picture_comes_back_and_what_echo_passes_is_silence() {
    let bot = SocketBot::with_chain(ECHO);
    let alice = wechat(&bot, Mode::Plain, Format::Xml).follower("alice");
    let picture = alice.does(Act::image("M1")).await.expect("alice follows");
    assert_eq!(picture.reply(), Some(&Bubble::Image { media_id: "M1".into() }));
    for act in [Act::Subscribe, Act::click("HELP"), Act::Unsubscribe] {
        let exchange = alice.does(act.clone()).await.expect("alice follows");
        assert_eq!(exchange.verdict, Verdict::Silence, "{act:?}: {exchange:?}");
    }
    assert_eq!(alice.phone().len(), 1);
}
