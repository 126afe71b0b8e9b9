//! The archive is the same whoever packs it, and is installed whole, or not at all.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;

use tempfile::TempDir;
use wxbot_tests::markdown::in_repository;

/// What the packing and the installation want of the program, without having to build it.
const PROGRAM: &str = r#"#!/bin/sh
case $1 in
--version) echo "wxbot 0.1.0" ;;
completions) echo "for $2" ;;
man) echo ".TH wxbot 1" >"$2/wxbot.1" && echo ".TH wxbot-run 1" >"$2/wxbot-run.1" ;;
esac
"#;
/// Of another machine.
const FOREIGN: &str = "#!/not/there\n";

fn archive() -> String {
    format!("wxbot-0.1.0-{}-unknown-linux-gnu.tar.gz", std::env::consts::ARCH)
}

/// A folder with an archive in `dist`, and a root to install into.
struct Ground {
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        let ground = Self { folder: TempDir::new().expect("there is room for a folder") };
        ground.pack("dist", PROGRAM, "1700000000");
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Packs this program, and sees it done.
    fn pack(&self, into: &str, program: &str, age: &str) {
        write_program(&self.path("program"), program);
        let mut dist = Command::new(in_repository("crates/app/deploy/dist"));
        dist.arg(self.path("program")).arg(self.path(into)).env("SOURCE_DATE_EPOCH", age);
        dist.env("WXBOT_TARGET", format!("{}-unknown-linux-gnu", std::env::consts::ARCH));
        let ran = dist.output().expect("dist can be run");
        assert!(ran.status.success(), "{}", said(&ran));
    }

    fn installer(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg(self.path("dist/install.sh")).args(arguments);
        command.env("DESTDIR", self.path("root")).env_remove("WXBOT_BASE_URL");
        command.current_dir(self.folder.path());
        command
    }

    #[track_caller]
    fn installs(&self, arguments: &[&str]) -> String {
        succeeds(&mut self.installer(arguments))
    }

    /// It ends with 1 and this on stderr, and has changed nothing.
    #[track_caller]
    fn refuses(&self, command: &mut Command, part: &str) {
        let before = self.installed();
        let ran = command.output().expect("sh can be run");
        assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(stderr.contains(part), "{part:?} is not in\n{stderr}");
        assert_eq!(self.installed(), before);
    }

    /// The files in the root, and what is in them.
    fn installed(&self) -> BTreeSet<(String, Vec<u8>)> {
        let mut files = BTreeSet::new();
        collect(&self.path("root"), &self.path("root"), &mut files);
        files
    }

    fn names(&self) -> Vec<String> {
        self.installed().into_iter().map(|(name, _)| name).collect()
    }
}

/// Another process writes it: a fork of a test beside this one could hold it open, and what is open to
/// be written can't be run.
fn write_program(path: &Path, text: &str) {
    let mut sh = Command::new("sh");
    sh.args(["-c", "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\""]).arg(path).arg(text);
    succeeds(&mut sh);
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[&*ran.stdout, &*ran.stderr].concat()).into_owned()
}

#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let ran = command.output().expect("the command can be run");
    assert!(ran.status.success(), "{}", said(&ran));
    said(&ran)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<(String, Vec<u8>)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("the folder can be read").path()) {
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("it is in the root").display().to_string();
            files.insert((name, fs::read(&path).expect("the file can be read")));
        }
    }
}

#[test]
fn the_same_program_makes_the_same_archive() {
    let ground = Ground::new();
    ground.pack("again", PROGRAM, "1700000000");
    let read = |folder: &str| fs::read(ground.path(folder).join(archive())).expect("it is there");
    assert!(read("dist") == read("again"), "the archives differ");
    ground.pack("later", PROGRAM, "1700000001");
    assert!(read("dist") != read("later"), "its age is in it");

    let mut tar = Command::new("tar");
    tar.args(["--numeric-owner", "-tvzf"]).arg(ground.path("dist").join(archive()));
    let listed = succeeds(&mut tar);
    let names: Vec<_> = listed.lines().filter_map(|line| line.split(' ').next_back()).collect();
    assert!(names.is_sorted(), "{listed}");
    let folder = archive().replace(".tar.gz", "/");
    for file in [
        "wxbot",
        "install.sh",
        "LICENSE",
        "README.md",
        "README.zh-CN.md",
        "docs/zh/quick-start.md",
        "docs/examples/shop/bot.toml",
        "share/bot.toml",
        "share/wxbot.service",
        "share/Caddyfile",
        "share/completions/_wxbot",
        "share/completions/wxbot.bash",
        "share/completions/wxbot.fish",
        "share/man/wxbot.1",
    ] {
        assert!(names.contains(&&*format!("{folder}{file}")), "{file} is not in\n{listed}");
    }
    for line in listed.lines() {
        let fine = line.contains(" 0/0 ") && line.contains(" 2023-11-1") && line.contains("r-");
        assert!(fine, "{line}");
    }
}

