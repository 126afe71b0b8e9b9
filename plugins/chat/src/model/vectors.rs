//! The answer to a request for embeddings. It is checked, as one vector in the place of another would
//! have a follower answered what they never asked.

use serde::Deserialize;
use serde_json::Value;
use wxbot_sdk::embeddings::Vector;

use super::failure::Failure;

/// What has more is no vector of a model: those of today have 8,192 at most.
const MOST_DIMENSIONS: usize = 16_384;

/// Vectors, and what they cost.
pub(crate) struct Vectors {
    /// In the order of their texts.
    pub(crate) all: Vec<Vector>,
    /// As far as the API tells.
    pub(crate) tokens: u64,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
    /// Whatever is wrong with it, the vectors may be right.
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Item {
    /// Some leave it out.
    index: Option<usize>,
    embedding: Vec<f32>,
}

/// So many vectors, of so many dimensions if that is given.
pub(crate) fn read(
    body: &[u8],
    count: usize,
    dimensions: Option<usize>,
) -> Result<Vectors, Failure> {
    let Ok(Answer { mut data, usage }) = serde_json::from_slice(body) else {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let is_error = body.get("error").is_some_and(|error| !error.is_null());
        return Err(match is_error {
            true => Failure::of_error(&body),
            false => Failure::NoVectors("it is no list of them".into()),
        });
    };
    let wrong = |what: String| Err(Failure::NoVectors(what));
    if data.len() != count {
        return Err(Failure::Miscounted { came: data.len(), asked: count });
    }
    data.sort_by_key(|item| item.index);
    let is_in_place = |(place, item): (usize, &Item)| item.index.is_none_or(|index| index == place);
    if !data.iter().enumerate().all(is_in_place) {
        return wrong("their `index` is wrong".into());
    }
    let expected = dimensions.or_else(|| Some(data.first()?.embedding.len()));
    let odd = data.iter().map(|item| item.embedding.len()).find(|length| Some(*length) != expected);
    if let (Some(odd), Some(expected)) = (odd, expected) {
        return wrong(format!("one has {odd} dimensions instead of {expected}"));
    }
    if let Some(many) = expected.filter(|many| *many > MOST_DIMENSIONS) {
        return wrong(format!("they have {many} dimensions, more than {MOST_DIMENSIONS}"));
    }
    let all: Option<_> = data.into_iter().map(|item| unit(item.embedding)).collect();
    let tokens = usage.and_then(|usage| usage.get("total_tokens")?.as_u64()).unwrap_or(0);
    match all {
        Some(all) => Ok(Vectors { all, tokens }),
        None => wrong("one has no direction".into()),
    }
}

/// The same direction with length 1; `None` where there is no direction.
fn unit(mut vector: Vec<f32>) -> Option<Vector> {
    let square: f64 = vector.iter().map(|value| f64::from(*value).powi(2)).sum();
    let length = square.sqrt();
    if !length.is_finite() || length == 0.0 {
        return None;
    }
    vector.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
    Some(vector.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, dimensions: Option<usize>, expected: Result<&[[f32; 2]], &str>) {
        let read = read(body.as_bytes(), 2, dimensions);
        let read =
            read.map(|vectors| vectors.all.iter().map(|one| one.to_vec()).collect::<Vec<_>>());
        let read = read.map_err(|failure| failure.to_string());
        let expected = expected.map(|all| all.iter().map(|one| one.to_vec()).collect());
        let wrong = |what: &str| format!("{what} (embeddings); is `base_url` right?");
        assert_eq!(read, expected.map_err(wrong), "{body}");
    }

    #[test]
    fn vectors_are_put_in_order_and_get_the_length_of_1() {
        let two: [[f32; 2]; 2] = [[0.6, 0.8], [1.0, 0.0]];
        let two = Ok(&two[..]);
        check(r#"{"data":[{"embedding":[3,4]},{"embedding":[1e-20,0]}]}"#, None, two);
        let body =
            r#"{"data":[{"index":1,"embedding":[9,0]},{"index":0,"embedding":[3,4],"x":1}]}"#;
        check(body, Some(2), two);
    }

    #[test]
    fn what_they_cost_is_as_far_as_the_api_tells() {
        for (usage, tokens) in [
            (r#"{"total_tokens":7}"#, 7),
            (r#"{"total_tokens":null}"#, 0),
            (r#"{"total_tokens":-1}"#, 0),
            (r#"{"total_tokens":"7"}"#, 0),
            ("{}", 0),
            ("null", 0),
            ("[]", 0),
        ] {
            let body = format!(r#"{{"data":[{{"embedding":[1]}}],"usage":{usage}}}"#);
            let read = read(body.as_bytes(), 1, None).map(|vectors| vectors.tokens);
            assert_eq!(read, Ok(tokens), "{usage}");
        }
    }

    #[test]
    fn dimensions_have_a_bound() {
        let body = |many: usize| format!(r#"{{"data":[{{"embedding":{:?}}}]}}"#, vec![1; many]);
        assert!(read(body(MOST_DIMENSIONS).as_bytes(), 1, None).is_ok());
        assert!(read(body(MOST_DIMENSIONS + 1).as_bytes(), 1, None).is_err());
    }

    #[test]
    fn what_are_no_vectors_is_refused() {
        let item = |embedding: &str| format!(r#"{{"embedding":{embedding}}}"#);
        let both =
            |embedding: &str| format!(r#"{{"data":[{{"embedding":[1,2]}},{}]}}"#, item(embedding));
        let no_list = Err("it is no list of them");
        for odd in ["[NaN,1]", "[null,1]", "[1e999,1]", "\"AACAPwAAAEA=\"", "{}", "[\"1\",2]"] {
            check(&both(odd), None, no_list);
        }
        for body in ["", "hello", "{}", r#"{"data":null}"#, "[]"] {
            check(body, None, no_list);
        }
        for odd in ["[0,0]", "[1e39,1]"] {
            check(&both(odd), None, Err("one has no direction"));
        }
        check(&both("[1]"), None, Err("one has 1 dimensions instead of 2"));
        check(&both("[1,2]"), Some(3), Err("one has 2 dimensions instead of 3"));
        check(r#"{"data":[]}"#, None, Err("0 came for 2 texts"));
        check(r#"{"data":[{"embedding":[1]}]}"#, None, Err("1 came for 2 texts"));
        for index in ["0", "2"] {
            let item = |index: &str| format!(r#"{{"index":{index},"embedding":[1,2]}}"#);
            let body = format!(r#"{{"data":[{},{}]}}"#, item("0"), item(index));
            check(&body, None, Err("their `index` is wrong"));
        }
    }
}
