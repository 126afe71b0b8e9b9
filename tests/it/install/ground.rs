//! An archive, and a root to install it into.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use wxbot_tests::markdown::in_repository;

/// What the packing and the installation want of the program, without having to build it.
pub(super) const PROGRAM: &str = concat!(
    "#!/bin/sh\ncase $1 in\n--version) echo 'wxbot ",
    env!("CARGO_PKG_VERSION"),
    r#"' ;;
completions) echo "for $2" ;;
man) echo ".TH wxbot 1" >"$2/wxbot.1" && echo ".TH wxbot-run 1" >"$2/wxbot-run.1" ;;
esac
"#
);

pub(super) fn archive() -> String {
    format!("wxbot-{}-{}.tar.gz", env!("CARGO_PKG_VERSION"), target())
}

fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// A folder with an archive in `dist`, and a root to install into.
pub(super) struct Ground {
    pub(super) folder: TempDir,
}

impl Ground {
    pub(super) fn new() -> Self {
        let ground = Self { folder: TempDir::new().expect("there is room for a folder") };
        ground.pack("dist", PROGRAM, "1700000000");
        ground
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Packs this program, and sees it done.
    pub(super) fn pack(&self, into: &str, program: &str, age: &str) {
        write_program(&self.path("program"), program);
        let mut dist = Command::new(in_repository("crates/app/deploy/dist"));
        dist.arg(self.path("program")).arg(self.path(into)).env("SOURCE_DATE_EPOCH", age);
        dist.env("WXBOT_TARGET", target());
        let ran = dist.output().expect("dist can be run");
        assert!(ran.status.success(), "{}", said(&ran));
    }

    /// The folder that the archive becomes.
    pub(super) fn unpack(&self) -> PathBuf {
        let mut tar = Command::new("tar");
        let packed = self.path("dist").join(archive());
        succeeds(tar.arg("-xzf").arg(packed).arg("-C").arg(self.folder.path()));
        self.path(&archive().replace(".tar.gz", ""))
    }

    pub(super) fn installer(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg(self.path("dist/install.sh")).args(arguments);
        command.env("DESTDIR", self.path("root")).env_remove("WXBOT_BASE_URL");
        command.current_dir(self.folder.path());
        command
    }

    #[track_caller]
    pub(super) fn installs(&self, arguments: &[&str]) -> String {
        succeeds(&mut self.installer(arguments))
    }

    /// It ends with 1 and this on stderr, and has changed nothing.
    #[track_caller]
    pub(super) fn refuses(&self, command: &mut Command, part: &str) {
        let before = self.installed();
        let ran = command.output().expect("sh can be run");
        assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(stderr.contains(part), "{part:?} is not in\n{stderr}");
        assert_eq!(self.installed(), before);
    }

    /// The files in the root, and what is in them.
    pub(super) fn installed(&self) -> BTreeSet<(String, Vec<u8>)> {
        let mut files = BTreeSet::new();
        collect(&self.path("root"), &self.path("root"), &mut files);
        files
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.installed().into_iter().map(|(name, _)| name).collect()
    }

    /// A `PATH` with what every system has, and this tool.
    pub(super) fn only(&self, tool: &str) -> Option<OsString> {
        let folder = self.path("bin");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("there is room for a folder");
        let basics =
            "sh tar gzip sha256sum cut uname mktemp mkdir cp mv rm chmod basename dirname head sed";
        for name in basics.split(' ').chain([tool]) {
            let places = std::env::var_os("PATH")?;
            let found = std::env::split_paths(&places).map(|place| place.join(name));
            let program = found.into_iter().find(|path| path.is_file())?;
            let _ = symlink(program, folder.join(name));
        }
        Some(folder.into_os_string())
    }
}

/// Another process writes it: a fork of a test beside this one could hold it open, and what is open to
/// be written can't be run.
pub(super) fn write_program(path: &Path, text: &str) {
    let mut sh = Command::new("sh");
    sh.args(["-c", "printf %s \"$1\" >\"$0\" && chmod 755 \"$0\""]).arg(path).arg(text);
    succeeds(&mut sh);
}

pub(super) fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[&*ran.stdout, &*ran.stderr].concat()).into_owned()
}

#[track_caller]
pub(super) fn succeeds(command: &mut Command) -> String {
    let ran = command.output().expect("the command can be run");
    assert!(ran.status.success(), "{}", said(&ran));
    said(&ran)
}

pub(super) fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<(String, Vec<u8>)>) {
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
