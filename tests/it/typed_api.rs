//! The typed calls of WeChat's API, as plugins make them, against the simulated WeChat.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;
use wxbot::rehearsal::Rehearsal;
use wxbot_client::Client;
use wxbot_sdk::api::{
    Api, ApiError, Article, AuthorizeError, Class, Download, FileName, JsConfig, Lasts, MediaKind,
    Scene, Scope, Upload, VideoText,
};
use wxbot_sdk::notification::Notification;
use wxbot_sdk::publication::PublishStatus;
use wxbot_sim::{Act, ApiFault, Fault, Follower, Kind, PageError, When};
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
    let user = api.users().info(dave.openid()).await.expect("he follows now");
    assert_eq!(user.scene(), Some(Scene::from("shop-42")));
    let permanent = api.qr_codes().permanent(Scene::Id(123)).await.expect("it is made");
    assert_eq!(permanent.expire_seconds, None);
    let erin = rehearsal.wechat().stranger("erin");
    erin.does(Act::scan(permanent.ticket)).await.expect("it is good");
    let user = api.users().info(erin.openid()).await.expect("she follows now");
    assert_eq!(user.scene(), Some(Scene::Id(123)));
    let frank = rehearsal.wechat().follower("frank");
    assert_eq!(api.users().info(frank.openid()).await.expect("he is known").scene(), None);
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
    notifications.set_industries(1, 4).await.expect("it is said");
    let industries = notifications.industries().await.expect("they are told");
    assert_eq!(industries.secondary_industry.first_class, "行业4");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_template_is_put_together_from_the_library_and_used() {
    let (_rehearsal, api, followers) = scene(&["alice"]).await;
    let templates = api.subscription_templates();
    let categories = templates.categories().await.expect("they are told");
    let ids: Vec<_> = categories.iter().map(|category| category.id).collect();
    let page = templates.library(&ids, 0).await.expect("it is listed");
    let title = &page.titles[0];
    assert_eq!((page.count, page.titles.len(), title.lasts), (2, 2, Lasts::Once));
    assert_eq!(templates.library(&ids, 1).await.expect("it is listed").titles.len(), 1);
    assert_eq!(templates.library(&[1], 0).await.expect("it is listed").count, 0);
    let keywords = templates.keywords(&title.tid).await.expect("they are listed");
    let kids: Vec<_> = keywords.iter().map(|keyword| keyword.kid).collect();
    let id = templates.add(&title.tid, &kids[..2], "付款以后").await.expect("it is added");
    let list = templates.list().await.expect("they are listed");
    assert_eq!(list[0].content, "物品名称:{{thing1.DATA}}\n付款金额:{{amount2.DATA}}\n");

    let notification =
        Notification::subscription(&*id).value("thing1", "茶").value("amount2", "1元");
    let alice = &followers[0];
    let sent = api.notifications().send(alice.openid(), &notification).await;
    assert_eq!(code(sent), Some(43101), "she has not agreed");
    alice.accept_notice(&id);
    api.notifications().send(alice.openid(), &notification).await.expect("she has");
    templates.delete(&id).await.expect("it is deleted");
    assert_eq!(templates.list().await.expect("they are listed"), []);
    assert_eq!(code(templates.delete(&id).await), Some(40037));
    assert_eq!(code(templates.add("98", &[1], "x").await), Some(40037));
    assert_eq!(code(templates.add("99", &[4], "x").await), Some(40035));
}

