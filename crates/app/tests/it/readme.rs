//! README.md: its commands print what it says they print.

use std::process::Command;

const README: &str = include_str!("../../../../README.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The commands of the console blocks, each with the lines it prints.
fn commands() -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        match line.strip_prefix("$ wxbot ") {
            _ if line.starts_with("```") => inside = line == "```console",
            Some(command) if inside => commands.push((command.to_owned(), String::new())),
            None if inside => {
                let (_, printed) = commands.last_mut().expect("a block begins with a command");
                *printed += &format!("{line}\n");
            }
            _ => {}
        }
    }
    commands
}

#[test]
fn the_commands_print_what_the_readme_says() {
    let commands = commands();
    assert!(commands.len() >= 2, "the README shows commands");
    for (command, expected) in commands {
        let wxbot = Command::new(env!("CARGO_BIN_EXE_wxbot"))
            .args(command.split(' '))
            .current_dir(ROOT)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&wxbot.stdout), expected, "wxbot {command}");
        assert!(wxbot.status.success(), "wxbot {command}");
    }
}
