//! What the SDK stores: bytes of every version are read, and a record is changed by one at a time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use wxbot_sdk::api::Unconfigured;
use wxbot_sdk::context::{Context, Incoming, ReplyWindow};
use wxbot_sdk::external::callback::{PendingAnswer, deliver};
use wxbot_sdk::fields::Fields;
use wxbot_sdk::job::{JobKind, JobRecord, JobSignal};
use wxbot_sdk::message::Message;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::schedule::{Missed, Zone};
use wxbot_sdk::sending::NoMessenger;
use wxbot_sdk::session::SessionState;
use wxbot_sdk::store::record::{decode, encode};
use wxbot_sdk::store::{
    Change, Cursor, FencingToken, Item, Namespace, QueuedItem, Reach, Record, Store, StoreError,
    Swap, Watch, insert_or_update, update, update_from,
};

const HOUR: Duration = Duration::from_secs(3600);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Count(u32);

impl Record for Count {
    const NAME: &'static str = "count";
    const VERSION: u32 = 1;
}

/// Values without a time to live; before each swap somebody else may write.
#[derive(Default)]
struct Values {
    values: Mutex<HashMap<String, Vec<u8>>>,
    calls: Mutex<Vec<&'static str>>,
    rivals: Mutex<Vec<u32>>,
    /// So many calls fail.
    failures: Mutex<usize>,
}

impl Values {
    fn with(value: Option<Vec<u8>>) -> Self {
        let values = value.map(|value| ("key".to_owned(), value));
        Self { values: Mutex::new(values.into_iter().collect()), ..Self::default() }
    }

    fn fail_next(&self, calls: usize) {
        *locked(&self.failures) = calls;
    }

    fn call(&self, name: &'static str) -> Result<(), StoreError> {
        locked(&self.calls).push(name);
        let mut failures = locked(&self.failures);
        match failures.checked_sub(1) {
            Some(left) => {
                *failures = left;
                Err(StoreError::Unreachable("it is down".into()))
            }
            None => Ok(()),
        }
    }

    fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut locked(&self.calls))
    }

    fn value(&self, key: &str) -> Option<String> {
        let value = locked(&self.values).get(key).cloned();
        value.map(|bytes| String::from_utf8(bytes).expect("records are JSON"))
    }
}

