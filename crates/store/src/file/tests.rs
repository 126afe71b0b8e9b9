//! A file store on a disk that fails, hangs, or alters what was written.

mod damaged;
mod disk;
mod failing;
mod hanging;

use std::time::Duration;

use super::database::Opening;
use wxbot_sdk::store::Item;

use disk::Disk;

const HOUR: Duration = Duration::from_secs(3600);

fn item(n: u32) -> Item {
    Item { id: n.to_string(), value: vec![n as u8], due: n.into() }
}

#[tokio::test]
async fn a_file_of_another_version_is_refused() {
    let disk = Disk::new();
    drop(disk.open().unwrap());
    let database = disk.opener(0)(Opening::First).unwrap();
    let transaction = database.begin_write().unwrap();
    let mut format = transaction.open_table(super::tables::FORMAT).unwrap();
    format.insert(&b"format"[..], &[9][..]).unwrap();
    drop(format);
    transaction.commit().unwrap();
    drop(database);
    let refused = disk.open().err().unwrap().to_string();
    let expected =
        "`file:disk` can't be opened: an entry has version 9, this program knows version 2";
    assert_eq!(refused, expected);
}
