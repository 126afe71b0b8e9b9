//! Golden files: the bytes of each record as they were released, which later code must still read.

use std::fmt::Debug;
use std::path::Path;

use wxbot_sdk::store::record::{Record, decode, encode};

/// Checks that the golden file of this record, in `tests/golden`, is what is written for it today
/// and is read back as it. A file that is missing is written with `WXBOT_GOLDEN=write`; one that
/// is there never changes: another format is another version.
#[track_caller]
pub(crate) fn check<R: Record + PartialEq + Debug>(name: &str, record: &R) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let today = String::from_utf8(encode(record)).expect("a record is JSON");
    if !path.exists() && std::env::var("WXBOT_GOLDEN").is_ok_and(|what| what == "write") {
        std::fs::write(&path, &today).expect("the folder is there");
    }
    let golden = std::fs::read_to_string(&path);
    let golden = golden.unwrap_or_else(|error| panic!("{}: {error}\n{today}", path.display()));
    assert_eq!(today, golden, "{name} is written in another way: raise its version");
    assert_eq!(&decode::<R>(golden.as_bytes()).expect("it is read"), record, "{name}");
}