#[async_trait]
impl Store for Values {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.call("get")?;
        Ok(locked(&self.values).get(key).cloned())
    }

    async fn put(&self, key: &str, value: Vec<u8>, _: Duration) -> Result<(), StoreError> {
        locked(&self.values).insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        locked(&self.values).remove(key);
        Ok(())
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        _: Duration,
    ) -> Result<Swap, StoreError> {
        self.call("swap")?;
        let mut values = locked(&self.values);
        if let Some(rival) = locked(&self.rivals).pop() {
            values.insert(key.to_owned(), encode(&Count(rival)));
        }
        let found = values.get(key).cloned();
        if found.as_deref() != expected {
            return Ok(Swap::Found(found));
        }
        match new {
            Some(new) => values.insert(key.to_owned(), new),
            None => values.remove(key),
        };
        Ok(Swap::Done)
    }

    async fn watch(&self, _: &str) -> Watch {
        Watch::deaf()
    }

    async fn push(&self, _: &str, _: Item) -> Result<(), StoreError> {
        unreachable!("there are only values")
    }

    async fn push_new(&self, _: &str, _: Item) -> Result<bool, StoreError> {
        unreachable!("there are only values")
    }

    async fn push_leased(
        &self,
        _: &str,
        _: &str,
        _: Vec<u8>,
        _: Duration,
    ) -> Result<FencingToken, StoreError> {
        unreachable!("there are only values")
    }

    async fn get_item(&self, _: &str, _: &str) -> Result<Option<QueuedItem>, StoreError> {
        unreachable!("there are only values")
    }

    async fn list_after(
        &self,
        _: &str,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("there are only values")
    }

    async fn count(&self, _: &str) -> Result<u64, StoreError> {
        unreachable!("there are only values")
    }

    async fn lease_due(
        &self,
        _: &str,
        _: Duration,
        _: usize,
    ) -> Result<Vec<QueuedItem>, StoreError> {
        unreachable!("there are only values")
    }

    async fn renew(
        &self,
        _: &str,
        _: &str,
        _: FencingToken,
        _: Duration,
        _: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        unreachable!("there are only values")
    }

    async fn update_if(&self, _: &str, _: Item, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("there are only values")
    }

    async fn remove_if(&self, _: &str, _: &str, _: FencingToken) -> Result<bool, StoreError> {
        unreachable!("there are only values")
    }

    async fn remove(&self, _: &str, _: &str) -> Result<bool, StoreError> {
        unreachable!("there are only values")
    }

    async fn now(&self) -> Result<u64, StoreError> {
        unreachable!("there are only values")
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn one_more(count: Option<Count>) -> Change<Count> {
    Change::Put(Count(count.map_or(0, |count| count.0) + 1), HOUR)
}

#[tokio::test]
async fn a_record_is_changed_from_what_is_there() {
    let store = Values::default();
    for expected in 1..4 {
        assert_eq!(update(&store, "key", one_more).await.unwrap(), Some(Count(expected)));
        assert_eq!(store.calls(), ["get", "swap"]);
    }
    let kept = update(&store, "key", |_: Option<Count>| Change::Keep).await.unwrap();
    assert_eq!(kept, Some(Count(3)));
    assert_eq!(store.calls(), ["get"]);
    let removed = update(&store, "key", |_: Option<Count>| Change::Remove).await.unwrap();
    assert_eq!((removed, store.value("key")), (None, None));
    let removed = update(&store, "key", |_: Option<Count>| Change::Remove).await.unwrap();
    assert_eq!((removed, store.calls()), (None, vec!["get", "swap", "get"]));
}

#[tokio::test]
async fn what_usually_is_not_there_costs_one_round_trip() {
    let store = Values::default();
    assert_eq!(insert_or_update(&store, "key", one_more).await.unwrap(), Some(Count(1)));
    assert_eq!(store.calls(), ["swap"]);
    assert_eq!(insert_or_update(&store, "key", one_more).await.unwrap(), Some(Count(2)));
    assert_eq!(store.calls(), ["swap", "swap"]);
}

#[tokio::test]
async fn what_was_found_just_now_is_not_read_again() {
    let store = Values::with(Some(encode(&Count(7))));
    let found = Some(encode(&Count(7)));
    assert_eq!(update_from(&store, "key", found, one_more).await.unwrap(), Some(Count(8)));
    assert_eq!(store.calls(), ["swap"]);
    let stale = Some(encode(&Count(7)));
    assert_eq!(update_from(&store, "key", stale, one_more).await.unwrap(), Some(Count(9)));
    assert_eq!(store.calls(), ["swap", "swap"]);
}

#[tokio::test]
async fn nothing_is_kept_or_removed_before_it_was_read() {
    for store in [Values::default(), Values::with(Some(encode(&Count(7))))] {
        let there = store.value("key").map(|_| Count(7));
        let mut seen = vec![];
        let kept = insert_or_update(&store, "key", |count: Option<Count>| {
            seen.push(count);
            Change::Keep
        });
        assert_eq!(kept.await.unwrap(), there);
        assert_eq!(seen, [None, there]);
        let removed = insert_or_update(&store, "key", |_: Option<Count>| Change::Remove);
        assert_eq!((removed.await.unwrap(), store.value("key")), (None, None));
    }
}

#[tokio::test]
async fn who_comes_between_is_seen_and_not_overwritten() {
    let store = Values::default();
    *locked(&store.rivals) = vec![30, 20, 10];
    assert_eq!(update(&store, "key", one_more).await.unwrap(), Some(Count(31)));
    assert_eq!(store.calls(), ["get", "swap", "swap", "swap", "swap"]);
}

#[tokio::test]
async fn others_that_keep_changing_it_are_an_error_that_says_so() {
    let store = Values::default();
    *locked(&store.rivals) = (0..100).collect();
    let error = update(&store, "key", one_more).await.unwrap_err();
    assert_eq!(error.to_string(), "others keep changing the value under `key`");
    assert_eq!(locked(&store.rivals).len(), 84, "it is tried 16 times");
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_and_stays() {
    for bytes in [r#"{"version":2,"record":{"many":1}}"#, "7", ""] {
        let store = Values::with(Some(bytes.into()));
        for error in
            [update(&store, "key", one_more).await, insert_or_update(&store, "key", one_more).await]
        {
            let error = error.unwrap_err();
            assert!(matches!(error, StoreError::Record { .. }), "{error}");
        }
        assert_eq!(store.value("key").as_deref(), Some(bytes));
    }
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Cart {
    items: Vec<String>,
    total: u32,
}

#[tokio::test]
async fn what_a_plugin_kept_is_read_by_newer_code() {
    let golden = include_str!("golden/plugin-value.1.json");
    let store = Arc::new(Values::default());
    let cart = || Cart { items: vec!["茶".into()], total: 7 };
    let session = Namespace::of_session(store.clone(), "shop", "main", "oABC1");
    session.put("cart", &cart(), HOUR).await.unwrap();
    let key = "session/4:shop/4:main/5:oABC1/cart";
    assert_eq!(store.value(key).as_deref(), Some(golden));
    assert_eq!(session.get::<Cart>("cart").await.unwrap(), Some(cart()));
    session.delete("cart").await.unwrap();
    assert_eq!(session.get::<Cart>("cart").await.unwrap(), None);

    let plugin = Namespace::of_plugin(store.clone(), "shop");
    plugin.put("count", &7, HOUR).await.unwrap();
    assert!(store.value("plugin/4:shop/count").is_some());
}

#[tokio::test]
async fn a_value_of_a_plugin_is_changed_by_one_at_a_time() {
    let store = Arc::new(Values::default());
    let plugin = Namespace::of_plugin(store.clone(), "shop");
    let add = |count: Option<u32>| Change::Put(count.unwrap_or(0) + 1, HOUR);
    assert_eq!(plugin.update("count", add).await.unwrap(), Some(1));
    assert_eq!(plugin.update("count", add).await.unwrap(), Some(2));
    assert_eq!(plugin.get::<u32>("count").await.unwrap(), Some(2));
    assert_eq!(store.calls(), ["get", "swap", "get", "swap", "get"]);
    assert_eq!(plugin.update::<u32>("count", |_| Change::Keep).await.unwrap(), Some(2));
    assert_eq!(plugin.update::<u32>("count", |_| Change::Remove).await.unwrap(), None);
    assert_eq!(plugin.get::<u32>("count").await.unwrap(), None);
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_an_error_that_names_its_key() {
    let store = Arc::new(Values::default());
    let plugin = Namespace::of_plugin(store.clone(), "shop");
    plugin.put("cart", &"none", HOUR).await.unwrap();
    let error = plugin.get::<Cart>("cart").await.unwrap_err();
    assert_eq!(error.to_string(), "the value under `cart` is not what was expected");
    let not_json = BTreeMap::from([(vec![1], 1)]);
    let error = plugin.put("cart", &not_json, HOUR).await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the record `plugin value` can't be written as JSON");
}

/// What a link of this id sees of a message of a follower.
fn context(store: &Arc<Values>, link: &str) -> Context {
    struct Closed;
    impl ReplyWindow for Closed {
        fn remaining(&self) -> Duration {
            Duration::ZERO
        }

        fn announce_late(&self, _: Reply) {}
    }

    let mut fields = Fields::default();
    for (name, text) in [("MsgType", "text"), ("FromUserName", "oABC1")] {
        let element = fields.push(0, name);
        fields.push_text(element, text);
    }
    let incoming = Incoming {
        message: Message::read(fields).expect("it has a kind"),
        account: "main".into(),
        app_id: None,
        api: Arc::new(Unconfigured { account: "main".into(), key: "app_id" }),
        messenger: Arc::new(NoMessenger),
        store: store.clone(),
        job_signal: JobSignal::default(),
        received_at: 0,
    };
    let mut context = Context::new(Arc::new(incoming), Arc::new(Closed));
    context.set_link(&link.into());
    context
}

impl SessionState for Cart {}

#[test]
fn a_job_has_golden_files() {
    let once = JobRecord {
        kind: JobKind::Once,
        due: 1_735_689_600_000,
        attempts: 2,
        payload: "oABC1".into(),
        checkpoint: Some(7.into()),
        last_error: None,
    };
    let failed = JobRecord { last_error: Some("it panicked".into()), ..once.clone() };
    let cron = JobRecord {
        kind: JobKind::Cron {
            cron: "0 9 * * 1-5".parse().unwrap(),
            zone: Zone::BEIJING,
            missed: Missed::Once,
            last: Some(1_735_689_600_000),
        },
        attempts: 0,
        payload: serde_json::Value::Null,
        checkpoint: None,
        last_error: None,
        due: once.due,
    };
    for (golden, job) in [
        (include_str!("golden/job.1.once.json"), once),
        (include_str!("golden/job.1.cron.json"), cron),
        (include_str!("golden/job.1.failed.json"), failed),
    ] {
        assert_eq!(String::from_utf8(encode(&job)).unwrap(), golden);
        assert_eq!(decode::<JobRecord>(golden.as_bytes()).unwrap(), job);
    }
}

#[tokio::test]
async fn a_session_has_a_golden_file() {
    let golden = include_str!("golden/session.1.json");
    let store = Arc::new(Values::default());
    let session = context(&store, "shop").session::<Cart>();
    assert_eq!(session.get().await.unwrap(), None);
    let changed = session.change(|cart| {
        cart.items.push("茶".into());
        cart.total = 7;
        "done"
    });
    assert_eq!(changed.await.unwrap(), "done");
    let key = "session/4:shop/4:main/5:oABC1/";
    assert_eq!(store.value(key).as_deref(), Some(golden));
    let cart = Cart { items: vec!["茶".into()], total: 7 };
    assert_eq!(session.get().await.unwrap(), Some(cart));
    assert_eq!(context(&store, "other").session::<Cart>().get().await.unwrap(), None);
    session.end().await.unwrap();
    assert_eq!((session.get().await.unwrap(), store.value(key)), (None, None));
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Visits(u64);

impl SessionState for Visits {
    const VERSION: u32 = 2;

    /// Version 1 counted in a text.
    fn migrate(version: u32, state: serde_json::Value) -> Option<Self> {
        (version == 1).then(|| state.as_str()?.parse().ok()).flatten().map(Self)
    }
}

#[tokio::test]
async fn the_version_decides_what_becomes_of_an_older_session() {
    for (saved, expected) in [
        (r#"{"version":2,"state":7}"#, Some(7)),
        (r#"{"version":1,"state":"7"}"#, Some(7)),
        (r#"{"version":1,"state":7}"#, None),
        (r#"{"version":3,"state":7}"#, None),
        (r#"{"version":2,"state":"many"}"#, None),
    ] {
        let store = Arc::new(Values::default());
        let record = format!(r#"{{"version":1,"record":{saved}}}"#);
        locked(&store.values).insert("session/4:shop/4:main/5:oABC1/".into(), record.into());
        let session = context(&store, "shop").session::<Visits>();
        assert_eq!(session.get().await.unwrap(), expected.map(Visits), "{saved}");
        let one_more = session.change(|visits| {
            visits.0 += 1;
            visits.0
        });
        assert_eq!(one_more.await.unwrap(), expected.unwrap_or(0) + 1, "{saved}");
    }
}

#[tokio::test]
async fn who_changes_a_session_at_once_loses_nothing() {
    let store = Arc::new(Values::default());
    let session = context(&store, "shop").session::<Visits>();
    let key = "session/4:shop/4:main/5:oABC1/";
    session.change(|visits| visits.0 = 1).await.unwrap();
    let (mut calls, mut rival) = (0, true);
    let changed = session.change(|visits| {
        calls += 1;
        if std::mem::take(&mut rival) {
            let theirs = r#"{"version":1,"record":{"version":2,"state":10}}"#;
            locked(&store.values).insert(key.into(), theirs.into());
        }
        visits.0 += 1;
    });
    changed.await.unwrap();
    assert_eq!(calls, 2, "the first time on what was there before");
    assert_eq!(session.get().await.unwrap(), Some(Visits(11)));
}

#[tokio::test]
async fn a_session_without_a_json_form_is_an_error_and_changes_nothing() {
    #[derive(Default, Serialize, Deserialize)]
    struct Odd(BTreeMap<Vec<u8>, u32>);
    impl SessionState for Odd {}

    let store = Arc::new(Values::default());
    let session = context(&store, "shop").session::<Odd>();
    let changed = session.change(|odd| odd.0.insert(vec![1], 1));
    assert!(matches!(changed.await, Err(StoreError::Record { .. })));
    assert!(locked(&store.values).is_empty());
}

#[tokio::test]
async fn a_plugin_that_asks_without_declaring_dialogs_is_told_how() {
    let mut context = context(&Arc::new(Values::default()), "shop");
    for error in [
        context.ask((), "?").unwrap_err(),
        context.dialog::<()>().unwrap_err(),
        context.choose((), "?", ["a"]).unwrap_err(),
        context.again("?").unwrap_err(),
    ] {
        assert!(error.to_string().contains("`const DIALOGS: Option<Dialogs> = Some("), "{error}");
    }
    assert_eq!((context.chosen(), context.confirmed()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_for_a_while_costs_no_answer_that_is_posted() {
    let values = Arc::new(Values::default());
    let ctx = context(&values, "link");
    let ttl = Duration::from_secs(600);
    let pending = PendingAnswer::open(&ctx, "id", "hash", ttl).await.unwrap();
    values.fail_next(20);
    let post = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        values.fail_next(5);
        tokio::time::sleep(Duration::from_secs(60)).await;
        deliver(&*values, "id", "hash", br#"{"reply":"at last"}"#).await.unwrap();
    };
    let (answer, ()) = tokio::join!(pending.wait(), post);
    assert!(answer.unwrap().is_some());

    let pending = PendingAnswer::open(&ctx, "another", "hash", ttl).await.unwrap();
    values.fail_next(usize::MAX);
    assert!(pending.wait().await.is_err(), "it is away for all the time that there is");
}
