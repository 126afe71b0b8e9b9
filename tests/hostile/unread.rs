//! Requests one behind the other, and nobody reads the answers.

use std::time::{Duration, Instant};

use wxbot_tests::http;
use wxbot_tests::usage::{computed, peak_memory};

use crate::attacker::{Attacker, handshake};
use crate::target::{check_answers, serve, soon};

const CONNECTIONS: usize = 40;
/// More than requests and answers in flight can be, over the process's whole life.
const MOST_MEMORY_KB: u64 = 150 * 1024;
/// More than any machine buffers on its own.
const MOST_TAKEN: usize = 256 << 20;

pub(crate) fn piles() {
    let serving = serve();
    let unknown = "GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n".to_owned();
    let empty = format!("HEAD {}", handshake().trim_start_matches("GET "));
    for request in [handshake(), unknown, empty] {
        let requests = request.repeat(200).into_bytes();
        let (endpoint, mut attacks) = (serving.endpoint, Vec::new());
        for _ in 0..CONNECTIONS {
            let requests = requests.clone();
            attacks.push(std::thread::spawn(move || {
                let mut attacker = Attacker::connect_with_little_room(endpoint);
                let (taken, closed) = attacker.send_flat_out(&requests, MOST_TAKEN);
                assert!(closed, "{taken} bytes taken, and still open");
            }));
        }
        check_answers(&serving);
        attacks.into_iter().for_each(|attack| attack.join().expect("the attack is done"));
    }
    let peak = peak_memory(serving.id());
    assert!(peak < MOST_MEMORY_KB, "the process had {peak} KB");
    check_answers(&serving);
}

/// Whoever waits for an answer to be read has nothing to compute.
pub(crate) fn cores() {
    let serving = serve();
    let connect = || Attacker::connect_with_little_room(serving.endpoint).0;
    let mut stalled = [connect(), connect()];
    let requests = handshake().repeat(200).into_bytes();
    for stream in &mut stalled {
        stream.set_write_timeout(Some(Duration::from_millis(500))).expect("it is not 0");
        while std::io::Write::write_all(stream, &requests).is_ok() {}
    }
    let (began, before) = (Instant::now(), computed(serving.id()));
    std::thread::sleep(Duration::from_secs(2));
    let (took, used) = (began.elapsed(), computed(serving.id()) - before);
    assert!(used < took / 10, "{used:?} computed in {took:?} of doing nothing");
    assert!(soon(|| http::get(serving.operator, "/healthz").status == 200));
}
