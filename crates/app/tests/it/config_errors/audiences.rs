//! Audiences, and conditions in conditions: what is wrong with them is said at its place.

use super::{check_beside_account, wxbot};

const STAFF: &str = "[audience.staff]\nopenid = ['oSTAFF']\n"; // lines 3 and 4

#[test]
fn an_audience_that_is_not_there_is_shown_where_it_is_named() {
    let entry = |when: &str| format!("{STAFF}[[chain]]\nplugin = 'echo'\nwhen = {{ {when} }}\n");
    let table: &[(&str, &[&str])] = &[
        (
            "audience = 'stuff'",
            &[
                "7:21: there is no `[audience.stuff]`; did you mean `staff`?",
                "7 | when = { audience = 'stuff' }\n",
                "|                     ^^^^^^^\n",
            ],
        ),
        (
            "audience = ['staff', 'customers']",
            &["7:31: ", "`[audience.customers]` (there are: staff)"],
        ),
        ("not = { audience = 'stuff' }", &["7:29: ", "did you mean `staff`?", "^^^^^^^\n"]),
        ("any = [{ key = 'K' }, { audience = 'stuff' }]", &["7:45: ", "did you mean `staff`?"]),
        ("not = {}", &["7:8: ", "`not` has no conditions"]),
        ("any = []", &["7:8: ", "`any` has no conditions"]),
        ("not = { kin = 'text' }", &["7:18: ", "did you mean `kind`?"]),
    ];
    for (when, parts) in table {
        check_beside_account(when, &entry(when), parts);
    }
    let none = "[[chain]]\nplugin = 'echo'\nwhen = { audience = 'staff' }\n";
    check_beside_account("no audience", none, &["5:21: ", "write one, with `openid = [\"…\"]`"]);
}

#[test]
fn an_audience_has_openids() {
    let table: &[(&str, &[&str])] = &[
        ("[audience]\nstaff = 'oSTAFF'\n", &["4:9: ", "write `[audience.staff]`"]),
        ("[audience.staff]\nopenid = 'o1'\nopenids = 'o2'\n", &["5:1: ", "mean `openid`?"]),
        ("[audience.staff]\nopenid = []\n", &["4:10: ", "an empty list never matches"]),
        ("[audience.staff]\ntag = []\n", &["4:7: ", "an empty list never matches"]),
        ("[audience.staff]\n", &["3:1: ", "an audience needs `openid` or `tag`"]),
    ];
    for (config, parts) in table {
        check_beside_account(config, config, parts);
    }
    let used = "[audience.staff]\nopenid = ['oSECRET', 1]\n[[chain]]\nplugin = 'echo'\n\
                when = { audience = 'staff' }\n";
    check_beside_account("one error, not two", used, &["4:22: "]);
    let ran = wxbot(&format!("[[account]]\ntoken = 'token123'\n{used}")).run(&["check"]).exits(2);
    assert!(!ran.stderr.contains("oSECRET"), "{}", ran.stderr);
}

#[test]
fn a_refusal_is_for_somebody_and_about_something() {
    let entry = |keys: &str| format!("{STAFF}[[chain]]\nplugin = 'echo'\n{keys}\n");
    let table: &[(&str, &[&str])] = &[
        ("refusal = '仅限员工'", &["7:11: ", "not of the `audience` in `when`"]),
        (
            "refusal = '仅限员工'\nwhen = { audience = 'staff', kind = 'text' }",
            &["7:11: ", "say in `when` which texts, events or keys are meant"],
        ),
    ];
    for (keys, parts) in table {
        check_beside_account(keys, &entry(keys), parts);
    }
}
