//! The typed calls of WeChat's API, as plugins make them, against the simulated WeChat.

use std::sync::Arc;
use std::time::Duration;

use wxbot::rehearsal::Rehearsal;
use wxbot_client::Client;
use wxbot_sdk::api::{Api, ApiError, Class, Scene};
use wxbot_sim::{Act, Follower, Kind};
use wxbot_tests::scripted::{another_program, rehearse, says, seconds};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A verified service account with followers, and its API.
async fn scene(names: &[&str]) -> (Rehearsal, Arc<dyn Api>, Vec<Follower>) {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let followers: Vec<_> = names.iter().map(|name| rehearsal.wechat().follower(name)).collect();
    for follower in &followers {
        says(follower, "hi").await;
    }
    let api: Arc<Client> = Arc::new(another_program(&rehearsal));
    (rehearsal, api, followers)
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> Option<i64> {
    result.expect_err("it is refused").code()
}

#[tokio::test(start_paused = true)]
async fn followers_are_listed_by_page_and_known_without_a_name() {
    let (_rehearsal, api, followers) = scene(&["alice", "bob", "carol"]).await;
    let page = api.users().page("").await.expect("there is a page");
    assert_eq!((page.total, page.openids.len()), (Some(3), 3));
    let behind = api.users().page(&page.next.expect("there may be more")).await.expect("it is");
    assert_eq!((behind.openids.len(), behind.next), (0, None));

    let alice = followers[0].openid();
    api.users().set_remark(alice, "likes tea").await.expect("it is noted");
    let user = api.users().info(alice).await.expect("she is known");
    assert!(user.follows() && user.subscribe_time > 0, "{user:?}");
    assert_eq!((&*user.openid, &*user.remark), (alice, "likes tea"));
    followers[1].set_follows(false);
    let users = api.users().infos(&page.openids).await.expect("they are known");
    assert_eq!(users.iter().filter(|user| user.follows()).count(), 2);
    assert_eq!(code(api.users().info("oNOBODY").await), Some(40003));
    assert_eq!(code(api.users().set_remark(alice, &"x".repeat(30)).await), Some(40035));
}

#[tokio::test(start_paused = true)]
async fn more_than_a_call_takes_are_several_calls() {
    let names: Vec<_> = (0..120).map(|number| format!("f{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let openids: Vec<_> =
        names.iter().map(|name| rehearsal.wechat().follower(name).openid().to_owned()).collect();
    let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
    assert_eq!(api.users().infos(&openids).await.expect("they are known").len(), 120);
    let vip = api.tags().create("VIP").await.expect("it is created");
    api.tags().tag(vip.id, &openids).await.expect("they have it");
    assert_eq!(api.tags().members(vip.id, "").await.expect("they have").openids.len(), 120);
    let calls = rehearsal.wechat().calls();
    let count = |path: &str| calls.iter().filter(|call| call.path.ends_with(path)).count();
    assert_eq!((count("info/batchget"), count("batchtagging")), (2, 3));
}

#[tokio::test(start_paused = true)]
async fn tags_are_created_given_taken_and_deleted() {
    let (_rehearsal, api, followers) = scene(&["alice", "bob"]).await;
    let [alice, bob] = [0, 1].map(|place| followers[place].openid());
    let vip = api.tags().create("VIP").await.expect("it is created");
    assert_eq!((&*vip.name, vip.count), ("VIP", None));
    api.tags().tag(vip.id, &[alice, bob]).await.expect("they have it");
    api.tags().untag(vip.id, &[bob]).await.expect("he has it no more");
    assert_eq!(api.tags().of(alice).await.expect("it is told"), [vip.id]);
    let members = api.tags().members(vip.id, "").await.expect("they are told");
    assert_eq!((members.total, members.openids), (Some(1), vec![alice.to_owned()]));
    api.tags().rename(vip.id, "贵宾").await.expect("it is");
    let found = api.tags().named("贵宾").await.expect("they are listed").expect("it is there");
    assert_eq!((found.id, found.count), (vip.id, Some(1)));
    assert_eq!(code(api.tags().create("贵宾").await), Some(45157));
    api.tags().delete(vip.id).await.expect("it is deleted");
    assert_eq!(api.tags().named("贵宾").await.expect("they are listed"), None);
    assert_eq!(code(api.tags().delete(2).await), Some(45058), "WeChat's own");
}

#[tokio::test(start_paused = true)]
async fn a_code_says_where_it_was_scanned() {
    let (rehearsal, api, _) = scene(&[]).await;
    let code_of_shop = api.qr_codes().temporary("shop-42", 7 * DAY).await.expect("it is made");
    assert_eq!(code_of_shop.expire_seconds, Some(7 * 24 * 3600));
    assert!(!code_of_shop.picture_url().contains(['+', ' ']), "{}", code_of_shop.picture_url());
    let dave = rehearsal.wechat().stranger("dave");
    let exchange = dave.does(Act::scan(code_of_shop.ticket)).await.expect("it is good");
    let told = String::from_utf8_lossy(&exchange.deliveries[0].request.body).into_owned();
    assert!(told.contains("qrscene_shop-42"), "{told}");
    let permanent = api.qr_codes().permanent(Scene::Id(123)).await.expect("it is made");
    assert_eq!(permanent.expire_seconds, None);
    assert_eq!(code(api.qr_codes().permanent(100_001).await), Some(40035));
    assert_eq!(code(api.qr_codes().temporary("x", 31 * DAY).await), Some(40035));
}

#[tokio::test(start_paused = true)]
async fn a_short_key_stands_for_long_data_for_a_while() {
    let (_rehearsal, api, _) = scene(&[]).await;
    let url = "https://example.com/?a=1&b=2";
    let key = api.short_keys().make(url, DAY).await.expect("it is made");
    assert_eq!(key.len(), 15);
    let found = api.short_keys().fetch(&key).await.expect("it is there");
    assert_eq!((&*found.long_data, found.expire_seconds), (url, 24 * 3600));
    seconds(DAY.as_secs()).await;
    assert_eq!(code(api.short_keys().fetch(&key).await), Some(40035));
    assert_eq!(code(api.short_keys().make(&"x".repeat(4097), DAY).await), Some(40035));
}

#[tokio::test(start_paused = true)]
async fn a_quota_is_told_and_counted_anew() {
    const PATH: &str = "/cgi-bin/tags/get";
    let (rehearsal, api, _) = scene(&[]).await;
    api.tags().list().await.expect("they are listed");
    let quota = api.quotas().of(PATH).await.expect("it is told");
    assert_eq!((quota.used, quota.daily_limit - quota.remain), (1, 1));
    api.quotas().clear(PATH).await.expect("it is cleared");
    assert_eq!(api.quotas().of(PATH).await.expect("it is told").used, 0);
    let app_id = &rehearsal.wechat().account().app_id;
    for _ in 0..10 {
        api.quotas().clear_all(app_id).await.expect("it is cleared");
    }
    let error = api.quotas().clear_all(app_id).await.unwrap_err();
    assert_eq!((error.code(), error.class()), (Some(48006), Class::Quota));
    assert_eq!(code(api.quotas().of("/sns/userinfo").await), Some(76022));
}

#[tokio::test(start_paused = true)]
async fn templates_are_added_listed_and_deleted() {
    let (_rehearsal, api, _) = scene(&[]).await;
    let notifications = api.notifications();
    let id = notifications.add_template("TM00015", &["thing1"]).await.expect("it is added");
    let templates = notifications.templates().await.expect("they are listed");
    assert_eq!(templates.iter().map(|one| &one.template_id).collect::<Vec<_>>(), [&id]);
    notifications.delete_template(&id).await.expect("it is deleted");
    assert_eq!(code(notifications.delete_template(&id).await), Some(40037));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_may_not_call_is_told_what_to_do() {
    for kind in [Kind::Personal, Kind::OrganisationUnverified] {
        let rehearsal = rehearse(kind, "");
        let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
        let errors = [
            api.users().page("").await.err(),
            api.tags().list().await.err(),
            api.qr_codes().permanent(1).await.err(),
            api.notifications().templates().await.err(),
        ];
        for error in errors.map(|error| error.expect("it is refused")) {
            assert_eq!((error.code(), error.class()), (Some(48001), Class::NotAllowed), "{kind}");
            assert!(error.to_string().contains("WeChat's console shows"), "{error}");
        }
    }
}
