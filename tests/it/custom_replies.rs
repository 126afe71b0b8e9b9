//! What only a customer-service message says: a menu to tap, the card of a mini program, an article;
//! and what followers see where none can be sent.

use wxbot::rehearsal::Rehearsal;
use wxbot_sdk::api::{Api, MediaKind, Upload};
use wxbot_sdk::reply::{MiniProgramPage, Reply};
use wxbot_sdk::sending::Sending;
use wxbot_sim::{Act, Bubble, Follower, Kind};
use wxbot_tests::scripted::{another_program, rehearse, says, seconds, sends};

const RULES: &str = "[[chain]]
plugin = 'keywords'
[[chain.config.rules]]
full = 'ask'
reply = { menu = { head = '满意吗？', choices = [{ id = '1', content = '满意' }, { id = '2', content = '不' }] }, \
otherwise = '满意吗？请回复' }
[[chain.config.rules]]
full = 'article'
reply = { article = 'A1', otherwise = { news = [{ title = 'Tea', url = 'https://e.com' }] } }
[[chain.config.rules]]
full = 'both'
reply = [['看这里', { article = 'A1', otherwise = 'https://e.com' }]]
[[chain.config.rules]]
event = 'subscribe'
reply = { article = 'A1', otherwise = 'https://e.com' }
";

/// What the phone shows.
fn bubbles(follower: &Follower) -> Vec<Bubble> {
    follower.phone().iter().filter_map(|shown| shown.bubble().cloned()).collect()
}

fn kinds(follower: &Follower) -> Vec<String> {
    let kind = |bubble: Bubble| match bubble {
        Bubble::Menu { head, items, .. } => format!("menu {head} {}", items.len()),
        Bubble::Article { id } => format!("article {id}"),
        Bubble::MiniProgram { title, .. } => format!("mini program {title}"),
        Bubble::News(cards) => format!("news {}", cards[0].title),
        other => other.as_text().unwrap_or_default().to_owned(),
    };
    bubbles(follower).into_iter().map(kind).collect()
}

fn scene(kind: Kind, config: &str) -> (Rehearsal, Follower) {
    let rehearsal = rehearse(kind, &format!("{config}{RULES}"));
    rehearsal.wechat().add_article("A1");
    let alice = rehearsal.wechat().follower("alice");
    (rehearsal, alice)
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_sends_them_as_messages_of_their_own() {
    let (rehearsal, alice) = scene(Kind::VerifiedService, "");
    for (said, seen) in [("ask", "menu 满意吗？ 2"), ("article", "article A1")] {
        let exchange = says(&alice, said).await;
        assert_eq!(exchange.text(), None, "{said}: WeChat is answered `success`");
        seconds(5).await;
        assert_eq!(kinds(&alice).last().map(String::as_str), Some(seen));
    }
    assert_eq!(sends(&rehearsal), 2);
    let Some(Bubble::Menu { items, .. }) = bubbles(&alice).into_iter().next() else {
        panic!("it is a menu")
    };
    assert_eq!((&*items[0].label, items.len()), ("满意", 2));
}

#[tokio::test(start_paused = true)]
async fn behind_a_passive_reply_they_follow_it() {
    let (rehearsal, alice) = scene(Kind::VerifiedService, "");
    assert_eq!(says(&alice, "both").await.text(), Some("看这里"));
    seconds(5).await;
    assert_eq!(kinds(&alice), ["看这里", "article A1"]);
    assert_eq!(sends(&rehearsal), 1);
}

#[tokio::test(start_paused = true)]
async fn where_none_can_be_sent_followers_see_what_stands_in_their_place() {
    let off = "late = { customer_service = false }\n";
    for (kind, config) in
        [(Kind::Personal, ""), (Kind::OrganisationUnverified, ""), (Kind::VerifiedService, off)]
    {
        let (rehearsal, alice) = scene(kind, config);
        assert_eq!(says(&alice, "ask").await.text(), Some("满意吗？请回复"), "{kind}");
        says(&alice, "article").await;
        assert_eq!(says(&alice, "both").await.text(), Some("看这里\n\nhttps://e.com"), "{kind}");
        assert_eq!(kinds(&alice)[1], "news Tea");
        assert_eq!(sends(&rehearsal), 0, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_wechat_does_not_take_is_replaced_before_it_is_given_up() {
    let rehearsal = rehearse(Kind::VerifiedService, RULES);
    let alice = rehearsal.wechat().follower("alice");
    says(&alice, "article").await;
    seconds(5).await;
    assert_eq!(kinds(&alice), ["news Tea"], "there is no such article");
    let (rehearsal, alice) = scene(Kind::Test, "");
    says(&alice, "ask").await;
    seconds(5).await;
    assert_eq!(kinds(&alice), ["满意吗？请回复"], "a test account sends no menus");
    assert_eq!(sends(&rehearsal), 2);
}

#[tokio::test(start_paused = true)]
async fn a_new_follower_is_sent_one() {
    let (rehearsal, _) = scene(Kind::VerifiedService, "");
    let dave = rehearsal.wechat().stranger("dave");
    dave.does(Act::Subscribe).await.expect("he may");
    seconds(5).await;
    assert_eq!(kinds(&dave), ["article A1"]);
}

#[tokio::test(start_paused = true)]
async fn a_mini_program_is_a_card() {
    let (rehearsal, alice) = scene(Kind::VerifiedService, "");
    says(&alice, "hi").await;
    let upload = Upload {
        kind: MediaKind::Thumb,
        filename: "tea.jpg".into(),
        content_type: "image/jpeg".into(),
        content: b"\xff\xd8\xff\xe0 tea".as_slice().into(),
    };
    let cover = another_program(&rehearsal).upload(upload).await.expect("it is taken");
    let page = MiniProgramPage {
        title: "Order tea".into(),
        app_id: "wx0123456789abcdef".into(),
        page_path: "pages/order".into(),
        thumb_media_id: cover.media_id,
    };
    let card = Sending::new(Reply::mini_program(page, "https://e.com"));
    let sent = rehearsal.bot().accounts()[0].messenger().send(alice.openid(), card).await;
    assert_eq!(sent.map(|sent| sent.messages), Ok(1));
    assert_eq!(kinds(&alice).last().map(String::as_str), Some("mini program Order tea"));
}
