//! The file of `file:`, and its folder.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use wxbot_sdk::store::Store;
use wxbot_store::{Limits, Memory, OpenError, export, import};

use crate::subject::{awake, item, place, put};

const FILE: &str = "wxbot.redb";

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a_folder_that_cannot_be_made_is_an_error_that_says_so", no_folder),
    ("a_file_of_something_else_is_an_error_that_says_so", not_ours),
    ("the_folder_is_for_the_bots_user_alone", private),
    ("a_file_that_others_can_read_is_taken_from_them", made_private),
    ("an_emptied_file_is_an_error_and_not_a_new_store", emptied),
    ("a_file_that_was_cut_off_is_an_error", cut_off),
    ("a_damaged_file_names_what_is_damaged_and_gives_the_rest", damaged),
];

fn open(folder: &Path) -> Result<Arc<dyn Store>, OpenError> {
    place(folder).open(&Limits::default())
}

fn no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::File::create(&file).unwrap();
    let place = place(&file.join("folder"));
    let refused = place.open(&Limits::default()).err().unwrap();
    assert!(matches!(refused, OpenError::Folder { .. }), "{refused}");
    assert!(refused.to_string().contains("a file/folder` can't be made: "), "{refused}");
}

fn not_ours() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = std::fs::File::create(folder.path().join("wxbot.redb")).unwrap();
    file.write_all(&[7; 10_000]).unwrap();
    let refused = place(folder.path()).open(&Limits::default()).err().unwrap();
    assert!(matches!(refused, OpenError::File { .. }), "{refused}");
}

/// The rights of others and of the group, and the user's.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn private() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    let place = place(&inner);
    let store = place.open(&Limits::default()).unwrap();
    assert_eq!((mode(&inner), mode(&inner.join(FILE))), (0o700, 0o600));
    drop(store);
}

/// A folder that was there is left as it is.
#[cfg(unix)]
fn made_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(folder.path(), 0o755);
    set(&folder.path().join(FILE), 0o644);
    drop(open(folder.path()).unwrap());
    assert_eq!((mode(folder.path()), mode(&folder.path().join(FILE))), (0o755, 0o600));
}

#[cfg(not(unix))]
fn private() {}

#[cfg(not(unix))]
fn made_private() {}

fn emptied() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    drop(open(folder.path()).unwrap());
    std::fs::write(&file, "").unwrap();
    let refused = open(folder.path()).err().unwrap();
    assert!(matches!(refused, OpenError::Emptied { .. }), "{refused}");
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 0, "it is left as it is");
    std::fs::remove_file(&file).unwrap();
    open(folder.path()).unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

fn cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    drop(open(folder.path()).unwrap());
    let length = std::fs::metadata(&file).unwrap().len();
    let bytes = std::fs::read(&file).unwrap();
    for left in [1, 8, 9, 64, 4096, length / 2, length - 1] {
        std::fs::write(&file, &bytes[..left as usize]).unwrap();
        let refused = open(folder.path()).err().unwrap().to_string();
        // Of so few bytes, nobody knows whose they were.
        let expected = if left < 9 { "` can't be opened: " } else { "` is damaged: " };
        assert!(refused.contains(expected), "{left} bytes left: {refused}");
    }
    std::fs::write(&file, bytes).unwrap();
    open(folder.path()).unwrap();
}

/// Alters each place in the file where these bytes are.
fn alter(file: &Path, bytes: &[u8]) {
    let mut content = std::fs::read(file).unwrap();
    let places: Vec<_> =
        (0..content.len()).filter(|at| content[*at..].starts_with(bytes)).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| content[at] ^= 1);
    std::fs::write(file, content).unwrap();
}

fn damaged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let store = open(folder.path()).unwrap();
    awake(async {
        for n in 0..9 {
            put(&*store, &format!("key {n}"), &format!("the value {n} of it")).await;
        }
        store.push("outbox", item("a1", "the answer", 1)).await.unwrap();
    });
    drop(store);
    let whole = std::fs::read(&file).unwrap();
    let refused = |altered: &[&str]| {
        std::fs::write(&file, &whole).unwrap();
        altered.iter().for_each(|bytes| alter(&file, bytes.as_bytes()));
        let before = std::fs::read(&file).unwrap();
        let refused = open(folder.path()).err().unwrap().to_string();
        assert!(std::fs::read(&file).unwrap() == before, "it is left as it is");
        let (_, what) = refused.split_once("` is damaged: ").unwrap();
        let (what, hint) = what.split_once("; ").unwrap();
        assert_eq!(hint, "`wxbot store export --salvage` writes out the rest");
        what.to_owned()
    };
    assert_eq!(refused(&["the value 7"]), "the value under `key 7`");
    let two = refused(&["the answer", "the value 7"]);
    assert_eq!(two, "the value under `key 7`, the item `a1` of the queue `outbox`");
    let all = refused(&["the value ", "the answer"]);
    let named = "the value under `key 0`, the value under `key 1`, the value under `key 2`";
    assert_eq!(all, format!("{named} and 7 more"));
    refused(&["the value 7", "the answer"]);
    let salvage = place(folder.path()).salvage().unwrap().unwrap();
    awake(async {
        let mut lines = Vec::new();
        assert_eq!(export(&salvage, &mut lines).await.unwrap(), 8);
        let named = ["the value under `key 7`", "the item `a1` of the queue `outbox`"];
        assert_eq!(salvage.left_out(), named.map(|what| format!("{what} is damaged")));
        let copy = Memory::default();
        import(&copy, &mut lines.as_slice()).await.unwrap();
        assert_eq!(copy.get("key 8").await.unwrap(), Some(b"the value 8 of it".into()));
    });
    std::fs::write(&file, &whole).unwrap();
    open(folder.path()).unwrap();
}
