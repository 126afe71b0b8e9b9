//! As much of JSON Schema as ours has; a keyword that is not known here is a failure.

use regex::Regex;
use serde_json::{Value, json};

/// Whether a value is as a schema says, whose references begin at `root`. Panics where it is no schema.
pub fn check(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    let Value::Object(rules) = schema else {
        return if *schema == json!(true) { Ok(()) } else { Err("nothing is allowed".into()) };
    };
    for (keyword, rule) in rules {
        let checker = Checker { value, schema, root };
        if !checker.holds(keyword, rule)? {
            return Err(format!("`{keyword}`: {rule} does not hold for {value}"));
        }
    }
    Ok(())
}

struct Checker<'s> {
    value: &'s Value,
    schema: &'s Value,
    root: &'s Value,
}

impl Checker<'_> {
    fn holds(&self, keyword: &str, rule: &Value) -> Result<bool, String> {
        let number = self.value.as_f64();
        match keyword {
            "$schema" | "$defs" | "description" | "title" | "format" | "default" | "examples" => {}
            "$ref" => {
                let pointer = text(rule).trim_start_matches('#');
                self.check(
                    self.value,
                    self.root.pointer(pointer).expect("references lead somewhere"),
                )?;
            }
            "allOf" => list(rule).iter().try_for_each(|one| self.check(self.value, one))?,
            "items" => {
                let mut items = self.value.as_array().into_iter().flatten();
                items.try_for_each(|item| self.check(item, rule))?;
            }
            "if" => {
                let branch = if self.check(self.value, rule).is_ok() { "then" } else { "else" };
                self.schema.get(branch).map_or(Ok(()), |one| self.check(self.value, one))?;
            }
            // With their `if`.
            "then" | "else" => {}
            "properties" => self.check_properties(rule)?,
            "additionalProperties" => self.check_others(rule)?,
            "type" => return Ok(self.is_of_type(rule)),
            "const" => return Ok(self.value == rule),
            "enum" => return Ok(list(rule).contains(self.value)),
            "not" => return Ok(self.check(self.value, rule).is_err()),
            "minimum" => return Ok(number.is_none_or(|value| value >= bound(rule))),
            "maximum" => return Ok(number.is_none_or(|value| value <= bound(rule))),
            "minItems" => return Ok(self.items().is_none_or(|items| items >= bound(rule))),
            "maxItems" => return Ok(self.items().is_none_or(|items| items <= bound(rule))),
            "minLength" => return Ok(self.length().is_none_or(|length| length >= bound(rule))),
            "maxLength" => return Ok(self.length().is_none_or(|length| length <= bound(rule))),
            "pattern" => {
                let pattern = Regex::new(text(rule)).expect("it is a regular expression");
                return Ok(self.value.as_str().is_none_or(|value| pattern.is_match(value)));
            }
            "required" => return Ok(list(rule).iter().all(|key| self.has(key))),
            "anyOf" => return Ok(self.count(rule) > 0),
            "oneOf" => return Ok(self.count(rule) == 1),
            unknown => panic!("the check does not know `{unknown}`"),
        }
        Ok(true)
    }

    fn check(&self, value: &Value, schema: &Value) -> Result<(), String> {
        check(value, schema, self.root)
    }

    /// How many of these it is as.
    fn count(&self, schemas: &Value) -> usize {
        list(schemas).iter().filter(|one| self.check(self.value, one).is_ok()).count()
    }

    fn items(&self) -> Option<f64> {
        Some(self.value.as_array()?.len() as f64)
    }

    fn length(&self) -> Option<f64> {
        Some(self.value.as_str()?.chars().count() as f64)
    }

    fn has(&self, key: &Value) -> bool {
        self.value.get(text(key)).is_some()
    }

    fn check_properties(&self, rules: &Value) -> Result<(), String> {
        rules.as_object().expect("`properties` is an object").iter().try_for_each(|(key, rule)| {
            match self.value.get(key) {
                Some(value) => self.check(value, rule),
                None => Ok(()),
            }
        })
    }

    /// Those that `properties` does not name.
    fn check_others(&self, rule: &Value) -> Result<(), String> {
        let members = self.value.as_object().into_iter().flatten();
        let mut others = members.filter(|(key, _)| self.schema["properties"].get(key).is_none());
        others.try_for_each(|(_, value)| self.check(value, rule))
    }

    fn is_of_type(&self, rule: &Value) -> bool {
        let value = self.value;
        let is = |name: &Value| match text(name) {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("the check does not know the type `{other}`"),
        };
        rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is))
    }
}

fn text(rule: &Value) -> &str {
    rule.as_str().expect("the keyword has a text")
}

fn bound(rule: &Value) -> f64 {
    rule.as_f64().expect("the keyword has a number")
}

fn list(rule: &Value) -> &Vec<Value> {
    rule.as_array().expect("the keyword has a list")
}
