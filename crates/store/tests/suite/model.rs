//! Every store behaves like a simple model, whatever is done in whatever order.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use wxbot_sdk::store::{Cursor, FencingToken, Item, QueuedItem, StoreError, Swap};

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
    Remove {
        queue: String,
        id: String,
    },
    List {
        queue: String,
        most: usize,
    },
    LeaseDue {
        queue: String,
        steps: u32,
    },
    /// With the item's token, or with another.
    Renew {
        queue: String,
        id: String,
        right: bool,
        steps: u32,
        value: Option<Vec<u8>>,
    },
    UpdateIf {
        queue: String,
        item: Item,
        right: bool,
    },
    RemoveIf {
        queue: String,
        id: String,
        right: bool,
    },
    GetItem {
        queue: String,
        id: String,
    },
    ListAfter {
        queue: String,
        due: u64,
        id: String,
        most: usize,
    },
    Count {
        queue: String,
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
        2 => (queue(), id()).prop_map(|(queue, id)| Step::Remove { queue, id }),
        3 => (queue(), 0..30usize).prop_map(|(queue, most)| Step::List { queue, most }),
        3 => (queue(), 1..3u32).prop_map(|(queue, steps)| Step::LeaseDue { queue, steps }),
        2 => (queue(), id(), any::<bool>(), 1..3u32, proptest::option::of(bytes())).prop_map(
            |(queue, id, right, steps, value)| Step::Renew { queue, id, right, steps, value }
        ),
        2 => (queue(), item(), any::<bool>())
            .prop_map(|(queue, item, right)| Step::UpdateIf { queue, item, right }),
        2 => (queue(), id(), any::<bool>())
            .prop_map(|(queue, id, right)| Step::RemoveIf { queue, id, right }),
        2 => (queue(), id()).prop_map(|(queue, id)| Step::GetItem { queue, id }),
        2 => (queue(), 0..9u64, id(), 0..4usize)
            .prop_map(|(queue, due, id, most)| Step::ListAfter { queue, due, id, most }),
        1 => queue().prop_map(|queue| Step::Count { queue }),
        2 => Just(Step::Pass),
        1 => Just(Step::Reopen),
    ]
}

/// What a store is.
#[derive(Default)]
struct Model {
    /// With the step of the clock at which each is over.
    values: BTreeMap<String, (Vec<u8>, u32)>,
    queues: BTreeMap<String, BTreeMap<String, Queued>>,
    clock: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Queued {
    due: Due,
    value: Vec<u8>,
    is_leased: bool,
}

/// The times that tests give are long ago, and a lease ends in our days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    At(u64),
    /// At this step of the clock.
    AtStep(u32),
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

    /// Ids and items, the next due first.
    fn list(&self, queue: &str) -> Vec<(String, Queued)> {
        let items = self.queues.get(queue).into_iter().flatten();
        let mut items: Vec<_> = items.map(|(id, queued)| (id.clone(), queued.clone())).collect();
        items.sort_by_key(|(id, queued)| (queued.due, id.clone()));
        items
    }

    fn item(&self, queue: &str, id: &str) -> Option<&Queued> {
        self.queues.get(queue)?.get(id)
    }

    fn has(&self, queue: &str, id: &str) -> bool {
        self.item(queue, id).is_some()
    }

    fn keep(&mut self, queue: &str, item: Item) {
        let queued = Queued { due: Due::At(item.due), value: item.value, is_leased: false };
        self.queues.entry(queue.into()).or_default().insert(item.id, queued);
    }

    fn lease(&mut self, queue: &str, id: &str, due: Due, value: Option<Vec<u8>>) {
        let queued = self.queues.get_mut(queue).and_then(|queue| queue.get_mut(id)).unwrap();
        let value = value.unwrap_or_else(|| queued.value.clone());
        *queued = Queued { due, value, is_leased: true };
    }

    fn remove(&mut self, queue: &str, id: &str) {
        if let Some(items) = self.queues.get_mut(queue) {
            items.remove(id);
        }
    }
}

/// As the model has it: when leases end is known by the step only.
fn same(found: &QueuedItem, expected: &(String, Queued)) -> bool {
    let (id, Queued { due, value, is_leased }) = expected;
    let is_due = match due {
        Due::At(due) => found.item.due == *due,
        Due::AtStep(_) => found.item.due > 1_000_000,
    };
    is_due && (&found.item.id, &found.item.value) == (id, value) && found.is_leased == *is_leased
}

