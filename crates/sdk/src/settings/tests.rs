//! Every error of a table, at its place, and no secret in it.

use std::time::Duration;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Tea {
    kind: String,
    #[serde(default)]
    cups: u8,
    #[serde(default, with = "duration")]
    steeps: Duration,
}

#[track_caller]
fn read(toml: &str) -> Result<Tea, Vec<Problem>> {
    let (settings, problems) = Settings::parse(toml);
    assert_eq!(problems, []);
    settings.read()
}

#[test]
fn a_good_table_is_read() {
    let tea = read("kind = 'green'\ncups = 2\nsteeps = '1.5m'").unwrap();
    assert_eq!(tea, Tea { kind: "green".into(), cups: 2, steeps: Duration::from_secs(90) });
}

#[test]
fn every_problem_of_a_table_is_found_at_its_place() {
    let text = "kinds = 'green'\ncups = 'two'\nsteeps = 'long'";
    let problems = read(text).unwrap_err();
    let expected = [
        (
            "kinds",
            "unknown field `kinds`, expected one of `kind`, `cups`, `steeps`; did you mean `kind`?",
        ),
        ("'two'", "invalid type: string \"two\", expected u8"),
        ("'long'", "`long` is not a duration; write `1500ms`, `4.5s`, `2m`, `1h` or `1d`"),
    ];
    for (place, message) in expected {
        let start = text.find(place).unwrap();
        let problem = Problem::at(start..start + place.len(), message);
        assert!(problems.contains(&problem), "{problem:?} is not in {problems:#?}");
    }
    assert!(problems.iter().any(|problem| problem.message == "missing field `kind`"));
}

#[test]
fn durations_are_read() {
    let table = [
        ("1500ms", Some(1.5)),
        ("4.5s", Some(4.5)),
        ("2m", Some(120.0)),
        ("1h", Some(3600.0)),
        ("1d", Some(86400.0)),
        ("0s", Some(0.0)),
        ("5", None),
        ("s", None),
        ("-1s", None),
        ("1 fortnight", None),
        ("1e300d", None),
    ];
    for (text, seconds) in table {
        let read = parse_duration(text).ok();
        assert_eq!(read, seconds.map(Duration::from_secs_f64), "{text}");
    }
}

#[test]
fn the_nearest_name_is_suggested_only_when_it_is_near() {
    let known = ["echo", "keywords", "welcome"];
    assert_eq!(nearest("ekho", known), Some("echo"));
    assert_eq!(nearest("Keyword", known), Some("keywords"));
    assert_eq!(nearest("weather", known), None);
}

#[test]
fn tables_that_say_the_same_are_equal_wherever_they_stand() {
    let read = |text| Settings::parse(text).0;
    let one = read("a = 1\nb = { c = ['x', true] }\n");
    assert_eq!(one, read("# elsewhere\na  = 1\n[b]\nc = [\n  \"x\",\n  true\n]\n"));
    for other in ["a = 1", "a = 2\nb = { c = ['x', true] }", "a = '1'\nb = { c = ['x', true] }"] {
        assert_ne!(one, read(other), "{other}");
    }
}

#[test]
fn a_table_does_not_print_its_values() {
    let (settings, _) = Settings::parse("token = 's3cret'\nkey = ['s3cret']\n");
    assert_eq!(format!("{settings:?}"), r#"{"key", "token"}"#);
}

#[test]
fn every_kind_of_value_comes_through() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct All {
        hex: u32,
        large: u64,
        float: f64,
        not: f64,
        yes: bool,
        day: toml::value::Datetime,
        list: Vec<i8>,
    }

    let text = "hex = 0xff\nlarge = 9_000_000_000\nfloat = 1e3\nnot = nan\nyes = true\n\
                day = 2025-01-01T08:00:00Z\nlist = [-1, +2]\n";
    let all: All = Settings::parse(text).0.read().unwrap();
    assert_eq!((all.hex, all.large, all.float), (255, 9_000_000_000, 1000.0));
    assert_eq!((all.not.is_nan(), all.yes, all.list), (true, true, vec![-1, 2]));
    assert_eq!(all.day.to_string(), "2025-01-01T08:00:00Z");
}
