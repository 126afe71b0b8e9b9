//! On a terminal: what is typed as a secret for `wxbot init` is not on the screen, a file is not written
//! to it, and `wxbot plugins` is as wide as it is.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tempfile::TempDir;

const APP_SECRET: &str = "fedcba9876543210fedcba9876543210";

/// A program on a terminal of its own, and whoever sits in front of it.
struct Terminal {
    program: Child,
    keyboard: File,
    pieces: Receiver<String>,
    screen: String,
    folder: TempDir,
    /// Keeps the terminal open behind the program.
    behind: File,
}

impl Terminal {
    fn run(columns: u16, arguments: &[&str]) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let front = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
        grantpt(&front).and_then(|()| unlockpt(&front)).expect("it is ours");
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&front, size).expect("it has a size");
        let name = ptsname(&front, Vec::new()).expect("it has a name");
        let behind =
            OpenOptions::new().read(true).write(true).open(OsStr::from_bytes(name.to_bytes()));
        let behind = behind.expect("it can be opened");
        let end = || Stdio::from(behind.try_clone().expect("it is open"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wxbot"));
        command.args(arguments).current_dir(folder.path()).env_clear();
        command.stdin(end()).stdout(end()).stderr(end());
        let program = command.spawn().expect("the program can be started");
        let keyboard = File::from(front);
        let pieces = watch(keyboard.try_clone().expect("it is open"));
        Self { program, keyboard, pieces, screen: String::new(), folder, behind }
    }

    /// Waits until this is on the screen, and types a line.
    #[track_caller]
    fn answers(&mut self, question: &str, answer: &str) {
        self.sees(question);
        writeln!(self.keyboard, "{answer}").expect("somebody reads it");
    }

    #[track_caller]
    fn sees(&mut self, part: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.screen.contains(part) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(piece) = self.pieces.recv_timeout(left) else {
                panic!("{part:?} is not on the screen:\n{}", self.screen);
            };
            self.screen += &piece;
        }
    }

    fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.behind).expect("it is a terminal").local_modes;
        modes.contains(LocalModes::ECHO)
    }
}

fn watch(mut screen: File) -> Receiver<String> {
    let (shown, pieces) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        // A character may come in two pieces: none of those that are looked for.
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            if shown.send(String::from_utf8_lossy(&bytes[..count]).into_owned()).is_err() {
                return;
            }
        }
    });
    pieces
}

#[test]
fn a_secret_that_is_typed_is_not_on_the_screen() {
    let mut terminal = Terminal::run(100, &["init", "--lang", "en"]);
    terminal.answers("AppID", "wx0123456789abcdef");
    terminal.answers("AppSecret", &format!("{APP_SECRET} "));
    terminal.answers("Which one (1): ", "4");
    assert!(terminal.echoes(), "what is no secret is shown");
    terminal.answers("(empty for later): ", "https://bot.example.com/wechat");
    terminal.sees("wxbot doctor");
    assert!(terminal.program.wait().expect("it ends").success(), "{}", terminal.screen);
    assert!(terminal.screen.contains("wx0123456789abcdef"), "{}", terminal.screen);
    assert!(!terminal.screen.contains(&APP_SECRET[..8]), "{}", terminal.screen);
    let env = std::fs::read_to_string(terminal.folder.path().join("wxbot.env"));
    let env = env.expect("it was written");
    assert!(env.contains(&format!("WXBOT_APP_SECRET={APP_SECRET}\n")), "{env}");
}

#[test]
fn a_file_is_not_written_to_a_terminal() {
    for output in ["-", "/dev/stdout"] {
        let get = ["api", "GET", "/cgi-bin/media/get?media_id=x", "--output", output];
        let mut terminal = Terminal::run(100, &get);
        terminal.sees("a file is not written to a terminal");
        assert_eq!(terminal.program.wait().expect("it ends").code(), Some(2), "{output}");
    }
}

#[test]
fn settings_are_shown_as_wide_as_the_terminal() {
    let mut terminal = Terminal::run(40, &["plugins", "echo"]);
    terminal.sees(
        "\r\n  prefix  Put in front of what is said\r\n          back as text. [text, default:\r\n          \
         nothing]\r\n",
    );
    assert!(terminal.program.wait().expect("it ends").success(), "{}", terminal.screen);
}
