//! Every store behaves like a simple model, whatever is done in whatever order.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use wxbot_sdk::store::{Item, StoreError, Swap};

use crate::subject::{Kind, QUEUE_ITEMS, Subject};
use crate::{Test, subject};

pub(crate) const TESTS: &[Test] =
    &[Test { name: "a_store_behaves_like_the_model", run: a_store_behaves_like_the_model }];

/// Times to live end between the steps of the clock, so that the time a call takes is no matter.
const STEP: Duration = Duration::from_secs(100);

#[derive(Debug, Clone)]
enum Step {
    Put {
        key: String,
        value: Vec<u8>,
        steps: u32,
    },
    Get {
        key: String,
    },
    Delete {
        key: String,
    },
    /// Expects what is there, or something else.
    Swap {
        key: String,
        right: bool,
        new: Option<Vec<u8>>,
        steps: u32,
    },
    Push {
        queue: String,
        item: Item,
    },
    Update {
        queue: String,
        item: Item,
    },
    TakeDue {
        queue: String,
        now: u64,
        again: u64,
        most: usize,
    },
    Remove {
        queue: String,
        id: String,
    },
    List {
        queue: String,
        most: usize,
    },
    Pass,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || "[ab}]{0,1}";
    let queue = || "[q{]{0,1}";
    let id = || "[a-z]";
    let bytes = || vec(any::<u8>(), 0..4);
    let item = || (id(), bytes(), 0..9u64).prop_map(|(id, value, due)| Item { id, value, due });
    prop_oneof![
        4 => (key(), bytes(), 0..3u32).prop_map(|(key, value, steps)| Step::Put { key, value, steps }),
        4 => key().prop_map(|key| Step::Get { key }),
        1 => key().prop_map(|key| Step::Delete { key }),
        4 => (key(), any::<bool>(), proptest::option::of(bytes()), 0..3u32)
            .prop_map(|(key, right, new, steps)| Step::Swap { key, right, new, steps }),
        12 => (queue(), item()).prop_map(|(queue, item)| Step::Push { queue, item }),
        2 => (queue(), item()).prop_map(|(queue, item)| Step::Update { queue, item }),
        3 => (queue(), 0..9u64, 0..9u64, 0..4usize)
            .prop_map(|(queue, now, again, most)| Step::TakeDue { queue, now, again, most }),
        2 => (queue(), id()).prop_map(|(queue, id)| Step::Remove { queue, id }),
        3 => (queue(), 0..30usize).prop_map(|(queue, most)| Step::List { queue, most }),
        2 => Just(Step::Pass),
        1 => Just(Step::Reopen),
    ]
}

/// What a store is.
#[derive(Default)]
struct Model {
    /// With the step of the clock at which each is over.
    values: BTreeMap<String, (Vec<u8>, u32)>,
    queues: BTreeMap<String, BTreeMap<String, (u64, Vec<u8>)>>,
    clock: u32,
}

impl Model {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let (value, until) = self.values.get(key)?;
        (*until > self.clock).then(|| value.clone())
    }

    /// A time to live of no steps is nothing; others end half a step after the clock's last.
    fn put(&mut self, key: String, value: Vec<u8>, steps: u32) {
        self.values.insert(key, (value, self.clock + steps));
    }

    fn list(&self, queue: &str) -> Vec<Item> {
        let items = self.queues.get(queue).into_iter().flatten();
        let item = |(id, (due, value)): (&String, &(u64, Vec<u8>))| Item {
            id: id.clone(),
            value: value.clone(),
            due: *due,
        };
        let mut items: Vec<_> = items.map(item).collect();
        items.sort_by(|one, other| (one.due, &one.id).cmp(&(other.due, &other.id)));
        items
    }

    fn has(&self, queue: &str, id: &str) -> bool {
        self.queues.get(queue).is_some_and(|items| items.contains_key(id))
    }

    fn keep(&mut self, queue: &str, item: Item) {
        let queue = self.queues.entry(queue.into()).or_default();
        queue.insert(item.id, (item.due, item.value));
    }
}

fn a_store_behaves_like_the_model(kind: Kind) {
    // The file writes each step to the disk.
    let cases = match kind {
        Kind::Memory => 256,
        Kind::File => 16,
        Kind::Redis => 64,
    };
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    let done = TestRunner::new(config).run(&vec(step(), 0..80), |steps| {
        subject::paused(follow(kind, steps));
        Ok(())
    });
    done.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn follow(kind: Kind, steps: Vec<Step>) {
    let (mut store, mut model) = (Subject::new(kind), Model::default());
    for step in steps {
        one(&mut store, &mut model, step).await;
    }
}

async fn one(store: &mut Subject, model: &mut Model, step: Step) {
    let ttl = |steps: u32| (STEP * steps).saturating_sub(STEP / 2);
    match step {
        Step::Put { key, value, steps } => {
            store.put(&key, value.clone(), ttl(steps)).await.unwrap();
            model.put(key, value, steps);
        }
        Step::Get { key } => assert_eq!(store.get(&key).await.unwrap(), model.get(&key)),
        Step::Delete { key } => {
            store.delete(&key).await.unwrap();
            model.values.remove(&key);
        }
        Step::Swap { key, right, new, steps } => {
            let found = model.get(&key);
            let expected = if right { found.clone() } else { Some(b"something else".to_vec()) };
            let swap = store.swap(&key, expected.as_deref(), new.clone(), ttl(steps)).await;
            assert_eq!(swap.unwrap(), if right { Swap::Done } else { Swap::Found(found) });
            match new {
                _ if !right => {}
                Some(value) => model.put(key, value, steps),
                None => drop(model.values.remove(&key)),
            }
        }
        Step::Push { queue, item } => {
            let pushed = store.push(&queue, item.clone()).await;
            let full = model.list(&queue).len() == QUEUE_ITEMS && !model.has(&queue, &item.id);
            assert_eq!(matches!(pushed, Err(StoreError::Full { .. })), full, "{pushed:?}");
            if !full {
                pushed.unwrap();
                model.keep(&queue, item);
            }
        }
        Step::Update { queue, item } => {
            let there = model.has(&queue, &item.id);
            assert_eq!(store.update(&queue, item.clone()).await.unwrap(), there);
            if there {
                model.keep(&queue, item);
            }
        }
        Step::TakeDue { queue, now, again, most } => {
            let due = model.list(&queue).into_iter().filter(|item| item.due <= now);
            let due: Vec<_> = due.take(most).collect();
            assert_eq!(store.take_due(&queue, now, again, most).await.unwrap(), due);
            due.into_iter().for_each(|item| model.keep(&queue, Item { due: again, ..item }));
        }
        Step::Remove { queue, id } => {
            let there = model.has(&queue, &id);
            assert_eq!(store.remove(&queue, &id).await.unwrap(), there);
            if let Some(items) = model.queues.get_mut(&queue) {
                items.remove(&id);
            }
        }
        Step::List { queue, most } => {
            let mut expected = model.list(&queue);
            expected.truncate(most);
            assert_eq!(store.list(&queue, most).await.unwrap(), expected);
        }
        Step::Pass => {
            store.pass(STEP).await;
            model.clock += 1;
        }
        Step::Reopen => store.reopen(),
    }
}
