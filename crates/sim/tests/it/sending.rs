//! What WeChat posts in each mode and format, and for whom (sections 1 and 2).

use std::sync::Arc;

use wxbot_sim::{
    Account, Act, ActError, Format, HandshakeError, Mode, Options, Request, Response, Verdict, Via,
    What,
};

use crate::bot::{START, Step, pair, parameter, simple};

fn account(mode: Mode, format: Format) -> Account {
    Account { mode, format, ..Account::default() }
}

#[tokio::test(start_paused = true)]
async fn every_mode_and_format_is_signed_sealed_and_answered() {
    for mode in Mode::ALL {
        for format in Format::ALL {
            let (wechat, bot) = pair(account(*mode, *format), Options::default(), &[Step::Echo]);
            let exchange = wechat.follower("alice").does("你好 😀").await.unwrap();
            assert_eq!(exchange.text(), Some("你好 😀"), "{mode} {format}");
            let message = &bot.messages()[0];
            assert_eq!(message.child_text("MsgType"), Some("text"));
            assert_eq!(message.child_text("CreateTime"), Some(&*START.to_string()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_safe_body_shows_the_receiver_alone_and_a_compatible_one_everything() {
    let shown = async |mode| {
        let (wechat, bot) = pair(account(mode, Format::Xml), Options::default(), &[Step::Echo]);
        wechat.follower("alice").does("hi").await.unwrap();
        let request = bot.heard().remove(0);
        assert_eq!(request.content_type, Some("text/xml"));
        String::from_utf8(request.body).unwrap()
    };
    let (plain, safe) = (shown(Mode::Plain).await, shown(Mode::Safe).await);
    let compatible = shown(Mode::Compatible).await;
    for (body, content, encrypt) in
        [(plain, true, false), (safe, false, true), (compatible, true, true)]
    {
        assert_eq!(body.contains("<Content>"), content, "{body}");
        assert_eq!(body.contains("<Encrypt>"), encrypt, "{body}");
        assert!(body.contains("<ToUserName><![CDATA[gh_5f0c1d2e3a4b]]>"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn messages_have_rising_ids_and_events_have_none() {
    let (wechat, bot) = simple(&[Step::Echo]);
    let alice = wechat.follower("alice");
    let mut ids = Vec::new();
    for act in [Act::text("a"), Act::click("K"), Act::text("b")] {
        ids.push(alice.does(act).await.unwrap().msg_id);
    }
    assert!(ids[1].is_none() && ids[0] < ids[2] && ids[0] > Some(1 << 53), "{ids:?}");
    let sent = bot.messages();
    let sent: Vec<_> = sent.iter().map(|message| message.child_text("MsgId")).collect();
    assert_eq!(sent[0], ids[0].map(|id| id.to_string()).as_deref());
    assert_eq!(sent[1], None);
}

#[tokio::test(start_paused = true)]
async fn an_openid_is_made_of_the_name_and_what_is_an_openid_stays() {
    let (wechat, _) = simple(&[Step::Echo]);
    let alice = wechat.follower("alice");
    assert_eq!((alice.openid().len(), &alice.openid()[..1]), (28, "o"));
    assert_eq!(alice.openid(), wechat.follower("alice").openid());
    assert_ne!(alice.openid(), wechat.follower("bob").openid());
    let given = "oTEST_7vQkR2mXw9ZsLbN4cYdEfG";
    assert_eq!(wechat.follower(given).openid(), given);
    let other = Account { app_id: "wx1111111111111111".into(), ..Account::default() };
    let (elsewhere, _) = pair(other, Options::default(), &[Step::Echo]);
    assert_ne!(elsewhere.follower("alice").openid(), alice.openid());
}

#[tokio::test(start_paused = true)]
async fn who_does_not_follow_can_only_follow() {
    let (wechat, bot) = simple(&[Step::Echo]);
    let bob = wechat.stranger("bob");
    let refused = bob.does("hi").await.unwrap_err();
    assert_eq!(refused, ActError::NotFollowing(bob.openid().into()));
    assert!(bot.heard().is_empty());

    assert_eq!(bob.does(Act::Subscribe).await.unwrap().text(), Some("subscribe"));
    assert!(bob.follows());
    assert_eq!(bob.does("hi").await.unwrap().text(), Some("hi"));

    bob.does(Act::Unsubscribe).await.unwrap();
    assert!(!bob.follows() && bob.does("hi").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn scanning_subscribes_who_does_not_follow() {
    let (wechat, bot) = simple(&[Step::Echo]);
    let bob = wechat.stranger("bob");
    let scan = || Act::ScanScene { scene: "shop".into(), ticket: "gQ1".into() };
    bob.does(scan()).await.unwrap();
    bob.does(scan()).await.unwrap();
    let told = bot.messages();
    let told: Vec<_> = told
        .iter()
        .map(|event| (event.child_text("Event").unwrap(), event.child_text("EventKey").unwrap()))
        .collect();
    assert_eq!(told, [("subscribe", "qrscene_shop"), ("SCAN", "shop")]);
    let unknown = bob.does(Act::scan("gQ2")).await.unwrap_err();
    assert_eq!(unknown, ActError::NoSuchCode("gQ2".into()));
}

#[tokio::test(start_paused = true)]
async fn an_act_without_a_bot_is_an_error() {
    let (wechat, _) = simple(&[Step::Echo]);
    let alone = wxbot_sim::WeChat::new(Account::default(), wechat.clock()).unwrap();
    assert_eq!(alone.follower("alice").does("hi").await, Err(ActError::NotConnected));
    assert_eq!(alone.handshake().await, Err(HandshakeError::NotConnected));
}

#[tokio::test(start_paused = true)]
async fn the_handshake_wants_the_echostr_and_nothing_else() {
    let (wechat, bot) = simple(&[Step::Handshake]);
    assert_eq!(wechat.handshake().await, Ok(()));
    let asked = bot.heard().remove(0);
    assert_eq!((asked.method, asked.body.len(), asked.content_type), ("GET", 0, None));
    let timestamp = parameter(&asked.query, "timestamp");
    let nonce = parameter(&asked.query, "nonce");
    let signature = wxbot_sim::sign(&["tokenALPHA1", &timestamp, &nonce]);
    assert_eq!(parameter(&asked.query, "signature"), signature);

    let (wechat, _) = simple(&[Step::Status(403)]);
    assert_eq!(wechat.handshake().await, Err(HandshakeError::Status(403)));
    let echo_with_newline = |request: Request| async move {
        Ok(Response::ok(parameter(&request.query, "echostr") + "\n"))
    };
    wechat.connect(Arc::new(echo_with_newline));
    let failure = wechat.handshake().await;
    assert!(matches!(failure, Err(HandshakeError::Echo { .. })), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn the_phone_shows_what_came_and_for_which_act() {
    let steps = [Step::Echo, Step::Body(b"success".to_vec()), Step::Body(b"oops".to_vec())];
    let (wechat, _) = simple(&steps);
    let alice = wechat.follower("alice");
    let verdicts = [
        alice.does("one").await.unwrap().verdict,
        alice.does("two").await.unwrap().verdict,
        alice.does("three").await.unwrap().verdict,
    ];
    assert!(matches!(verdicts, [Verdict::Reply(_), Verdict::Silence, Verdict::Notice(_)]));
    let phone = alice.phone();
    assert_eq!(phone.len(), 2);
    assert_eq!((phone[0].text(), phone[0].answers), (Some("one"), Some(1)));
    assert_eq!((phone[0].at, phone[0].via), (START * 1000, Via::Passive));
    assert_eq!((&phone[1].what, phone[1].answers), (&What::Notice(wxbot_sim::NOTICE), Some(3)));
    assert!(wechat.follower("bob").phone().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_raw_body_is_sealed_and_signed_as_it_is() {
    let (wechat, bot) = pair(account(Mode::Safe, Format::Xml), Options::default(), &[Step::Echo]);
    let alice = wechat.follower("alice");
    let body = format!(
        "<xml><ToUserName>gh_5f0c1d2e3a4b</ToUserName><FromUserName>{}</FromUserName>\
         <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>raw</Content></xml>",
        alice.openid()
    );
    let exchange = alice.does(Act::Raw(body)).await.unwrap();
    assert_eq!(exchange.text(), Some("raw"));
    assert_eq!(bot.messages()[0].child_text("CreateTime"), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn a_menu_item_in_a_reply_can_be_tapped() {
    let link = "<a href=\"weixin://bizmsgmenu?msgmenucontent=yes&msgmenuid=7\">Yes!</a>";
    let content = crate::bot::text(&format!("Sure? {link}"));
    let (wechat, bot) = simple(&[Step::Reply(content), Step::Echo]);
    let alice = wechat.follower("alice");
    let asked = alice.does("delete").await.unwrap();
    assert_eq!(asked.text(), Some("Sure? Yes!"));
    let tap = asked.reply().unwrap().links()[0].tap().unwrap();
    assert_eq!(alice.does(tap).await.unwrap().text(), Some("yes"));
    assert_eq!(bot.messages()[1].child_text("bizmsgmenuid"), Some("7"));
}
