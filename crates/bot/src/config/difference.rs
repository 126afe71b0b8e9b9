//! What one configuration says otherwise than another.

use super::data::Config;
use super::table::Table;

/// What differs, named as the file names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The sections: `server`, `console`, `store`, `limits`, `late`, `audience`.
    pub sections: Vec<&'static str>,
    /// Every `[[account]]`, by its id.
    pub accounts: Changes,
    /// Every `[[chain]]`, by its id.
    pub chain: Changes,
}

/// What became of the tables of a list, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Only the new list has them.
    pub added: Vec<String>,
    /// Only the old list has them.
    pub removed: Vec<String>,
    /// Both have them, and they say something else.
    pub changed: Vec<String>,
    /// Whether those that both lists have stand in another order.
    pub reordered: bool,
}

impl Differences {
    /// What `new` says otherwise than `old`.
    pub fn between(old: &Config, new: &Config) -> Self {
        let sections = [
            ("server", old.server == new.server),
            ("console", old.console == new.console),
            ("store", old.store == new.store),
            ("limits", old.limits == new.limits),
            ("late", old.late == new.late),
            ("audience", old.audiences == new.audiences),
        ];
        let differ = sections.into_iter().filter(|(_, same)| !same);
        Self {
            sections: differ.map(|(name, _)| name).collect(),
            accounts: Changes::between(&old.accounts, &new.accounts, |account| &account.id),
            chain: Changes::between(&old.chain, &new.chain, |link| &link.id),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Changes {
    fn between<T>(old: &[Table<T>], new: &[Table<T>], id: impl Fn(&T) -> &str) -> Self {
        let find =
            |list: &'_ [Table<T>], wanted: &str| list.iter().position(|table| id(table) == wanted);
        let (mut changes, mut stayed) = (Self::default(), Vec::new());
        for table in new {
            let name = id(table).to_owned();
            match find(old, &name) {
                None => changes.added.push(name),
                Some(place) => {
                    stayed.push(place);
                    if old[place] != *table {
                        changes.changed.push(name);
                    }
                }
            }
        }
        let gone = old.iter().map(|table| id(table)).filter(|id| find(new, id).is_none());
        changes.removed = gone.map(str::to_owned).collect();
        changes.reordered = !stayed.is_sorted();
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    const FILE: &str = "[server]\nlisten = '127.0.0.1:80'\n[late]\nwindow = '${WINDOW}'\n\
                        [[account]]\nid = 'a'\ntoken = 'token123'\n\
                        [[account]]\nid = 'b'\npath = '/b'\ntoken = 'token456'\n\
                        [[chain]]\nplugin = 'shop'\nconfig = { key = 's3cret', list = [1, 'x'] }\n\
                        [[chain]]\nplugin = 'echo'\nwhen = { kind = 'text' }\n";

    fn read(text: &str, window: &str) -> Config {
        let source = Source { name: "bot.toml".into(), text: text.to_owned() };
        let config = source.read(|name| (name == "WINDOW").then(|| window.to_owned()));
        config.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What differs when this is written instead of that.
    #[track_caller]
    fn check(that: &str, this: &str, expected: Differences) {
        assert!(FILE.contains(that), "{that}");
        let (old, new) = (read(FILE, "4s"), read(&FILE.replacen(that, this, 1), "4s"));
        let differences = Differences::between(&old, &new);
        assert_eq!(differences, expected, "{that} -> {this}");
        assert_eq!(old == new, expected.is_empty(), "{that} -> {this}");
    }

    fn changed(id: &str) -> Changes {
        Changes { changed: vec![id.into()], ..Changes::default() }
    }

    #[test]
    fn words_around_the_values_are_no_difference() {
        let none = Differences::default;
        check("[server]", "# moved\n[server] # here", none());
        check("'127.0.0.1:80'", "\"127.0.0.1:80\"", none());
        check("id = 'a'\ntoken = 'token123'", "token = 'token123'\nid = 'a'", none());
        check(
            "config = { key = 's3cret', list = [1, 'x'] }",
            "config.list = [ 1, \"x\" ]\nconfig.key = 's3cret'",
            none(),
        );
        assert_eq!(read(FILE, "4s"), read(&FILE.replace("${WINDOW}", "4s"), "?"));
    }

    #[test]
    fn sections_are_named() {
        let sections = |names: &[&'static str]| Differences {
            sections: names.to_vec(),
            ..Differences::default()
        };
        check("127.0.0.1:80", "127.0.0.1:81", sections(&["server"]));
        check("[late]", "[limits]\nwaiting = 3\n[late]", sections(&["limits"]));
        check("[late]", "[store]\nurl = 'file:x'\n[console]\n[late]", sections(&["store"]));
        check("[late]", "[console]\ntoken = 's3cret'\n[late]", sections(&["console"]));
        let (old, new) = (read(FILE, "4s"), read(FILE, "3s"));
        assert_eq!(Differences::between(&old, &new), sections(&["late"]));
    }

    #[test]
    fn accounts_and_links_are_named_by_their_ids() {
        let accounts = |accounts| Differences { accounts, ..Differences::default() };
        let chain = |chain| Differences { chain, ..Differences::default() };
        check("token456", "token457", accounts(changed("b")));
        check(
            "token = 'token123'",
            "token = 'token123'\nlate = { window = '1s' }",
            accounts(changed("a")),
        );
        check(
            "id = 'b'",
            "id = 'c'",
            accounts(Changes {
                added: vec!["c".into()],
                removed: vec!["b".into()],
                ..Changes::default()
            }),
        );
        check("s3cret", "s3cret2", chain(changed("shop")));
        check("[1, 'x']", "[1, 'x', 2]", chain(changed("shop")));
        check("kind = 'text'", "kind = 'image'", chain(changed("echo")));
        check("plugin = 'echo'", "plugin = 'echo'\nenabled = false", chain(changed("echo")));
        check(
            "[[chain]]\nplugin = 'shop'",
            "[[chain]]\nid = 'first'\nplugin = 'welcome'\n[[chain]]\nplugin = 'shop'",
            chain(Changes { added: vec!["first".into()], ..Changes::default() }),
        );
    }

    #[test]
    fn another_order_is_a_difference() {
        let links = &FILE[FILE.find("[[chain]]").unwrap()..];
        let (shop, echo) = links.split_at(links.rfind("[[chain]]").unwrap());
        let reordered = Changes { reordered: true, ..Changes::default() };
        check(
            links,
            &format!("{echo}{shop}"),
            Differences { chain: reordered, ..Differences::default() },
        );
    }

    #[test]
    fn a_configuration_does_not_print_its_secrets() {
        let printed = format!("{:?}", read(FILE, "4s"));
        for secret in ["token123", "token456", "s3cret"] {
            assert!(!printed.contains(secret), "{secret} is in {printed}");
        }
    }
}
