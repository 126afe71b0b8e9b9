//! Several instances on one Redis, behind a balancer: whichever gets a delivery, a message is
//! worked on once and has one answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use tempfile::NamedTempFile;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep, timeout};
use wxbot_sim::{Endpoint, HttpEndpoint, Kind, Request};
use wxbot_tests::program::{Program, Serving};
use wxbot_tests::redis::{Server, free_port};
use wxbot_tests::wechat::{Sender, element, text_from};

use crate::balancer::balance;
use crate::town::{Town, awake, bot, number, serve};

/// WeChat hangs up then.
const PATIENCE: Duration = Duration::from_secs(5);
/// Messages on their way at the same time.
const AT_ONCE: usize = 16;
/// Deliveries of one message.
const DELIVERIES: usize = 3;

/// Instances that share a Redis and a file of runs.
struct House {
    endpoint: Arc<HttpEndpoint>,
    programs: Vec<Program>,
    serving: Vec<Serving>,
    runs: NamedTempFile,
    _town: Town,
    _redis: Server,
}

impl House {
    async fn new(count: usize) -> Self {
        let (redis, runs) = (Server::start(&[]), NamedTempFile::new().unwrap());
        let ports: Vec<_> = (0..count).map(|_| free_port()).collect();
        let town = Town::new(Kind::Personal, ports[0]);
        let program = |port: &u16| {
            let runs = runs.path().to_str().unwrap();
            bot(*port, &redis.url(), &town.account("main", "wechat"), runs)
        };
        let programs: Vec<_> = ports.iter().map(program).collect();
        let serving = programs.iter().map(serve).collect();
        let url = format!("http://127.0.0.1:{}/wechat", balance(ports).await);
        let endpoint = Arc::new(HttpEndpoint::new(url).unwrap());
        Self { endpoint, programs, serving, runs, _town: town, _redis: redis }
    }

    /// What the plugin was asked, in order.
    fn runs(&self) -> Vec<String> {
        let runs = std::fs::read_to_string(self.runs.path()).unwrap();
        runs.lines().map(str::to_owned).collect()
    }
}

/// What one delivery is answered with: the text of a reply, or `success`.
async fn deliver(endpoint: &HttpEndpoint, query: String, body: &str) -> Option<String> {
    let (method, content_type) = ("POST", Some("text/xml"));
    let request = Request { method, query, content_type, body: body.into() };
    let response = timeout(PATIENCE, endpoint.deliver(request)).await.ok()?.ok()?;
    let body = String::from_utf8(response.body).unwrap();
    (response.status == 200).then(|| element(&body, "Content").unwrap_or(body))
}

/// Delivers a message three times at once, and each of them up to so often while it fails; every
/// answer that came.
async fn says(endpoint: &HttpEndpoint, n: usize, tries: usize) -> Vec<String> {
    let body = text_from(&format!("oCHAOS_{n:021}"), &said(n));
    let same = Sender::default().query();
    let deliveries = (0..DELIVERIES).map(async |_| {
        for _ in 0..tries {
            // A repeat has a query of its own or the same one: both are seen in the wild.
            let query = if n.is_multiple_of(2) { same.clone() } else { Sender::default().query() };
            let asked = Instant::now();
            let answer = deliver(endpoint, query, &body).await;
            if answer.is_some() {
                return answer;
            }
            sleep(Duration::from_secs(1).saturating_sub(asked.elapsed())).await;
        }
        None
    });
    join_all(deliveries).await.into_iter().flatten().collect()
}

/// The answer is another one each time this is worked on.
fn said(n: usize) -> String {
    format!("draw 0 {n}")
}

pub(crate) fn one() {
    awake(each_message_once(1));
}

pub(crate) fn three() {
    awake(each_message_once(3));
}

async fn each_message_once(count: usize) {
    let house = House::new(count).await;
    let messages = number("WXBOT_MESSAGES", 2000);
    let began = Instant::now();
    let endpoint = &house.endpoint;
    let saying = stream::iter(0..messages).map(async |n| (n, says(endpoint, n, 1).await));
    let answers: Vec<_> = saying.buffer_unordered(AT_ONCE).collect().await;
    for (n, answers) in &answers {
        assert_eq!(answers.len(), DELIVERIES, "message {n}: each delivery is answered");
        assert!(answers.iter().all(|one| *one == answers[0]), "message {n}: {answers:?}");
        assert!(answers[0].contains('.'), "message {n}: {answers:?}");
    }
    let runs = house.runs();
    let different: BTreeSet<_> = runs.iter().collect();
    println!(
        "{count} instances: {messages} messages, {DELIVERIES} deliveries each at once, {} runs, \
         {:.1} s",
        runs.len(),
        began.elapsed().as_secs_f64()
    );
    assert_eq!((runs.len(), different.len()), (messages, messages));
}

/// Kills, while messages arrive.
const KILLS: usize = 60;
const BETWEEN_KILLS: Duration = Duration::from_millis(200);

pub(crate) fn dying() {
    awake(some_die());
}

async fn some_die() {
    let mut house = House::new(3).await;
    let over = Arc::new(AtomicBool::new(false));
    let writers = (0..8).map(|writer| {
        let (endpoint, over) = (Arc::clone(&house.endpoint), Arc::clone(&over));
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for n in (writer..).step_by(8) {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                answers.push((n, says(&endpoint, n, 3).await));
            }
            answers
        })
    });
    let writers: Vec<_> = writers.collect();
    for kill in 0..KILLS {
        sleep(BETWEEN_KILLS).await;
        let program = &house.programs[kill % 3];
        let serving = house.serving.remove(0);
        block_in_place(|| serving.kill());
        house.serving.push(serve(program));
    }
    over.store(true, Ordering::Relaxed);
    let answers: Vec<_> = join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    let runs: BTreeSet<_> = house.runs().into_iter().collect();
    let mut unanswered = 0;
    for (n, answers) in &answers {
        let Some(first) = answers.first() else {
            unanswered += 1;
            continue;
        };
        assert!(runs.contains(&said(*n)), "message {n}: {answers:?} without a run");
        assert!(answers.iter().all(|one| one == first), "message {n}: {answers:?}");
    }
    println!(
        "3 instances, {KILLS} kills: {} messages, {unanswered} not answered by any process",
        answers.len()
    );
    assert!(answers.len() >= KILLS && unanswered * 10 <= answers.len(), "{unanswered} unanswered");
}
