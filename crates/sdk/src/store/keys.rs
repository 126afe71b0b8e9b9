//! What is in a store, all of it: the names of queues and keys.
//!
//! Every value is a [`Record`](super::record::Record) unless the table says otherwise. TTLs are
//! those of whoever writes.
//!
//! | What | Queue or key | Record | TTL |
//! | --- | --- | --- | --- |
//! | late answers and promises of them | queue [`OUTBOX`] | outbox item | until given |
//! | late answers that could not be given | queue [`DEAD_LETTERS`] | outbox item | days |
//! | late answers that wait for a follower's next message, to list them | queue [`WAITING`] | outbox item | until given or over |
//! | answers that wait for a follower's next message | `next-message/` account, openid | list of answers | until the last is over |
//! | what an entry of the chain is to do at a time | queue `jobs/` link | job | until done |
//! | what it tried too often | queue `dead-jobs/` link | job | days |
//! | who works on a message, what was answered | `message/` key of the message | message | minutes |
//! | heartbeat of an instance | `instance/` instance | none: it is there | seconds |
//! | a follower's messages, one at a time over all instances | `turn/` account, openid | turn | minutes |
//! | customer-service messages a follower may still be sent | `quota/` account, openid | quota | 48 h at most |
//! | a notification that was sent, until its outcome comes | `notification/` account, openid, its id or template | notification | an hour |
//! | a draft that was published, until its outcome comes | `publication/` account, publish id | publication | a week |
//! | that WeChat lets an account send no customer-service messages | `access/` account | access | a day |
//! | access token and JS-SDK ticket, their leases and pauses | `token/` app id, name | token, lease, pause … | hours |
//! | messages and signed queries that were seen | `replay/` number | seen | as long as a timestamp is taken |
//! | what those messages were answered | `replay/` number`.answers` | answers | as long as answers are remembered |
//! | the number of the next of these records | `replay/head` | replay head | a day |
//! | questions to a follower that are open, and what was said last | `dialog/` account, openid | dialogs | as asked, an hour at least |
//! | the answer that a handler in another program posts later | `callback/` id of message and link | callback | as long as it is waited for, minutes when it is there |
//! | when a link may answer again | `cooldown/` link, account, openid (empty for everybody) | cooldown | as configured |
//! | what a plugin keeps | `plugin/` link, plugin's key | plugin value | as asked |
//! | what a plugin remembers of a follower | `session/` link, account, openid, nothing | session | as asked |
//! | what else it keeps about a follower | `session/` link, account, openid, plugin's key | plugin value | as asked |
//!
//! Each part but the last is written with its length in bytes before it, `turn/4:main/oABC1`, so
//! that no part reaches into another. What begins with [`TOKEN`] is a secret and is left out of
//! exports.

/// The queue of late answers.
pub const OUTBOX: &str = "outbox";
/// The queue of late answers that wait for a follower's next message.
pub const WAITING: &str = "waiting";
/// The queue of late answers that could not be given.
pub const DEAD_LETTERS: &str = "dead-letters";
/// What keys begin with under which dialogs are.
pub const DIALOG: &str = "dialog/";
/// What keys begin with under which sessions are.
pub const SESSION: &str = "session/";
/// What keys begin with under which access tokens are.
pub const TOKEN: &str = "token/";

/// Answers that wait for a follower's next message.
pub fn next_message(account: &str, openid: &str) -> String {
    key("next-message", &[account, openid])
}

/// Who works on a message, and what was answered.
pub fn message(message: &str) -> String {
    key("message", &[message])
}

/// An instance of the bot that is alive.
pub fn instance(instance: &str) -> String {
    key("instance", &[instance])
}

/// Whose message of a follower is worked on.
pub fn turn(account: &str, openid: &str) -> String {
    key("turn", &[account, openid])
}

/// Customer-service messages a follower was sent.
pub fn quota(account: &str, openid: &str) -> String {
    key("quota", &[account, openid])
}

/// A notification that a follower was sent.
pub fn notification(account: &str, openid: &str, name: &str) -> String {
    key("notification", &[account, openid, name])
}

/// A draft that was published.
pub fn publication(account: &str, publish_id: u64) -> String {
    key("publication", &[account, &publish_id.to_string()])
}

/// Whether an account may send customer-service messages.
pub fn access(account: &str) -> String {
    key("access", &[account])
}

/// Something about the access token of an app id: the token, the lease to renew it …
pub fn token(app_id: &str, name: &str) -> String {
    key("token", &[app_id, name])
}

/// What was seen lately: a record by its number, or `head`.
pub fn replay(name: &str) -> String {
    key("replay", &[name])
}

/// Questions to a follower that are open.
pub fn dialog(account: &str, openid: &str) -> String {
    key("dialog", &[account, openid])
}

