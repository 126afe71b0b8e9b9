//! What ten thousand questions cost: `cargo bench -p wxbot-plugin-faq --bench search`.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use wxbot_plugin_faq::index::{Entry, Index};
use wxbot_plugin_faq::vectors::Vectors;
use wxbot_sdk::embeddings::Vector;
use wxbot_sdk::matcher::normalize;

const ROUNDS: u32 = 2_000;
const ASKED: [&str; 4] = ["怎么退货", "请问一下杭州的门店周末几点开门啊", "会员", "讲个笑话"];

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: this is `cargo bench -p wxbot-plugin-faq --bench search`");
        return;
    }
    println!("{:>8}  {:>10}  {:>9}  {:>9}", "vectors", "dimensions", "memory", "a search");
    let sizes = [(10_000, 256), (10_000, 1024), (20_000, 1024), (10_000, 2048)];
    // They stay, as memory that is free again would not be seen to grow.
    let _vectors = sizes.map(|(count, dimensions)| measure_vectors(count, dimensions));
    println!("\n{:>8}  {:>9}  {:>9}  {:>9}", "entries", "built in", "memory", "a search");
    for count in [100, 1_000, 10_000, 100_000] {
        let entries: Vec<_> = (0..count).map(entry).collect();
        let (before, started) = (memory(), Instant::now());
        let index = Index::new(&entries);
        let (built, grown) = (started.elapsed(), memory().saturating_sub(before));
        let started = Instant::now();
        for round in 0..ROUNDS as usize {
            black_box(index.search(&normalize(ASKED[round % ASKED.len()]), 3));
        }
        let micros = started.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        println!(
            "{count:>8}  {:>6} ms  {:>6.1} MB  {micros:>6.1} µs",
            built.as_millis(),
            grown as f64 / 1e6
        );
    }
}

fn measure_vectors(count: u32, dimensions: usize) -> Vectors {
    let before = memory();
    let vectors = Vectors::new((0..count).map(|entry| (entry, vector(entry, dimensions))));
    let grown = memory().saturating_sub(before);
    let asked: Vec<_> = (0..4).map(|number| vector(count + number, dimensions)).collect();
    let (rounds, started) = (200, Instant::now());
    for round in 0..rounds {
        black_box(vectors.cosines(&asked[round % asked.len()]));
    }
    let micros = started.elapsed().as_secs_f64() * 1e6 / rounds as f64;
    let megabytes = grown as f64 / 1e6;
    println!("{count:>8}  {dimensions:>10}  {megabytes:>6.1} MB  {micros:>6.0} µs");
    vectors
}

/// One like another, and of length 1.
fn vector(number: u32, dimensions: usize) -> Vector {
    let value = |place: usize| ((number as usize * 31 + place * 17) % 97) as f32 - 48.0;
    let values: Vec<f32> = (0..dimensions).map(value).collect();
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.into_iter().map(|value| value / length).collect()
}

/// A question with one other wording, such as a shop has them, all different.
fn entry(number: usize) -> Entry {
    const WHO: [&str; 8] =
        ["会员", "新用户", "企业客户", "学生", "门店", "杭州店", "上海店", "代理商"];
    const WHAT: [&str; 10] =
        ["退货", "发票", "营业时间", "优惠券", "积分", "运费", "保修", "密码", "订单", "预约"];
    const ASKS: [&str; 6] =
        ["怎么申请", "在哪里查", "什么时候到账", "能不能改", "要多久", "找谁办理"];
    let (who, what, asks) = (WHO[number % 8], WHAT[number / 8 % 10], ASKS[number / 80 % 6]);
    // What tells them apart beyond that: names of goods, of two characters each.
    let letter =
        |place: usize| char::from_u32(0x4e00 + (number * 7919 + place * 104_729) as u32 % 5_000);
    let goods: String = (0..2).filter_map(letter).collect();
    let question = format!("{who}买的{goods}{what}{asks}？");
    Entry::new(
        &question,
        vec![format!("{goods}的{what}{asks}")],
        "请在订单页申请，三个工作日内处理。",
    )
    .expect("the answer is no template")
}

/// Resident bytes of this process; 0 where the system does not tell.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0_usize) * 4096
}
