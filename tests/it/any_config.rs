//! Whatever stands in a `bot.toml`, it is built, or every error of it is shown: no panic, no silence.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use wxbot::config::Source;

/// Files that reach much of what reads them.
fn configs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/configs");
    let files = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = files.map(|file| file.expect("it can be read").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).expect("it is text")).collect()
}

fn check(text: String) {
    let source = Source { name: "bot.toml".into(), text };
    for variable in [None, Some("value".to_owned())] {
        if let Err(error) = source.build(|_| variable.clone()) {
            assert!(!error.to_string().is_empty(), "{}", source.text);
        }
    }
}

/// Something in the middle of a text is cut out, doubled or replaced.
fn damaged(text: &str, at: usize, length: usize, by: &str) -> String {
    let start = text.floor_char_boundary(at % (text.len() + 1));
    let end = text.floor_char_boundary(text.len().min(start + length));
    format!("{}{by}{}", &text[..start], &text[end..])
}

#[test]
fn files_that_are_odd_are_built_or_explained() {
    let configs = configs();
    assert!(configs.len() > 5, "{}", configs.len());
    configs.into_iter().for_each(check);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_is_damaged_is_built_or_explained(
        file in prop::sample::select(configs()),
        at in any::<usize>(),
        length in 0..40usize,
        by in "[ -~\n你“”]{0,12}",
    ) {
        check(damaged(&file, at, length, &by));
    }

    #[test]
    fn any_text_is_built_or_explained(text in "\\PC{0,200}") {
        check(text);
    }
}
