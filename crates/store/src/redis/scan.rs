//! Where a scan goes on. A cluster has no order of all its keys: its masters are scanned one after the
//! other, each found by its first slot.

use std::collections::BTreeMap;

use redis::{ParsingError, Value, from_redis_value};

/// A place in a scan.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScanPlace {
    /// Of a cluster, whose master is scanned.
    pub(super) slot: Option<u16>,
    pub(super) cursor: Vec<u8>,
}

impl ScanPlace {
    /// Where a server, or a master of a cluster, begins.
    pub(super) fn start(slot: Option<u16>) -> Self {
        Self { slot, cursor: b"0".to_vec() }
    }

    /// One that was [`written`](Self::written): `CURSOR`, or `SLOT:CURSOR`.
    pub(super) fn read(written: &[u8]) -> Self {
        let text = String::from_utf8_lossy(written);
        let in_cluster = text.split_once(':');
        let slot = in_cluster.and_then(|(slot, _)| slot.parse().ok());
        let cursor = in_cluster.map_or(&*text, |(_, cursor)| cursor);
        Self { slot, cursor: cursor.as_bytes().to_vec() }
    }

    pub(super) fn written(&self) -> Vec<u8> {
        let slot = self.slot.map(|slot| format!("{slot}:")).unwrap_or_default();
        [slot.as_bytes(), &self.cursor].concat()
    }
}

/// The first slot of each master, in order, of what `CLUSTER SLOTS` says: rows of the first slot, the
/// last one, the master and its replicas.
pub(super) fn first_slots(rows: Vec<Vec<Value>>) -> Result<Vec<u16>, ParsingError> {
    let mut masters: BTreeMap<(String, u16), u16> = BTreeMap::new();
    for row in rows {
        let mut row = row.into_iter();
        let (Some(first), _, Some(master)) = (row.next(), row.next(), row.next()) else { continue };
        let first: u16 = from_redis_value(first)?;
        let mut master = from_redis_value::<Vec<Value>>(master)?.into_iter();
        let (Some(host), Some(port)) = (master.next(), master.next()) else { continue };
        let address = (from_redis_value(host)?, from_redis_value(port)?);
        let known = masters.entry(address).or_insert(first);
        *known = first.min(*known);
    }
    let mut slots: Vec<u16> = masters.into_values().collect();
    slots.sort_unstable();
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for slot in [None, Some(0), Some(16_383)] {
            let place = ScanPlace { slot, cursor: b"17179869184".to_vec() };
            assert_eq!(ScanPlace::read(&place.written()), place);
        }
    }

    #[test]
    fn a_master_with_several_ranges_is_scanned_once() {
        let row = |first: i64, port: i64| {
            let host = Value::BulkString(b"10.0.0.1".to_vec());
            let id = Value::BulkString(b"e7d1".to_vec());
            let master = Value::Array(vec![host, Value::Int(port), id]);
            vec![Value::Int(first), Value::Int(first + 99), master]
        };
        let rows = vec![row(200, 2), row(100, 1), row(0, 2), row(300, 3)];
        assert_eq!(first_slots(rows).unwrap(), [0, 100, 300]);
    }
}
