//! `file:` through kill -9: whatever was acknowledged is there afterwards.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wxbot_sdk::clock::Clock;
use wxbot_sdk::store::Store;
use wxbot_store::{File, Limits, Memory, export, import};

use crate::subject::{awake, item, place, put};

/// Names the folder for a process that writes until it is killed.
pub(crate) const CHILD: &str = "WXBOT_STORE_CHILD";
/// How often the process is killed; more by `WXBOT_STORE_KILLS=1000 cargo test -p wxbot-store kill`.
const KILLS: &str = "WXBOT_STORE_KILLS";
/// Callers that write at once.
const WRITERS: u64 = 4;
const HOUR: Duration = Duration::from_secs(3600);

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("nothing_acknowledged_is_lost_by_kill_9", nothing_acknowledged_is_lost_by_kill_9),
    ("a_second_process_is_told_that_the_file_is_in_use", in_use),
    ("a_file_is_exported_while_another_process_writes", read_beside),
    ("dropping_the_store_finishes_what_was_begun", dropping_finishes),
    ("values_beyond_the_bound_are_forgotten_soonest_over_first", bounded),
];

/// The process that is killed: each writer says the number of what is on the disk, then goes on.
pub(crate) fn child(folder: &Path) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build();
    runtime.unwrap().block_on(async {
        let store = File::open(folder, &Limits::default(), Clock::system()).unwrap();
        let write = |writer| write(&store, writer);
        futures_util::future::join_all((0..WRITERS).map(write)).await;
    });
    ExitCode::SUCCESS
}

async fn write(store: &File, writer: u64) {
    let key = format!("last {writer}");
    let last = store.get(&key).await.unwrap().map_or(0, |text| number(&text));
    for n in last + 1.. {
        let text = n.to_string();
        put_for_an_hour(store, &format!("{writer} {n}"), &text).await;
        let queue = format!("queue {writer}");
        store.push(&queue, item(&text, &text, n)).await.unwrap();
        if n > 5 {
            store.remove(&queue, &(n - 5).to_string()).await.unwrap();
        }
        // What was under way without this is done again by the next process.
        put_for_an_hour(store, &key, &text).await;
        println!("{writer} {n}");
    }
}

async fn put_for_an_hour(store: &File, key: &str, text: &str) {
    store.put(key, text.into(), HOUR).await.unwrap();
}

fn number(text: &[u8]) -> u64 {
    std::str::from_utf8(text).unwrap().parse().unwrap()
}

fn nothing_acknowledged_is_lost_by_kill_9() {
    let kills = std::env::var(KILLS).map_or(100, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; WRITERS as usize];
    for _ in 0..kills {
        kill_one(folder.path(), &mut acknowledged);
        awake(all_are_in(folder.path(), acknowledged));
    }
    assert!(acknowledged.iter().sum::<u64>() >= kills, "each process wrote something");
    if kills > 100 {
        println!("{kills} kills, {} acknowledged rounds", acknowledged.iter().sum::<u64>());
    }
}

/// Starts a process, and kills it a few moments after its first acknowledged write.
fn kill_one(folder: &Path, acknowledged: &mut [u64; WRITERS as usize]) {
    let mut child = start(folder);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    note(&lines.next().unwrap().unwrap(), acknowledged);
    std::thread::sleep(Duration::from_millis(3 + moment() % 58));
    child.kill().unwrap();
    child.wait().unwrap();
    // The last line may be torn; its write was acknowledged to the process, not to us.
    let lines: Vec<_> = lines.map_while(Result::ok).collect();
    lines.iter().for_each(|line| note(line, acknowledged));
}

fn start(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, folder).stdout(Stdio::piped()).spawn().unwrap()
}

/// A number that is another each time: when to kill.
fn moment() -> u64 {
    u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_micros())
}

fn note(line: &str, acknowledged: &mut [u64; WRITERS as usize]) {
    let Some((writer, n)) = line.split_once(' ') else { return };
    let (Ok(writer), Ok(n)) = (writer.parse::<usize>(), n.parse()) else { return };
    acknowledged[writer] = acknowledged[writer].max(n);
}

