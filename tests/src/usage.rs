//! What a process uses, as Linux tells it.

use std::time::Duration;

/// The most memory it ever had, in KB.
pub fn peak_memory(process: u32) -> u64 {
    let status = read(process, "status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("Linux tells it")
}

/// How long it has computed so far.
pub fn computed(process: u32) -> Duration {
    let stat = read(process, "stat");
    let (_, fields) = stat.rsplit_once(") ").expect("the name is in brackets");
    let fields: Vec<_> = fields.split(' ').collect();
    let ticks = |field: usize| fields[field].parse::<u64>().expect("it is a number of ticks");
    let (in_user_mode, in_kernel) = (ticks(11), ticks(12));
    let ticks_per_second = rustix::param::clock_ticks_per_second();
    Duration::from_millis((in_user_mode + in_kernel) * 1000 / ticks_per_second)
}

/// How much it has written to files so far, in bytes.
pub fn written(process: u32) -> u64 {
    let io = read(process, "io");
    let bytes = io.lines().find_map(|line| line.strip_prefix("wchar: ")?.parse().ok());
    bytes.expect("Linux tells it")
}

fn read(process: u32, name: &str) -> String {
    std::fs::read_to_string(format!("/proc/{process}/{name}")).expect("the process runs")
}
