//! A command as the line that a follower would write for it.

use proptest::prelude::*;
use wxbot_sdk::command::parse;
use wxbot_sdk::prelude::*;

/// Orders.
#[derive(Debug, PartialEq, Commands)]
enum Order {
    /// Orders something.
    #[command("点单", "order")]
    Place { what: String, count: Option<u32>, note: Option<String> },
    /// Says something.
    Say {
        #[command(rest)]
        text: String,
    },
    /// Takes all.
    Take { things: Vec<String> },
}

fn line(place: usize, arguments: &[&[&str]]) -> Result<String, String> {
    let words = |words: &&[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let arguments: Vec<_> = arguments.iter().map(words).collect();
    let line = Order::SET.line(&Order::SET.commands[place], &arguments);
    line.map_err(|error| error.to_string())
}

#[test]
fn a_line_is_written_as_a_follower_would() {
    let table = [
        (0, vec![&["绿茶"] as &[&str], &["2"], &[]], Ok("/点单 绿茶 2")),
        (0, vec![&["green tea"], &[], &[]], Ok("/点单 \"green tea\"")),
        (1, vec![&["说 \"好\""]], Ok("/say 说 \"好\"")),
        (2, vec![&["a b", "c"]], Ok("/take \"a b\" c")),
        (0, vec![&[], &["2"], &[]], Err("`what` is missing")),
        (0, vec![&["茶"], &[], &["热的"]], Err("`count` is missing")),
    ];
    for (place, arguments, expected) in table {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(line(place, &arguments), expected, "{arguments:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_word_stays_one_word(words in prop::collection::vec("[ab \"'“「/\n]{0,6}", 1..4)) {
        let line = Order::SET.line(&Order::SET.commands[2], std::slice::from_ref(&words)).unwrap();
        let Some(Ok(Order::Take { things })) = parse::<Order>(&line, 0) else {
            panic!("{line:?} is no command");
        };
        prop_assert_eq!(things, words);
    }
}
