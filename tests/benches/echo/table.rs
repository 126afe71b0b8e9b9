//! What is printed: the setting, and Markdown tables.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

use crate::child::Server;
use crate::contest::Contender;
use crate::load::{CONNECTIONS, Round};
use crate::options::Options;

/// The command, the machine and the load.
pub(crate) fn print_setting(options: &Options) -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments = arguments.join(" ");
    let separator = if arguments.is_empty() { "" } else { " -- " };
    println!("    cargo bench -p wxbot-tests --bench echo{separator}{arguments}\n");
    println!("* machine: {}, {} cores", cpu_model()?, std::thread::available_parallelism()?);
    let messages = thousands(options.requests as f64);
    let load = match options.memory {
        Some(most) => format!("{} messages, {messages} at a time", thousands(most as f64)),
        None => format!("{messages} messages a round, {} rounds", options.rounds),
    };
    let pinned = if options.pinned { "; servers on core 0, load on core 1" } else { "" };
    println!("* load: {load}, {CONNECTIONS} connections{pinned}");
    Ok(())
}

/// Medians over the rounds; the ratios are made within each round.
pub(crate) fn print_rounds(field: &[Contender], program: Option<&Path>) -> Result<()> {
    if let Some(program) = program {
        let megabytes = fs::metadata(program)?.len() as f64 / 1024.0 / 1024.0;
        println!("* wxbot: {megabytes:.1} MB on disk");
    }
    println!();
    println!(
        "| server | requests/s | of bare | server CPU µs/request | p50 / p99 ms | memory MB \
         | ready ms |\n|---|---|---|---|---|---|---|"
    );
    for contender in field {
        print_row(contender, first_of_its_mode(field, contender)?)?;
    }
    print_cost_of_idle_entries(field);
    Ok(())
}

/// The head of the table that `print_memory` continues.
pub(crate) fn print_memory_head(server: &Server) -> Result<()> {
    println!("\n| messages | requests/s | server CPU µs/request | p99 ms | memory MB |");
    println!("|---|---|---|---|---|\n| 0 | | | | {:.1} |", server.memory()?);
    Ok(())
}

pub(crate) fn print_memory(sent: u64, contender: &Contender) -> Result<()> {
    let round = contender.rounds.last().context("a round was played")?;
    let (sent, speed) = (thousands(sent as f64), thousands(round.per_second()));
    let (cpu, p99) = (round.cpu_micros(), round.p99.as_secs_f64() * 1e3);
    println!("| {sent} | {speed} | {cpu:.1} | {p99:.2} | {:.1} |", contender.server.memory()?);
    Ok(())
}

fn print_row(contender: &Contender, bare: &Contender) -> Result<()> {
    let of = |figure: fn(&Round) -> f64| median(contender.rounds.iter().map(figure).collect());
    println!(
        "| {} | {} | {:.2} | {:.1} | {:.2} / {:.2} | {:.1} | {:.1} |",
        contender.name,
        thousands(of(Round::per_second)),
        ratio(contender, bare, Round::per_second),
        of(Round::cpu_micros),
        of(|round| round.p50.as_secs_f64() * 1e3),
        of(|round| round.p99.as_secs_f64() * 1e3),
        contender.server.memory()?,
        contender.server.ready.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// wxbot with idle entries stands behind the wxbot without, which it differs from in nothing else.
fn print_cost_of_idle_entries(field: &[Contender]) {
    for pair in field.windows(2).filter(|pair| pair[1].name.ends_with("idle entries")) {
        let speed = ratio(&pair[1], &pair[0], Round::per_second);
        let cpu = ratio(&pair[1], &pair[0], Round::cpu_micros);
        println!("\n`{}` has {speed:.2} of the requests/s and", pair[1].name);
        println!("{cpu:.2} of the CPU time per request of `{}`.", pair[0].name);
    }
}

fn first_of_its_mode<'a>(field: &'a [Contender], like: &Contender) -> Result<&'a Contender> {
    let first = field.iter().find(|contender| contender.expected.mode == like.expected.mode);
    first.context("every mode has a contender")
}

/// The median of the ratios within the rounds.
fn ratio(one: &Contender, other: &Contender, figure: fn(&Round) -> f64) -> f64 {
    let rounds = one.rounds.iter().zip(&other.rounds);
    median(rounds.map(|(one, other)| figure(one) / figure(other)).collect())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len() % 2 == 1 {
        return figures[middle];
    }
    (figures[middle - 1] + figures[middle]) / 2.0
}

/// `1234567.8` as `1,234,568`.
fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn cpu_model() -> Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let line = info.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name);
    Ok(model.to_owned())
}