#[test]
fn what_is_unpacked_is_installed_again_and_removed() {
    let ground = Ground::new();
    let mut tar = Command::new("tar");
    succeeds(
        tar.arg("-xzf").arg(ground.path("dist").join(archive())).arg("-C").arg(ground.path("")),
    );
    let unpacked = archive().replace(".tar.gz", "/install.sh");
    let install = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(ground.path(&unpacked)).args(arguments).env("DESTDIR", ground.path("root"));
        command.env_remove("WXBOT_BASE_URL");
        succeeds(&mut command)
    };
    let ran = install(&["--prefix", "/opt/wxbot", "--systemd"]);
    assert!(ran.contains("wxbot init"), "{ran}");
    let names = ground.names();
    for file in [
        "etc/systemd/system/wxbot.service",
        "opt/wxbot/bin/wxbot",
        "opt/wxbot/share/man/man1/wxbot-run.1",
        "opt/wxbot/share/bash-completion/completions/wxbot",
        "opt/wxbot/share/zsh/site-functions/_wxbot",
        "opt/wxbot/share/fish/vendor_completions.d/wxbot.fish",
        "opt/wxbot/share/wxbot/bot.toml",
        "opt/wxbot/share/doc/wxbot/docs/zh/quick-start.md",
    ] {
        assert!(names.iter().any(|name| name == file), "{file} is not in {names:#?}");
    }
    let unit = fs::read_to_string(ground.path("root/etc/systemd/system/wxbot.service"));
    let unit = unit.expect("it is there");
    assert!(unit.contains("ExecStart=/opt/wxbot/bin/wxbot run --config /etc/wxbot/bot.toml"));
    assert!(!unit.contains("/usr/local/bin/wxbot run"), "{unit}");

    // The configuration is its owner's, whatever is done to the program.
    fs::write(ground.path("root/etc/wxbot/bot.toml"), "mine").expect("the folder is there");
    let before = ground.installed();
    let ran = install(&["--prefix", "/opt/wxbot/", "--systemd"]);
    assert!(ran.contains("systemctl restart wxbot"), "{ran}");
    assert_eq!(ground.installed(), before, "twice is as good as once");
    install(&["--prefix", "/opt/wxbot", "--uninstall"]);
    assert_eq!(ground.names(), ["etc/wxbot/bot.toml"]);
    install(&["--prefix", "/opt/wxbot", "--uninstall"]);
}

#[test]
fn an_upgrade_leaves_nothing_of_the_older_version() {
    let ground = Ground::new();
    let archived = ground.path("dist").join(archive());
    let archived = archived.to_str().expect("it is UTF-8");
    ground.installs(&["--archive", archived]);
    assert!(ground.names().contains(&"usr/local/share/man/man1/wxbot-run.1".to_owned()));
    ground.pack("dist", &PROGRAM.replace("wxbot-run", "wxbot-serve"), "1700000000");
    ground.installs(&["--archive", archived]);
    let names = ground.names();
    assert!(names.contains(&"usr/local/share/man/man1/wxbot-serve.1".to_owned()), "{names:#?}");
    assert!(!names.contains(&"usr/local/share/man/man1/wxbot-run.1".to_owned()), "{names:#?}");
}

#[test]
fn what_is_not_what_was_released_is_refused() {
    let ground = Ground::new();
    let name = ground.path("dist").join(archive());
    let archived = name.to_str().expect("it is UTF-8");
    let good = fs::read(&name).expect("it is there");
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    for (reason, bytes) in [("a flipped bit", &*damaged), ("cut short", &good[..good.len() / 2])] {
        fs::write(&name, bytes).expect("it can be written");
        ground.refuses(&mut ground.installer(&["--archive", archived]), "damaged or not what was");
        assert!(ground.names().is_empty(), "{reason}");
    }
    fs::write(&name, &good).expect("it can be written");
    let other = "0".repeat(64);
    ground.refuses(&mut ground.installer(&["--archive", archived, "--sha256", &other]), &other);

    fs::remove_file(ground.path("dist").join(archive() + ".sha256")).expect("it is there");
    ground.refuses(&mut ground.installer(&["--archive", archived]), ".sha256 is not there");
    ground.refuses(&mut ground.installer(&["--archive", "no.tar.gz"]), "no.tar.gz is not there");
    ground.refuses(&mut ground.installer(&[]), "nothing is unpacked here");
    ground.refuses(&mut ground.installer(&["--upgrade"]), "what is --upgrade?");
    ground.refuses(&mut ground.installer(&["--prefix", "here"]), "an absolute path");
}

#[test]
fn a_program_that_does_not_run_here_replaces_none_that_does() {
    let ground = Ground::new();
    let archived = ground.path("dist").join(archive());
    let archived = archived.to_str().expect("it is UTF-8");
    ground.installs(&["--archive", archived]);

    // Packed on a machine where it runs.
    let mut tar = Command::new("tar");
    let folder = ground.path("foreign");
    fs::create_dir(&folder).expect("there is room for a folder");
    succeeds(tar.args(["-xzf", archived, "-C"]).arg(&folder));
    let unpacked = folder.join(archive().replace(".tar.gz", ""));
    write_program(&unpacked.join("wxbot"), FOREIGN);
    let mut command = Command::new("sh");
    command.arg(unpacked.join("install.sh")).env("DESTDIR", ground.path("root"));
    ground.refuses(command.env_remove("WXBOT_BASE_URL"), "does not run here");
}

