//! Single flight: a question that many ask at the same time is asked once, and all get the answer.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

/// One question, asked by one at a time.
pub(crate) struct SingleFlight<A> {
    /// The last answer; locked while somebody asks.
    last: Mutex<Option<A>>,
    /// How many answers there were.
    answers: AtomicU64,
}

impl<A> Default for SingleFlight<A> {
    fn default() -> Self {
        Self { last: Mutex::default(), answers: AtomicU64::new(0) }
    }
}

impl<A: Clone> SingleFlight<A> {
    /// Asks, or waits for the answer of whoever is asking. If they stop waiting, the next one asks.
    pub(crate) async fn ask(&self, question: impl Future<Output = A>) -> A {
        let before = self.answers.load(Ordering::Acquire);
        let mut last = self.last.lock().await;
        if self.answers.load(Ordering::Acquire) > before
            && let Some(answer) = &*last
        {
            return answer.clone();
        }
        let answer = question.await;
        *last = Some(answer.clone());
        self.answers.fetch_add(1, Ordering::Release);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_asks_at_the_same_time_gets_one_answer_and_who_asks_later_another() {
        let flight = SingleFlight::default();
        let asked = AtomicU64::new(0);
        let ask = || {
            flight.ask(async {
                sleep(SECOND).await;
                asked.fetch_add(1, Ordering::SeqCst)
            })
        };
        assert_eq!(join_all((0..100).map(|_| ask())).await, [0; 100]);
        assert_eq!(join_all((0..100).map(|_| ask())).await, [1; 100]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_asking_leaves_it_to_the_next() {
        let flight = SingleFlight::default();
        let first = timeout(SECOND, flight.ask(std::future::pending()));
        let second = flight.ask(async { 2 });
        let (first, second) = tokio::join!(first, second);
        assert_eq!((first.ok(), second), (None, 2));
    }
}