#[tokio::test(start_paused = true)]
async fn a_page_is_signed_with_one_ticket_of_all_instances() {
    const PAGE: &str = "https://example.com/tea?a=1&b=%E8%8C%B6";
    let rehearsal = rehearse(Kind::Personal, "");
    let instances: Vec<_> = (0..4).map(|_| another_program(&rehearsal)).collect();
    let url = format!("{PAGE}#/cart");
    let configs = instances.iter().flat_map(|api| (0..50).map(|_| api.js_config(&url)));
    let configs: Vec<_> = join_all(configs).await;
    let judged = |config: &JsConfig, url: &str| {
        rehearsal.wechat().configures(url, &serde_json::to_value(config).expect("it is JSON"))
    };
    for config in &configs {
        assert_eq!(judged(config.as_ref().expect("it is signed"), PAGE), Ok(()));
    }
    assert_eq!(rehearsal.wechat().jsapi_tickets_issued(), 1);
    let config = instances[0].js_config(PAGE).await.expect("it is signed");
    let wrong = Err(PageError::Config("invalid signature"));
    assert_eq!(judged(&config, "https://example.com/other"), wrong, "it holds for one URL");

    seconds(7200 - 170).await; // refreshed before its end, while the old one is used
    let config = instances[1].js_config(PAGE).await.expect("it is signed");
    assert_eq!(judged(&config, PAGE), Ok(()));
    seconds(200).await;
    for api in &instances {
        assert_eq!(judged(&api.js_config(PAGE).await.expect("it is signed"), PAGE), Ok(()));
    }
    assert_eq!(rehearsal.wechat().jsapi_tickets_issued(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_does_not_come_is_waited_for_with_a_bound_and_not_asked_for_in_a_row() {
    let rehearsal = rehearse(Kind::VerifiedService, "");
    let fault = ApiFault::Hang(Duration::from_secs(3600));
    rehearsal.wechat().fault(Fault::api("/cgi-bin/ticket/*", When::Always, fault));
    let api = another_program(&rehearsal);
    let begin = Instant::now();
    let error = api.js_config("https://example.com/").await.expect_err("WeChat hangs");
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert!(error.to_string().contains("/cgi-bin/ticket/getticket"), "{error}");
    let begin = Instant::now();
    api.js_config("https://example.com/").await.expect_err("nobody asks so soon");
    assert_eq!(begin.elapsed(), Duration::ZERO);
    rehearsal.wechat().clear_faults();
    seconds(6).await;
    api.js_config("https://example.com/").await.expect("WeChat answers again");
}

#[tokio::test(start_paused = true)]
async fn a_page_finds_out_who_looks_at_it() {
    let (_rehearsal, api, followers) = scene(&["alice"]).await;
    let (alice, page) = (&followers[0], "https://example.com/me?tab=1");
    let link = api.oauth().authorize_url(page, Scope::UserInfo, "/cart?a=茶&b").expect("it is");
    let back = alice.authorizes(&link).expect("WeChat knows such a link");
    let query = back.strip_prefix("https://example.com/me?tab=1&code=").expect("it is there");
    let (login, state) = query.split_once("&state=").expect("there is a state");
    assert_eq!(api.oauth().state(state).as_deref(), Some("/cart?a=茶&b"));
    let forged = ["2f6", "zz", "+f", "ff"].map(|state| api.oauth().state(state));
    assert_eq!(forged, [None, None, None, None]);

    let visitor = api.oauth().login(login).await.expect("the code is good");
    assert_eq!(visitor.openid, alice.openid());
    assert!(!format!("{visitor:?}").contains(&visitor.access_token));
    let visitor = api.oauth().refresh(&visitor).await.expect("it is refreshed");
    api.oauth().check(&visitor).await.expect("it is good");
    let profile = api.oauth().profile(&visitor).await.expect("they agreed");
    assert!(profile.openid == alice.openid() && !profile.nickname.is_empty(), "{profile:?}");

    let used = api.oauth().login(login).await.expect_err("a code is good once");
    assert_eq!((used.code(), used.class()), (Some(40163), Class::Permanent));
    assert!(used.to_string().contains("let the follower log in again"), "{used}");
    let link = api.oauth().authorize_url("https://e.com/", Scope::Base, "").expect("it is");
    let (_, late) = alice.authorizes(&link).map(split_code).expect("WeChat knows such a link");
    seconds(5 * 60).await;
    let late = api.oauth().login(&late).await.expect_err("a code is good for 5 minutes");
    assert_eq!(late.code(), Some(40029));
    assert!(late.to_string().contains("let the follower log in again"), "{late}");
}

#[tokio::test(start_paused = true)]
async fn a_login_for_the_openid_alone_shows_no_name() {
    let (_rehearsal, api, followers) = scene(&["alice"]).await;
    let link = api.oauth().authorize_url("https://e.com/", Scope::Base, "").expect("it is");
    let (page, login) = followers[0].authorizes(&link).map(split_code).expect("it is good");
    assert_eq!(page, "https://e.com/");
    let visitor = api.oauth().login(&login).await.expect("the code is good");
    assert_eq!(code(api.oauth().profile(&visitor).await), Some(48001));

    let wrong = api.oauth().authorize_url("/me", Scope::Base, "");
    assert!(matches!(wrong, Err(AuthorizeError::RedirectUri)));
    let wrong = api.oauth().authorize_url("https://e.com/", Scope::Base, &"x".repeat(65));
    assert!(matches!(wrong, Err(AuthorizeError::State)));
    let shuffled = link.replace("&scope=snsapi_base&state=", "&state=&scope=snsapi_base");
    let error = followers[0].authorizes(&shuffled).expect_err("WeChat counts on the order");
    assert_eq!(error, PageError::Link("the order of its parameters"));
}

/// The page, and the code it was called with.
fn split_code(url: String) -> (String, String) {
    let (page, query) = url.split_once("?code=").expect("there is a code");
    let code = query.split('&').next().expect("there is a code");
    (page.to_owned(), code.to_owned())
}

fn file(kind: MediaKind, filename: &str, bytes: usize) -> Upload {
    Upload {
        kind,
        filename: filename.into(),
        content_type: "application/octet-stream".into(),
        content: vec![b'x'; bytes].into(),
    }
}

#[tokio::test(start_paused = true)]
async fn material_is_added_listed_fetched_and_deleted() {
    let rehearsal = rehearse(Kind::Personal, "");
    let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
    let materials = api.materials();
    let picture = materials.add(file(MediaKind::Image, "茶.png", 3 << 20)).await.expect("it is");
    assert!(picture.url.is_some_and(|url| url.starts_with("http")));
    for number in 0..21 {
        let voice = file(MediaKind::Voice, &format!("{number}.mp3"), 10);
        materials.add(voice).await.expect("it is added");
    }
    let count = materials.count().await.expect("they are counted");
    assert_eq!((count.image_count, count.voice_count, count.video_count), (1, 21, 0));
    let first = materials.list(MediaKind::Voice, 0).await.expect("they are listed");
    assert_eq!((first.total_count, first.items.len()), (21, 20));
    assert_eq!(first.items[0].name, "20.mp3");
    let rest = materials.list(MediaKind::Voice, 20).await.expect("they are listed");
    assert_eq!(rest.items.iter().map(|item| &*item.name).collect::<Vec<_>>(), ["0.mp3"]);

    seconds(30 * DAY.as_secs()).await; // temporary files would be gone
    let found = materials.download(&picture.media_id).await.expect("it is there");
    let Download::File { bytes, filename, .. } = found else { panic!("it is a file: {found:?}") };
    assert_eq!((bytes.len(), filename.as_deref()), (3 << 20, Some("茶.png")));
    materials.delete(&picture.media_id).await.expect("it is deleted");
    let gone = materials.download(&picture.media_id).await.expect_err("it is gone");
    assert_eq!((gone.code(), gone.class()), (Some(40007), Class::Permanent));
    assert_eq!(code(materials.add(file(MediaKind::Image, "a.png", 11 << 20)).await), Some(40009));
    assert_eq!(code(materials.add(file(MediaKind::Image, "a.txt", 1)).await), Some(40005));
}

#[tokio::test(start_paused = true)]
async fn a_permanent_video_has_a_title_and_is_somewhere_else() {
    let (_rehearsal, api, _) = scene(&[]).await;
    let text = VideoText { title: "茶".into(), introduction: "How \"green\" is made".into() };
    let video = file(MediaKind::Video, "a.mp4", 10);
    let video = api.materials().add_video(video, text).await.expect("it is added");
    let found = api.materials().download(&video.media_id).await.expect("it is there");
    assert!(matches!(found, Download::Video { url } if url.ends_with(".mp4")));
    assert_eq!(api.materials().count().await.expect("it is counted").video_count, 1);
    let untitled = api.materials().add(file(MediaKind::Video, "a.mp4", 10)).await;
    assert_eq!(code(untitled), Some(47001));
}

async fn a_draft(api: &dyn Api) -> String {
    let cover = file(MediaKind::Thumb, "cover.jpg", 10);
    let cover = api.materials().add(cover).await.expect("it is added");
    let (title, content) = ("Tea".into(), "<p>茶</p>".into());
    let article = Article { title, content, thumb_media_id: cover.media_id, ..Article::default() };
    api.drafts().add(&[article.clone(), article]).await.expect("it is added")
}

#[tokio::test(start_paused = true)]
async fn drafts_are_added_changed_and_deleted() {
    let rehearsal = rehearse(Kind::Personal, "");
    let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
    let (drafts, draft) = (api.drafts(), a_draft(&*api).await);
    let articles = drafts.get(&draft).await.expect("it is there");
    let second = Article { title: "More tea".into(), ..articles[1].clone() };
    drafts.update(&draft, 1, &second).await.expect("it is changed");
    let articles = drafts.get(&draft).await.expect("it is there");
    assert_eq!(articles.iter().map(|one| &*one.title).collect::<Vec<_>>(), ["Tea", "More tea"]);
    assert_eq!(drafts.count().await.expect("they are counted"), 1);
    let page = drafts.list(0).await.expect("they are listed");
    assert_eq!((page.total_count, &page.items[0].media_id), (1, &draft));
    let listed = &page.items[0].articles[1];
    assert_eq!((&*listed.title, &*listed.content), ("More tea", ""));
    assert_eq!(drafts.list(1).await.expect("they are listed").items, []);
    let name = |name: &str| FileName { filename: name.into(), content_type: "image/png".into() };
    let url = drafts.add_picture(name("a.png"), "PNG").await.expect("it is taken");
    assert!(url.starts_with("http"), "{url}");
    assert_eq!(code(drafts.add_picture(name("a.png"), vec![0; 1 << 20]).await), Some(40009));
    let long = Article { content: "x".repeat(20_000), ..second.clone() };
    assert_eq!(code(drafts.add(&[long]).await), Some(45002));
    let uncovered = Article { thumb_media_id: "X".into(), ..second };
    assert_eq!(code(drafts.add(&[uncovered]).await), Some(40007));
    let error = drafts.publish(&draft, "").await.expect_err("such accounts may not");
    assert_eq!((error.code(), error.class()), (Some(48001), Class::NotAllowed));
    drafts.delete(&draft).await.expect("it is deleted");
    assert_eq!(code(drafts.get(&draft).await), Some(40007));
}

#[tokio::test(start_paused = true)]
async fn what_became_of_a_published_draft_is_told_with_the_call() {
    let rehearsal = rehearse(Kind::VerifiedService, "[[chain]]\nplugin = 'shipping'\n");
    let api: Arc<dyn Api> = Arc::new(another_program(&rehearsal));
    let (alice, draft) = (rehearsal.wechat().follower("alice"), a_draft(&*api).await);
    let told = |words: &str| {
        alice.phone().iter().any(|shown| {
            shown
                .bubble()
                .is_some_and(|bubble| bubble.as_text() == Some(&format!("{draft}: {words}")))
        })
    };
    says(&alice, &format!("publish {draft}")).await;
    seconds(5).await;
    assert!(told("Published, 2 there, []"), "{:?}", alice.phone());
    rehearsal.wechat().set_publish_status(2);
    says(&alice, &format!("publish {draft}")).await;
    seconds(5).await;
    assert!(told("NotOriginal, 0 there, [1, 2]"), "{:?}", alice.phone());

    rehearsal.wechat().set_publish_status(0);
    let id = api.drafts().publish(&draft, "").await.expect("WeChat took it");
    let publication = api.drafts().publication(id).await.expect("it is told");
    assert_eq!((publication.status, publication.urls.len()), (PublishStatus::Published, 2));
    let article = publication.article_id.expect("it is there");
    let articles = api.drafts().published_articles(&article).await.expect("they are told");
    assert_eq!((articles.len(), &*articles[0].content), (2, "<p>茶</p>"));
    let published = api.drafts().published(0).await.expect("it is listed");
    assert!(published.items.iter().any(|item| item.article_id == article), "{published:?}");
    api.drafts().unpublish(&article, 0).await.expect("it is taken back");
    let publication = api.drafts().publication(id).await.expect("it is told");
    assert_eq!(publication.status, PublishStatus::Deleted);
    assert_eq!(code(api.drafts().publication(1).await), Some(53502));
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
            api.oauth().login("CODE").await.err(),
        ];
        for error in errors.map(|error| error.expect("it is refused")) {
            assert_eq!((error.code(), error.class()), (Some(48001), Class::NotAllowed), "{kind}");
            assert!(error.to_string().contains("WeChat's console shows"), "{error}");
        }
    }
}
