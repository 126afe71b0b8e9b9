//! What a hundred thousand words cost: `cargo bench -p wxbot-plugin-guard --bench words`.

use std::hint::black_box;
use std::time::Instant;

use wxbot_plugin_guard::words::Words;

const ROUNDS: u32 = 2_000;

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-plugin-guard --bench words`");
        return;
    }
    // 2,048 bytes, which is the longest message; none of the words is in it.
    let text: String =
        "今天天气不错，我们一起去西湖边喝茶吧，记得带伞。".chars().cycle().take(682).collect();
    println!("{:>8}  {:>10}  {:>14}  {:>14}", "words", "made in", "a clean text", "a text with 20");
    for count in [1, 10, 1_000, 100_000] {
        let list: Vec<_> = (0..count).map(word).collect();
        let started = Instant::now();
        let words = Words::new(&list, &[]).expect("the words are good");
        let made = started.elapsed();
        let hits: String = text.chars().take(600).collect::<String>() + &word(0).repeat(20);
        println!(
            "{count:>8}  {:>7} ms  {:>11.1} µs  {:>11.1} µs",
            made.as_millis(),
            micros(|| words.mask(&text, '*')),
            micros(|| words.mask(&hits, '*')),
        );
    }
}

/// One of many, of two to five characters.
fn word(number: u32) -> String {
    let letter = |place: u32| {
        char::from_u32(0x4e00 + number.wrapping_mul(2_654_435_761).rotate_left(place * 7) % 5_000)
    };
    (0..2 + number % 4).filter_map(letter).collect()
}

fn micros<T>(mut work: impl FnMut() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        black_box(work());
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}
