//! For a plugin's own unit tests: one question, one answer, no server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tokio::runtime::Builder;
use tokio::time::Instant;
use toml::de::DeTable;

use crate::account::{Account, AccountSettings};
use crate::context::{About, Context};
use crate::delivery::text_message;
use crate::envelope;
use crate::late::LateSettings;
use crate::message::Message;
use crate::plugin::{BuildEnv, Flow, Plugin};
use crate::settings::Settings;
use crate::store::{Item, Reach, Store, StoreError, Swap};
use crate::window::Window;

/// What an instance with this `[chain.config]` says to a message.
///
/// `said` is the text of a text message, or a whole body that begins with `<xml>`. Whatever goes
/// wrong comes back as text, as an operator would see it.
pub fn ask<P: Plugin>(config: &str, said: &str) -> Result<Flow, String> {
    let plugin = build::<P>(config)?;
    let mut ctx = context(said)?;
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let flow = runtime.block_on(plugin.handle(&mut ctx));
    flow.map_err(|error| error.to_string())
}

/// An instance with this `[chain.config]`.
pub fn build<P: Plugin>(config: &str) -> Result<P, String> {
    let table = DeTable::parse(config).map_err(|error| error.to_string())?;
    let settings = Settings::new(table.get_ref().clone(), table.span());
    let env = BuildEnv { id: P::NAME.into() };
    let config = settings.read().map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(|one| one.render("config", config)).collect();
        lines.join("\n")
    })?;
    P::build(config, &env).map_err(|error| error.to_string())
}

/// A context around one message, with a store that forgets at the end.
pub fn context(said: &str) -> Result<Context, String> {
    let body = match said.starts_with("<xml>") {
        true => said.to_owned(),
        false => text_message("gh_5f0c1d2e3a4b", "oTEST_7vQkR2mXw9ZsLbN4cYdEfG", 1735689700, said),
    };
    let (fields, _) = envelope::read(body.as_bytes()).map_err(|error| error.to_string())?;
    let message = Message::read(fields).map_err(|error| error.to_string())?;
    let settings = AccountSettings {
        id: "main".into(),
        path: "/wechat".into(),
        token: "token".into(),
        previous_token: None,
        mode: Default::default(),
        app_id: None,
        encoding_aes_key: None,
        previous_encoding_aes_key: None,
        original_id: None,
        app_secret: None,
        api_base: None,
        proxy: None,
        access_token: Default::default(),
        bind_queries: true,
        late: Default::default(),
    };
    let late = LateSettings::default();
    let account = Account::new(&settings, None, &late).map_err(|errors| format!("{errors:?}"))?;
    let now = message.create_time;
    let window = Window::open(Instant::now(), &late);
    let store = Arc::new(Forgetful::default());
    let about = Arc::new(About { message, account: Arc::new(account), api: None });
    Ok(Context::new(about, store, window, None, now))
}

/// A store for one test: values without a time to live, and no queues.
#[derive(Default)]
struct Forgetful {
    values: Mutex<HashMap<String, Vec<u8>>>,
}

impl Forgetful {
    fn values(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.values.lock().expect("nobody panics in here")
    }
}

#[async_trait]
impl Store for Forgetful {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.values().get(key).cloned())
    }

    async fn put(&self, key: &str, value: Vec<u8>, _ttl: Duration) -> Result<(), StoreError> {
        self.values().insert(key.to_owned(), value);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.values().remove(key);
        Ok(())
    }

    async fn swap(
        &self,
        key: &str,
        expected: Option<&[u8]>,
        new: Option<Vec<u8>>,
        _ttl: Duration,
    ) -> Result<Swap, StoreError> {
        let mut values = self.values();
        let found = values.get(key).cloned();
        if found.as_deref() != expected {
            return Ok(Swap::Found(found));
        }
        match new {
            Some(value) => values.insert(key.to_owned(), value),
            None => values.remove(key),
        };
        Ok(Swap::Done)
    }

    async fn push(&self, _queue: &str, _item: Item) -> Result<(), StoreError> {
        Err(no_queues())
    }

    async fn update(&self, _queue: &str, _item: Item) -> Result<bool, StoreError> {
        Err(no_queues())
    }

    async fn take_due(
        &self,
        _queue: &str,
        _now: u64,
        _again: u64,
        _most: usize,
    ) -> Result<Vec<Item>, StoreError> {
        Err(no_queues())
    }

    async fn remove(&self, _queue: &str, _id: &str) -> Result<bool, StoreError> {
        Err(no_queues())
    }

    async fn list(&self, _queue: &str, _most: usize) -> Result<Vec<Item>, StoreError> {
        Err(no_queues())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn reach(&self) -> Reach {
        Reach::Process
    }
}

fn no_queues() -> StoreError {
    StoreError::Unreachable("a test of one question has no queues".into())
}