#[test]
fn a_server_has_it_for_curl_and_for_wget() {
    for tool in ["curl", "wget"] {
        let ground = Ground::new();
        let Some(path) = ground.only(tool) else {
            eprintln!("skipped: there is no {tool} here");
            continue;
        };
        let dist = ground.path("dist");
        let server = serve(move |name| Some((fs::read(dist.join(name)).ok()?, 0)));
        let mut command = ground.installer(&[]);
        command.env("PATH", path).env("WXBOT_BASE_URL", format!("http://{server}/"));
        succeeds(&mut command);
        assert!(ground.names().contains(&"usr/local/bin/wxbot".to_owned()), "{tool}");
    }
}

#[test]
fn a_download_that_breaks_off_changes_nothing() {
    for tool in ["curl", "wget"] {
        let ground = Ground::new();
        let Some(path) = ground.only(tool) else {
            eprintln!("skipped: there is no {tool} here");
            continue;
        };
        let refused = |server: SocketAddr, part: &str| {
            let mut command = ground.installer(&[]);
            command.env("PATH", &path).env("WXBOT_BASE_URL", format!("http://{server}"));
            ground.refuses(&mut command, part);
        };
        let dist = ground.path("dist");
        let cut = move |name: &str| Some((fs::read(dist.join(name)).ok()?, 100));
        refused(serve(cut), "can't be downloaded");
        refused(serve(|_| None), "can't be downloaded");
        let dist = ground.path("dist");
        let other = move |name: &str| match name.ends_with(".sha256") {
            true => Some((format!("{}  {name}\n", "0".repeat(64)).into_bytes(), 0)),
            false => Some((fs::read(dist.join(name)).ok()?, 0)),
        };
        refused(serve(other), "damaged or not what was released");
        assert!(ground.names().is_empty(), "{tool}");
    }
}

#[test]
fn without_curl_and_wget_it_says_so() {
    let ground = Ground::new();
    let path = ground.only("sh").expect("there is a shell");
    let mut command = ground.installer(&[]);
    command.env("PATH", path).env("WXBOT_BASE_URL", "http://127.0.0.1:9");
    ground.refuses(&mut command, "neither curl nor wget");
}

impl Ground {
    /// A `PATH` with what every system has, and this tool.
    fn only(&self, tool: &str) -> Option<OsString> {
        let folder = self.path("bin");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("there is room for a folder");
        let basics = [
            "sh",
            "tar",
            "gzip",
            "sha256sum",
            "cut",
            "uname",
            "mktemp",
            "mkdir",
            "cp",
            "mv",
            "rm",
            "chmod",
            "basename",
            "dirname",
            "head",
            "sed",
        ];
        for name in basics.into_iter().chain([tool]) {
            let places = std::env::var_os("PATH")?;
            let found = std::env::split_paths(&places).map(|place| place.join(name));
            let program = found.into_iter().find(|path| path.is_file())?;
            let _ = symlink(program, folder.join(name));
        }
        Some(folder.into_os_string())
    }
}

/// What a server has of a file: the bytes, and how many of the last it never sends.
type File = (Vec<u8>, usize);

/// Serves files by their names.
fn serve(file: impl Fn(&str) -> Option<File> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let file = Arc::new(file);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let file = Arc::clone(&file);
            thread::spawn(move || answer(stream, &*file));
        }
    });
    address
}

fn answer(mut stream: TcpStream, file: &dyn Fn(&str) -> Option<File>) {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let name = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    // A client that hung up needs no answer.
    let _ = match file(name.trim_start_matches('/')) {
        None => stream.write_all(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        Some((bytes, missing)) => {
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
            let sent = &bytes[..bytes.len().saturating_sub(missing)];
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(sent))
        }
    };
}

#[test]
fn the_installer_downloads_the_version_that_it_is_of() {
    let read = |path: &str| fs::read_to_string(in_repository(path)).expect("it is there");
    let version = read("Cargo.toml");
    let (_, version) = version.split_once("\nversion = \"").expect("the workspace has one");
    let version = version.split('"').next().expect("it ends");
    let installer = read("crates/app/deploy/install.sh");
    assert!(installer.contains(&format!("\nversion={version}\n")), "not {version}");
}

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let mut shellcheck = Command::new("shellcheck");
    for script in ["crates/app/deploy/install.sh", "crates/app/deploy/dist", ".ci/first-day"] {
        shellcheck.arg(in_repository(script));
    }
    match shellcheck.output() {
        Ok(ran) => assert!(ran.status.success(), "{}", said(&ran)),
        Err(_) => eprintln!("skipped: there is no shellcheck here"),
    }
}
