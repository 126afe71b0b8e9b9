//! The archive is the same whoever packs it, and is installed whole, or not at all.

mod ground;
mod server;

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use wxbot_tests::markdown::in_repository;

use self::ground::{Ground, PROGRAM, archive, collect, said, succeeds, write_program};
use self::server::serve;

/// Of another machine.
const FOREIGN: &str = "#!/not/there\n";

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

/// What has its place in the repository alone.
const REPOSITORY: [&str; 5] =
    ["ARCHITECTURE.md", "Dockerfile", "dist", "compose.yaml", "compose.cluster.yaml"];

#[test]
fn the_links_of_what_is_unpacked_lead_to_files() {
    let ground = Ground::new();
    let folder = ground.unpack();
    let mut files = BTreeSet::new();
    collect(&folder, &folder, &mut files);
    let pages =
        files.iter().filter(|(name, _)| name.ends_with(".md") && !name.contains("examples/"));
    let mut followed = 0;
    for (name, text) in pages.filter(|(name, _)| name != "CHANGELOG.md") {
        let text = String::from_utf8_lossy(text);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.contains("://") && !link.is_empty()) {
            let target = folder.join(name).with_file_name(link);
            let is_elsewhere = REPOSITORY.iter().any(|file| link.ends_with(file));
            assert!(target.exists() || is_elsewhere, "{name}: {link}");
            followed += 1;
        }
    }
    assert!(followed > 100, "{followed}");
}

#[test]
fn what_is_unpacked_is_installed_again_and_removed() {
    let ground = Ground::new();
    let installer = ground.unpack().join("install.sh");
    let install = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(&installer).args(arguments).env("DESTDIR", ground.path("root"));
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
    let unpacked = ground.unpack();
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