async fn all_are_in(folder: &Path, acknowledged: [u64; WRITERS as usize]) {
    let store = File::open(folder, &Limits::default(), Clock::system()).unwrap();
    all_are_there(&store, acknowledged).await;
}

/// Everything up to what was acknowledged, and at most what was under way beyond it.
async fn all_are_there(store: &dyn Store, acknowledged: [u64; WRITERS as usize]) {
    for (writer, &acknowledged) in acknowledged.iter().enumerate() {
        let last = store.get(&format!("last {writer}")).await.unwrap();
        let last = last.map_or(0, |text| number(&text));
        assert!(last >= acknowledged, "writer {writer}: {acknowledged}, found {last}");
        for n in (1..=acknowledged).rev().take(500) {
            let found = store.get(&format!("{writer} {n}")).await.unwrap();
            assert_eq!(found, Some(n.to_string().into_bytes()), "writer {writer}");
        }
        let items = store.list(&format!("queue {writer}"), 100).await.unwrap();
        let due: Vec<_> = items.iter().map(|item| item.due).collect();
        let first = acknowledged.saturating_sub(4).max(1);
        for n in first..=acknowledged {
            // By the one after the last, which was under way.
            let may_be_removed = n + 5 <= last + 1;
            assert!(due.contains(&n) || may_be_removed, "writer {writer}: {n} not in {due:?}");
        }
        assert!(due.windows(2).all(|pair| pair[0] + 1 == pair[1]), "a hole: {due:?}");
    }
}

fn in_use() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    let place = place(folder.path());
    let refused = place.open(&Limits::default()).err().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let expected = format!("`file:{}` is in use by another process", folder.path().display());
    assert_eq!(refused.to_string(), expected);
    place.open(&Limits::default()).unwrap();
}

/// Reads a file that another process writes: everything that was acknowledged before.
fn read_beside() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = [0; WRITERS as usize];
    for _ in 0..5 {
        let line = lines.by_ref().take(50).map(Result::unwrap).last().unwrap();
        note(&line, &mut acknowledged);
        awake(async {
            let contents = place(folder.path()).contents(&Limits::default()).unwrap();
            let mut text = Vec::new();
            export(&*contents, &mut text).await.unwrap();
            // The process goes on meanwhile; what is read stays as it was.
            let mut again = Vec::new();
            export(&*contents, &mut again).await.unwrap();
            assert!(text == again);
            let copy = Memory::default();
            import(&copy, &mut text.as_slice()).await.unwrap();
            all_are_there(&copy, acknowledged).await;
        });
    }
    child.kill().unwrap();
    child.wait().unwrap();
    awake(all_are_in(folder.path(), acknowledged));
}

fn dropping_finishes() {
    let folder = tempfile::tempdir().unwrap();
    awake(async {
        let store = File::open(folder.path(), &Limits::default(), Clock::system()).unwrap();
        let mut write = Box::pin(put(&store, "key", "begun"));
        assert!(futures_util::poll!(&mut write).is_pending());
        drop(write);
        drop(store);
        let store = File::open(folder.path(), &Limits::default(), Clock::system()).unwrap();
        assert_eq!(store.get("key").await.unwrap(), Some(b"begun".to_vec()));
    });
}

fn bounded() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { file_values: 3, ..Limits::default() };
    awake(async {
        let store = File::open(folder.path(), &limits, Clock::system()).unwrap();
        for (key, hours) in [("b", 2), ("d", 4), ("a", 1), ("c", 3), ("e", 5), ("e", 6)] {
            store.put(key, key.into(), HOUR * hours).await.unwrap();
        }
        let mut there: Vec<Vec<u8>> = vec![];
        for key in ["a", "b", "c", "d", "e"] {
            there.extend(store.get(key).await.unwrap());
        }
        assert_eq!(there.concat(), b"cde");
    });
}