/// Leases that end in one step may be in any order.
#[track_caller]
fn check_list(found: &[QueuedItem], mut expected: Vec<(String, Queued)>, most: usize) {
    assert_eq!(found.len(), most.min(expected.len()), "{found:?} {expected:?}");
    assert!(found.is_sorted_by_key(QueuedItem::cursor), "{found:?}");
    for one in found {
        let at = expected.iter().position(|other| same(one, other));
        let at = at.unwrap_or_else(|| panic!("{one:?} is not in {expected:?}"));
        let (_, queued) = expected.remove(at);
        let earlier = |other: &(String, Queued)| other.1.due < queued.due;
        assert!(!expected.iter().any(earlier), "{one:?} is not the next of {expected:?}");
    }
}

/// The token of an item, or another one.
async fn token(store: &Subject, queue: &str, id: &str, right: bool) -> FencingToken {
    let found = store.get_item(queue, id).await.unwrap();
    let FencingToken(token) = found.map_or(FencingToken(7), |queued| queued.token);
    FencingToken(if right { token } else { token ^ 1 })
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
        Step::Remove { queue, id } => {
            let there = model.has(&queue, &id);
            assert_eq!(store.remove(&queue, &id).await.unwrap(), there);
            model.remove(&queue, &id);
        }
        Step::List { queue, most } => {
            let found = store.list_after(&queue, None, most).await.unwrap();
            check_list(&found, model.list(&queue), most);
            let items: Vec<_> = found.into_iter().map(|queued| queued.item).collect();
            assert_eq!(store.list(&queue, most).await.unwrap(), items);
        }
        Step::LeaseDue { queue, steps } => {
            let is_due = |due| match due {
                Due::At(_) => true,
                Due::AtStep(step) => step <= model.clock,
            };
            let due = model.list(&queue).into_iter().filter(|(_, queued)| is_due(queued.due));
            let due: Vec<_> = due.map(|(id, _)| id).collect();
            let until = Due::AtStep(model.clock + steps);
            due.iter().for_each(|id| model.lease(&queue, id, until, None));
            let mut leased = store.lease_due(&queue, ttl(steps), 100).await.unwrap();
            assert_eq!(leased.len(), due.len());
            leased.sort_by_key(QueuedItem::cursor);
            let expected = due.into_iter().map(|id| {
                let queued = model.item(&queue, &id).unwrap().clone();
                (id, queued)
            });
            check_list(&leased, expected.collect(), 100);
        }
        Step::Renew { queue, id, right, steps, value } => {
            let token = token(store, &queue, &id, right).await;
            let held = right && model.item(&queue, &id).is_some_and(|queued| queued.is_leased);
            let renewed = store.renew(&queue, &id, token, ttl(steps), value.clone()).await.unwrap();
            assert_eq!(renewed, held);
            if held {
                model.lease(&queue, &id, Due::AtStep(model.clock + steps), value);
            }
        }
        Step::UpdateIf { queue, item, right } => {
            let token = token(store, &queue, &item.id, right).await;
            let last = right && model.has(&queue, &item.id);
            assert_eq!(store.update_if(&queue, item.clone(), token).await.unwrap(), last);
            if last {
                model.keep(&queue, item);
            }
        }
        Step::RemoveIf { queue, id, right } => {
            let token = token(store, &queue, &id, right).await;
            let last = right && model.has(&queue, &id);
            assert_eq!(store.remove_if(&queue, &id, token).await.unwrap(), last);
            if last {
                model.remove(&queue, &id);
            }
        }
        Step::GetItem { queue, id } => {
            let found = store.get_item(&queue, &id).await.unwrap();
            let expected = model.item(&queue, &id).map(|queued| (id, queued.clone()));
            let expected = expected.into_iter().collect();
            check_list(found.as_slice(), expected, 1);
        }
        Step::ListAfter { queue, due, id, most } => {
            let place = Cursor { due, id };
            let found = store.list_after(&queue, Some(&place), most).await.unwrap();
            let is_after = |(id, queued): &(String, Queued)| {
                (queued.due, id) > (Due::At(place.due), &place.id)
            };
            let expected = model.list(&queue).into_iter().filter(is_after).collect();
            check_list(&found, expected, most);
        }
        Step::Count { queue } => {
            assert_eq!(store.count(&queue).await.unwrap(), model.list(&queue).len() as u64);
        }
        Step::Pass => {
            store.pass(STEP).await;
            model.clock += 1;
        }
        Step::Reopen => store.reopen(),
    }
}
