//! Followers and tags (section 7.8).

use serde_json::{Value, json};
use wxbot_sim::Act;

use super::Caller;
use crate::bot::START;

#[tokio::test(start_paused = true)]
async fn a_follower_has_no_name_any_more_but_a_time_and_a_remark() {
    let caller = Caller::new().await;
    let bob = caller.wechat.stranger("bob");
    let ask = async || caller.get("user/info", &format!("openid={}", bob.openid())).await;
    assert_eq!(ask().await, json!({ "subscribe": 0, "openid": bob.openid() }));
    bob.does(Act::ScanScene { scene: "s".into(), ticket: "t".into() }).await.unwrap();
    let remark = json!({ "openid": bob.openid(), "remark": "老客户" });
    assert_eq!(caller.code("user/info/updateremark", remark).await, 0);
    let info = ask().await;
    let expected = [
        ("subscribe", json!(1)),
        ("subscribe_time", json!(START)),
        ("subscribe_scene", json!("ADD_SCENE_QR_CODE")),
        ("remark", json!("老客户")),
        ("nickname", json!("")),
        ("headimgurl", json!("")),
    ];
    for (name, value) in expected {
        assert_eq!(info[name], value, "{name}");
    }
    let long = json!({ "openid": bob.openid(), "remark": "x".repeat(30) });
    assert_eq!(caller.code("user/info/updateremark", long).await, 40035);
    assert_eq!(caller.get("user/info", "openid=oNobody").await["errcode"], 40003);
    assert_eq!(caller.get("user/info", "").await["errcode"], 41009);
}

#[tokio::test(start_paused = true)]
async fn followers_are_listed_and_strangers_are_not() {
    let caller = Caller::new().await;
    let mut openids = ["alice", "bob"].map(|name| caller.wechat.follower(name).openid().to_owned());
    openids.sort();
    caller.wechat.stranger("carol");
    let list = caller.get("user/get", "").await;
    assert_eq!((&list["total"], &list["data"]["openid"]), (&json!(2), &json!(openids)));
    let rest = caller.get("user/get", &format!("next_openid={}", openids[0])).await;
    assert_eq!(rest["data"]["openid"], json!([openids[1]]));
    let end = caller.get("user/get", &format!("next_openid={}", openids[1])).await;
    assert_eq!(
        (&end["count"], end.get("data"), &end["next_openid"]),
        (&json!(0), None, &json!(""))
    );

    let users: Vec<_> = openids.iter().map(|openid| json!({ "openid": openid })).collect();
    let infos = caller.post("user/info/batchget", json!({ "user_list": users })).await;
    assert_eq!(infos["user_info_list"].as_array().unwrap().len(), 2);
    let many = json!({ "user_list": vec![users[0].clone(); 101] });
    assert_eq!(caller.code("user/info/batchget", many).await, 40035);
}

#[tokio::test(start_paused = true)]
async fn tags_are_made_given_taken_and_deleted() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    let tag = |name: &str| json!({ "tag": { "name": name } });
    let id = caller.post("tags/create", tag("vip")).await["tag"]["id"].clone();
    let rows = [
        (tag("vip"), 45157, "taken"),
        (tag(""), 45157, "no name"),
        (tag("十一个汉字就太长了吧"), 0, "30 bytes"),
        (tag("十一个汉字就太长了吧啊"), 45158, "33 bytes"),
    ];
    for (body, errcode, reason) in rows {
        assert_eq!(caller.code("tags/create", body).await, errcode, "{reason}");
    }
    let members = json!({ "openid_list": [alice.openid()], "tagid": id });
    assert_eq!(caller.code("tags/members/batchtagging", members.clone()).await, 0);
    let of_alice = async || {
        caller.post("tags/getidlist", json!({ "openid": alice.openid() })).await["tagid_list"]
            .clone()
    };
    assert_eq!(of_alice().await, json!([id]));
    assert_eq!(
        caller.get("tags/get", "").await["tags"][0],
        json!({ "id": id, "name": "vip", "count": 1 })
    );
    let tagged = caller.post("user/tag/get", json!({ "tagid": id })).await;
    assert_eq!(tagged["data"]["openid"], json!([alice.openid()]));

    let update = |id: &Value, name: &str| json!({ "tag": { "id": id, "name": name } });
    assert_eq!(caller.code("tags/update", update(&id, "gold")).await, 0);
    assert_eq!(caller.code("tags/update", update(&json!(2), "star")).await, 45058);
    assert_eq!(caller.code("tags/update", update(&json!(999), "none")).await, 45159);
    assert_eq!(caller.wechat.tags()[0].1, "gold");

    assert_eq!(caller.code("tags/members/batchuntagging", members.clone()).await, 0);
    assert_eq!(of_alice().await, json!([]));
    caller.code("tags/members/batchtagging", members).await;
    assert_eq!(caller.code("tags/delete", json!({ "tag": { "id": id } })).await, 0);
    assert_eq!(of_alice().await, json!([]));
}

#[tokio::test(start_paused = true)]
async fn there_are_100_tags_at_most_and_20_for_one_follower() {
    let caller = Caller::new().await;
    let alice = caller.wechat.follower("alice");
    for number in 0..100 {
        let tag = json!({ "tag": { "name": format!("tag {number}") } });
        let id = caller.post("tags/create", tag).await["tag"]["id"].clone();
        let errcode = if number < 20 { 0 } else { 45059 };
        let tagging = json!({ "openid_list": [alice.openid()], "tagid": id });
        assert_eq!(caller.code("tags/members/batchtagging", tagging).await, errcode, "{number}");
    }
    assert_eq!(caller.code("tags/create", json!({ "tag": { "name": "more" } })).await, 45056);
    let many = json!({ "openid_list": vec![alice.openid(); 51], "tagid": 100 });
    assert_eq!(caller.code("tags/members/batchtagging", many).await, 40035);
    let unknown = json!({ "openid_list": ["oNobody"], "tagid": 100 });
    assert_eq!(caller.code("tags/members/batchtagging", unknown).await, 40003);
}
