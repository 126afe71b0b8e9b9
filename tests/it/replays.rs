//! A captured request, sent again while its timestamp is accepted: the plugins are not asked again,
//! by the same process, by the next one, or by another instance; and its query takes no other message
//! along.

use std::sync::Arc;
use std::time::Duration;

use wxbot_sdk::store::Reach;
use wxbot_sim::{Follower, Kind, Request, WeChat};
use wxbot_store::Memory;
use wxbot_tests::bot::{ECHO, SocketBot};
use wxbot_tests::http;
use wxbot_tests::instances::Instances;
use wxbot_tests::scripted::{BEGINS, Scripted, seconds};
use wxbot_tests::wechat::{Sender, element, text_from};

/// Requests that somebody between WeChat and the bot could see and send again.
struct Captured {
    instances: Arc<Instances>,
    follower: Follower,
    sender: Sender,
    body: String,
}

impl Captured {
    /// None was sent yet; so many instances have this store.
    fn new(count: usize, reach: Reach) -> Self {
        let setup = Scripted::new(Kind::Personal, "");
        let wechat: WeChat = setup.wechat();
        let store = Arc::new(Memory::default());
        let instances = Instances::none(setup, &wechat, store, reach);
        (0..count).for_each(|_| drop(instances.start_one()));
        let follower = wechat.follower("alice");
        let token = wechat.account().token.clone();
        let sender = Sender { token, timestamp: BEGINS, ..Sender::default() };
        let body = text_from(follower.openid(), "hi");
        Self { instances, follower, sender, body }
    }

    /// What an instance answers to this body behind the captured query.
    async fn send(&self, to: usize, body: &str) -> (u16, String) {
        let query = self.sender.query();
        let body = body.as_bytes().to_vec();
        let request = Request { method: "POST", query, content_type: Some("text/xml"), body };
        let response = self.instances.deliver_to(to, request).await;
        let body = String::from_utf8(response.body).expect("it is text");
        (response.status, element(&body, "Content").unwrap_or(body))
    }

    /// The captured request.
    async fn again(&self, to: usize) -> (u16, String) {
        self.send(to, &self.body).await
    }

    /// Another message behind the captured query.
    async fn another(&self, to: usize) -> (u16, String) {
        self.send(to, &text_from(self.follower.openid(), "something else")).await
    }

    #[track_caller]
    fn check_asked_once(&self) {
        assert_eq!(self.instances.asked(&self.follower, "hi"), 1);
        assert_eq!(self.instances.asked(&self.follower, "something else"), 0);
    }
}

fn answer(text: &str) -> (u16, String) {
    (200, text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_captured_request_is_not_worked_on_again_by_the_process() {
    let captured = Captured::new(1, Reach::Process);
    assert_eq!(captured.again(0).await, answer("hi"));
    for _ in 0..4 {
        seconds(70).await;
        let (status, said) = captured.again(0).await;
        assert!(status == 200 && ["hi", "success"].contains(&&*said), "{status} {said}");
        assert_eq!(captured.another(0).await.0, 403);
    }
    captured.check_asked_once();
}

#[tokio::test(start_paused = true)]
async fn a_captured_request_is_not_worked_on_again_by_the_next_process() {
    let captured = Captured::new(1, Reach::Machine);
    assert_eq!(captured.again(0).await, answer("hi"));
    seconds(2).await;
    captured.instances.kill_one();
    captured.instances.start_one();
    assert_eq!(captured.again(0).await, answer("hi"), "as WeChat may repeat it");
    assert_eq!(captured.another(0).await.0, 403);
    seconds(130).await;
    captured.instances.kill_one();
    captured.instances.start_one();
    assert_eq!(captured.again(0).await, answer("success"), "WeChat repeats nothing now");
    assert_eq!(captured.another(0).await.0, 403);
    captured.check_asked_once();
}

#[tokio::test(start_paused = true)]
async fn a_captured_request_is_not_worked_on_again_by_another_instance() {
    let captured = Captured::new(2, Reach::Instances);
    assert_eq!(captured.again(0).await, answer("hi"));
    seconds(3).await;
    assert_eq!(captured.again(1).await, answer("hi"), "as WeChat may repeat it");
    assert_eq!(captured.another(1).await.0, 403);
    seconds(130).await;
    captured.instances.start_one();
    for instance in 0..3 {
        assert_eq!(captured.again(instance).await, answer("success"), "{instance}");
        assert_eq!(captured.another(instance).await.0, 403, "{instance}");
    }
    captured.check_asked_once();
}

#[tokio::test(start_paused = true)]
async fn instances_whose_store_was_away_tell_each_other_later() {
    let captured = Captured::new(2, Reach::Instances);
    captured.instances.trouble(true);
    seconds(5).await;
    assert_eq!(captured.again(0).await, answer("hi"));
    seconds(5).await;
    captured.instances.trouble(false);
    seconds(3).await;
    assert_eq!(captured.again(1).await, answer("success"));
    assert_eq!(captured.another(1).await.0, 403);
    captured.check_asked_once();
}

#[tokio::test(start_paused = true)]
async fn work_that_was_promised_is_done_by_the_next_process_though_its_request_was_seen() {
    for reach in [Reach::Machine, Reach::Instances] {
        let setup = Scripted::new(Kind::Personal, "");
        let wechat = setup.wechat();
        let instances = Instances::none(setup, &wechat, Arc::new(Memory::default()), reach);
        instances.start_one();
        let alice = wechat.follower("alice");
        let said = alice.does(wxbot_sim::Act::text("after 40 done")).await.expect("they follow");
        assert!(said.text().is_some_and(|text| text.contains("请稍后")), "{said:?}");
        seconds(5).await;
        instances.kill_one();
        instances.start_one();
        seconds(60).await;
        let next = alice.does(wxbot_sim::Act::text("hello")).await.expect("they follow");
        assert!(next.text().is_some_and(|text| text.contains("done")), "{reach:?}: {next:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_a_repeat_came_for_does_not_follow_as_well() {
    for (count, reach) in [(1, Reach::Process), (2, Reach::Instances)] {
        let captured = Captured::new(count, reach);
        let slow = text_from(captured.follower.openid(), "after 5.2 done");
        let hangs_up = Duration::from_secs(5);
        let first = tokio::time::timeout(hangs_up, captured.send(0, &slow)).await;
        assert!(first.is_err(), "{reach:?}: {first:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(captured.send(count - 1, &slow).await, answer("done"), "{reach:?}");
        seconds(60).await;
        let next = text_from(captured.follower.openid(), "next");
        let sender =
            Sender { timestamp: BEGINS, token: captured.sender.token.clone(), ..Sender::default() };
        let captured = Captured { sender, ..captured };
        assert_eq!(captured.send(0, &next).await, answer("next"), "{reach:?}");
    }
}

#[test]
fn the_query_of_a_sealed_message_takes_no_plain_one_along() {
    let bot = SocketBot::in_mode("compatible", ECHO);
    let sender = Sender::default();
    let (query, body) = sender.compatible(&text_from("oALICE", "sealed"));
    let genuine = http::post(bot.endpoint, &format!("/wechat?{query}"), body);
    assert_eq!(genuine.status, 200);
    let forged = text_from("oALICE", "forged");
    let response = http::post(bot.endpoint, &format!("/wechat?{}", sender.query()), forged);
    assert_eq!(response.status, 403);
}
