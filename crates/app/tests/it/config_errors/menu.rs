//! What WeChat refuses of a menu is said before it is asked, each at its place.

use super::{ACCOUNT, check, wxbot};

/// A menu of these lines, which begin on line 3; one error alone, with these parts.
#[track_caller]
fn wrong(reason: &str, menu: &str, parts: &[&str]) {
    check(reason, &format!("{ACCOUNT}{menu}"), parts);
}

fn button(settings: &str) -> String {
    format!("[[account.menu.button]]\nname = 'A'\n{settings}\n")
}

#[test]
fn a_button_has_what_its_type_takes_and_nothing_else() {
    let long = |key: &str, count: usize| format!("type = 'click'\n{key} = '{}'", "k".repeat(count));
    let rows = [
        ("", "3:1: a button needs a `type`, or a `sub_button`"),
        ("type = 'clik'", "`clik` is no type of button"),
        ("type = 'clik'", "did you mean `click`?"),
        ("type = 'click'", "5:8: a `click` button needs `key`"),
        ("type = 'click'\nkey = ''", "6:7: `key` is empty"),
        (&long("key", 129), "6:7: `key` has 129 bytes; WeChat takes 128"),
        (
            "type = 'click'\nkey = 'K'\nurl = 'https://a.example'",
            "7:7: a `click` button has no `url`",
        ),
        ("type = 'view'\nurl = 'www.example.com'", "6:7: `url` is no URL like"),
        (
            "type = 'miniprogram'\nurl = 'https://a.example'\nappid = 'wx0123456789abcdef'",
            "needs `pagepath`",
        ),
        ("type = 'media_id'\nkey = 'K'\nmedia_id = 'M'", "a `media_id` button has no `key`"),
        ("type = 'view'\nurl = 'https://a.example'\nkye = 'K'", "unknown field `kye`"),
    ];
    for (settings, part) in rows {
        wrong(settings, &button(settings), &[part, "^"]);
    }
}

#[test]
fn names_and_counts_have_limits() {
    let click = "type = 'click'\nkey = 'K'\n";
    let named = |name: &str| format!("[[account.menu.button]]\nname = '{name}'\n{click}");
    wrong("17 bytes", &named("一二三四五ab"), &["4:8: `name` has 17 bytes; here WeChat takes 16"]);
    wrong("no name", &named(" "), &["4:8: a button needs a `name`"]);
    wrong("four", &button(click).repeat(4), &["a menu has 1 to 3 buttons, not 4"]);
    wrong("none", "[account.menu]\nbutton = []\n", &["4:10: a menu has 1 to 3 buttons, not 0"]);
    let below = "{ name = 'B', type = 'click', key = 'K' },";
    let with = |below: String| button(&format!("sub_button = [{below}]"));
    wrong("six below", &with(below.repeat(6)), &["5:14: `sub_button` has 1 to 5 buttons, not 6"]);
    wrong("none below", &with(String::new()), &["`sub_button` has 1 to 5 buttons, not 0"]);
    let deeper = format!("{{ name = 'B', sub_button = [{below}] }}");
    wrong("deeper", &with(deeper), &["5:42: a button below another has none below it"]);
    let both = button(&format!("type = 'click'\nsub_button = [{below}]"));
    wrong("a type and buttons", &both, &["5:8: a button with `sub_button` has no `type`"]);

    let good = format!("{ACCOUNT}{}", with(below.repeat(5)));
    wxbot(&good).run(&["check"]).exits(0);
    let long = format!("{ACCOUNT}{}", named("一二三四五"));
    wxbot(&long).run(&["check"]).exits(0).says(&["phones show 4 Chinese characters"]);
}

#[test]
fn a_conditional_menu_has_a_rule_and_three_domains() {
    let click = button("type = 'click'\nkey = 'K'");
    let conditional = |rule: &str, buttons: &str| {
        format!(
            "{click}[[account.menu.conditional]]\nmatchrule = {{ {rule} }}\nbutton = [{buttons}]\n"
        )
    };
    let below = "{ name = 'B', type = 'click', key = 'K' }";
    let rows = [
        ("", "needs a `tag_id` or a `client_platform_type`"),
        ("sex = '1'", "unknown field `sex`"),
        ("client_platform_type = '4'", "is \"1\" (iOS), \"2\" (Android) or \"3\" (other)"),
        ("tag_id = 'vip'", "`tag_id` is the number of a tag"),
    ];
    for (rule, part) in rows {
        wrong(rule, &conditional(rule, below), &[part]);
    }
    let view =
        |host: &str| format!("{{ name = 'B', type = 'view', url = 'https://{host}.example/' }},");
    let four = ["a", "b", "c", "d"].map(view).concat();
    let four = format!("{{ name = 'C', sub_button = [{four}] }}");
    wrong("four domains", &conditional("tag_id = '2'", &four), &["this is the fourth"]);
    let three = ["a", "b", "c", "c"].map(view).concat();
    let three = format!("{{ name = 'C', sub_button = [{three}] }}");
    let good = format!("{ACCOUNT}{}", conditional("tag_id = '2'", &three));
    wxbot(&good).run(&["check"]).exits(0);
}
