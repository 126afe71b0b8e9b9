//! The names that templates may use, and what is said of others. Unlike everywhere else nothing is
//! quoted in backticks, as what stands there is hidden where it is a part of a setting.

use super::variables::{Attributes, NO_MORE, Variable};
use crate::settings::nearest;

/// `Err` says what is not known, what is, and what was probably meant.
pub(super) type Checked = Result<(), String>;

/// What can stand behind a `|`.
pub(super) const FILTERS: &[&str] = &[
    "abs",
    "bool",
    "capitalize",
    "count",
    "date",
    "default",
    "escape",
    "first",
    "float",
    "format",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "max",
    "min",
    "replace",
    "reverse",
    "round",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "urlencode",
];
/// What can stand behind `is`.
pub(super) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "even",
    "false",
    "float",
    "in",
    "integer",
    "iterable",
    "lower",
    "mapping",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Of a variable that there is not.
pub(super) fn unknown_variable(
    known: &[Variable],
    (name, attribute): (&str, &str),
    written: &str,
) -> String {
    let names = || known.iter().map(|variable| variable.name);
    let list = names().collect::<Vec<_>>().join(", ");
    let meant = known.iter().find(|variable| Some(variable.name) == nearest(name, names()));
    let meant = meant.map(|near| match nearest(attribute, attributes(near).iter().copied()) {
        Some(attribute) => format!("{}.{attribute}", near.name),
        None => near.name.to_owned(),
    });
    let meant = did_you_mean(meant.as_deref());
    format!("{{{{ {written} }}}}: there is no variable {name} here; there are {list}{meant}")
}

fn attributes(variable: &Variable) -> &'static [&'static str] {
    match variable.attributes {
        Attributes::These(names) => names,
        Attributes::None | Attributes::Any => &[],
    }
}

/// Of an attribute that a variable has not.
pub(super) fn check_attribute(variable: &Variable, attribute: &str, written: &str) -> Checked {
    let name = variable.name;
    let problem = match variable.attributes {
        _ if attribute.is_empty() => return Ok(()),
        Attributes::Any => return Ok(()),
        Attributes::These(known) if known.contains(&attribute) => return Ok(()),
        Attributes::These(known) if name == "follower" && NO_MORE.contains(&attribute) => {
            let known = known.join(", ");
            format!("WeChat tells nobody a follower's {attribute} any more; follower has {known}")
        }
        Attributes::These(known) => {
            let meant = nearest(attribute, known.iter().copied());
            let meant = did_you_mean(meant.map(|near| format!("{name}.{near}")).as_deref());
            format!("{name} has no {attribute}; it has {}{meant}", known.join(", "))
        }
        Attributes::None => format!("{name} is a text or a number, and has no {attribute}"),
    };
    Err(format!("{{{{ {written} }}}}: {problem}"))
}

/// Of a filter, a test, a function or a method.
pub(super) fn one_of(known: &[&str], what: &str, name: &str, written: &str) -> Checked {
    if known.contains(&name) {
        return Ok(());
    }
    let (list, meant) = (known.join(", "), nearest(name, known.iter().copied()));
    let meant = did_you_mean(meant);
    Err(format!("{{{{ {written} }}}}: there is no {what} {name}; there are {list}{meant}"))
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map_or(String::new(), |meant| format!("; did you mean {meant}?"))
}