/// The queue of what an entry of the chain is to do at a time.
pub fn jobs(link: &str) -> String {
    key("jobs", &[link])
}

/// The queue of what it tried too often.
pub fn dead_jobs(link: &str) -> String {
    key("dead-jobs", &[link])
}

/// The answer of a handler in another program that is to come by itself.
pub fn callback(id: &str) -> String {
    key("callback", &[id])
}

/// When an entry of the chain may answer a follower again; for everybody, both are empty.
pub fn cooldown(link: &str, account: &str, openid: &str) -> String {
    key("cooldown", &[link, account, openid])
}

/// What an entry of the chain keeps, for all followers.
pub fn plugin(link: &str, name: &str) -> String {
    key("plugin", &[link, name])
}

/// What an entry of the chain keeps about a follower; the session itself has no name.
pub fn session(link: &str, account: &str, openid: &str, name: &str) -> String {
    key("session", &[link, account, openid, name])
}

/// The account and the openid in a key that [`dialog`] made.
pub fn follower_of_dialog(key: &str) -> Option<(&str, &str)> {
    part(key.strip_prefix(DIALOG)?)
}

/// The link, the account, the openid and the name in a key that [`session`] made.
pub fn parts_of_session(key: &str) -> Option<[&str; 4]> {
    let (link, rest) = part(key.strip_prefix(SESSION)?)?;
    let (account, rest) = part(rest)?;
    let (openid, name) = part(rest)?;
    Some([link, account, openid, name])
}

/// A part with its length, and what is behind it.
fn part(text: &str) -> Option<(&str, &str)> {
    let (length, rest) = text.split_once(':')?;
    let (part, rest) = rest.split_at_checked(length.parse().ok()?)?;
    Some((part, rest.strip_prefix('/')?))
}

/// All parts but the last with their lengths: how many there are goes with the prefix.
fn key(prefix: &str, parts: &[&str]) -> String {
    let mut key = format!("{prefix}/");
    let (last, parts) = parts.split_last().expect("a key has a part");
    for part in parts {
        key.push_str(&format!("{}:{part}/", part.len()));
    }
    key + last
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_written_as_the_table_says() {
        let keys = [
            (next_message("main", "oABC1"), "next-message/4:main/oABC1"),
            (message("9f86"), "message/9f86"),
            (instance("a1b2"), "instance/a1b2"),
            (turn("main", "oABC1"), "turn/4:main/oABC1"),
            (quota("main", "oABC1"), "quota/4:main/oABC1"),
            (notification("main", "oABC1", "37"), "notification/4:main/5:oABC1/37"),
            (publication("main", 37), "publication/4:main/37"),
            (access("main"), "access/main"),
            (token("wx1", "lease"), "token/3:wx1/lease"),
            (replay("17"), "replay/17"),
            (dialog("main", "oABC1"), "dialog/4:main/oABC1"),
            (callback("msg_9f86"), "callback/msg_9f86"),
            (jobs("shop"), "jobs/shop"),
            (dead_jobs("shop"), "dead-jobs/shop"),
            (cooldown("shop", "main", "oABC1"), "cooldown/4:shop/4:main/oABC1"),
            (plugin("shop", "count"), "plugin/4:shop/count"),
            (session("shop", "主", "oABC1", "cart"), "session/4:shop/3:主/5:oABC1/cart"),
        ];
        for (key, expected) in keys {
            assert_eq!(key, expected);
        }
        assert!(token("wx1", "token").starts_with(TOKEN));
    }

    #[test]
    fn the_parts_of_a_key_are_found_again() {
        for [link, account, openid, name] in
            [["shop", "主", "oABC1", ""], ["a/b", "1:a/", "/", "x/y:1"], ["", "", "", ""]]
        {
            let key = session(link, account, openid, name);
            assert_eq!(parts_of_session(&key), Some([link, account, openid, name]), "{key}");
            let key = dialog(account, openid);
            assert_eq!(follower_of_dialog(&key), Some((account, openid)), "{key}");
        }
        for odd in ["", "dialog/", "dialog/4:ma", "dialog/2:主", "dialog/x:main/o", "turn/1:a/o"] {
            assert_eq!(follower_of_dialog(odd), None, "{odd}");
        }
    }

    #[test]
    fn no_part_reaches_into_another() {
        let parts = ["", "/", "a", "a/", "/a", "1:a", "a/1:a", "1:a/", "0:/", "a/a"];
        let mut seen = HashSet::new();
        for link in parts {
            for account in parts {
                for openid in parts {
                    for name in parts {
                        assert!(seen.insert(session(link, account, openid, name)));
                    }
                }
            }
        }
    }
}
