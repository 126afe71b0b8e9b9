//! A script as the bytes that leave, one after the other.

use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::script::{End, Piece, Script, ScriptedCall};

/// The body of an answer, as it comes.
pub type Body = BoxStream<'static, io::Result<Bytes>>;

/// What is done next.
enum Step {
    Wait(Duration),
    Send(String),
    Cut,
    Stall,
}

/// The body of the answer.
pub(crate) fn body(script: Script) -> Body {
    let steps = if script.is_stream { streamed(&script) } else { whole(&script) };
    unfold(VecDeque::from(steps), next).boxed()
}

async fn next(mut steps: VecDeque<Step>) -> Option<(io::Result<Bytes>, VecDeque<Step>)> {
    loop {
        match steps.pop_front()? {
            Step::Wait(time) => sleep(time).await,
            Step::Send(text) => return Some((Ok(text.into()), steps)),
            Step::Stall => pending().await,
            Step::Cut => {
                let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                return Some((Err(broken), VecDeque::new()));
            }
        }
    }
}

fn streamed(script: &Script) -> Vec<Step> {
    let count = u32::try_from(script.pieces.len()).unwrap_or(u32::MAX).max(1);
    let mut steps = vec![event(&choice(json!({ "role": "assistant", "content": "" }), None))];
    for piece in &script.pieces {
        steps.extend(waits(script.over / count, script.keep_alive));
        match piece {
            Piece::Text(text) => steps.push(event(&choice(json!({ "content": text }), None))),
            Piece::Reasoning(text) => {
                steps.push(event(&choice(json!({ "reasoning_content": text }), None)));
            }
            Piece::Chunk(chunk) => steps.push(event(chunk)),
            Piece::Call(call) => steps.extend(streamed_call(call, script.without_index)),
        }
    }
    if script.pieces.is_empty() {
        steps.extend(waits(script.over, script.keep_alive));
    }
    match script.end {
        End::Cut => steps.push(Step::Cut),
        End::Stall => steps.push(Step::Stall),
        End::Done => steps.extend(ending(script)),
    }
    steps
}

/// Its head first, then its arguments in pieces.
fn streamed_call(call: &ScriptedCall, without_index: bool) -> Vec<Step> {
    let characters: Vec<char> = call.arguments.chars().collect();
    let pieces = characters.chunks(5).map(|few| {
        json!({ "index": call.index, "function": { "arguments": few.iter().collect::<String>() } })
    });
    let mut head = whole_call(call);
    head["function"]["arguments"] = "".into();
    let step = |mut delta: Value| {
        if without_index {
            delta.as_object_mut().map(|delta| delta.remove("index"));
        }
        event(&choice(json!({ "tool_calls": [delta] }), None))
    };
    [head].into_iter().chain(pieces).map(step).collect()
}

fn whole_call(call: &ScriptedCall) -> Value {
    json!({
        "index": call.index,
        "id": format!("call-{}", call.index),
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    })
}

/// Comments in between, as long as that takes.
fn waits(mut time: Duration, keep_alive: Option<Duration>) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(every) = keep_alive.filter(|every| !every.is_zero() && *every < time) {
        steps.extend([Step::Wait(every), Step::Send(": keep-alive\n\n".into())]);
        time -= every;
    }
    steps.push(Step::Wait(time));
    steps
}

fn ending(script: &Script) -> Vec<Step> {
    let mut last = choice(json!({}), script.finish.as_deref());
    let mut steps = Vec::new();
    match usage(script) {
        Some(usage) if script.usage_in_choices => {
            last["choices"][0]["usage"] = usage;
            steps.push(event(&last));
        }
        Some(usage) => {
            let alone = json!({ "object": "chat.completion.chunk", "choices": [], "usage": usage });
            steps.extend([event(&last), event(&alone)]);
        }
        None => steps.push(event(&last)),
    }
    steps.push(Step::Send("data: [DONE]\n\n".into()));
    steps
}

fn whole(script: &Script) -> Vec<Step> {
    let body = script.raw.clone().unwrap_or_else(|| completion(script).to_string());
    let half = body.floor_char_boundary(body.len() / 2);
    let mut steps = vec![Step::Wait(script.over)];
    match script.end {
        End::Done => steps.push(Step::Send(body)),
        End::Cut => steps.extend([Step::Send(body[..half].to_owned()), Step::Cut]),
        End::Stall => steps.extend([Step::Send(body[..half].to_owned()), Step::Stall]),
    }
    steps
}

fn completion(script: &Script) -> Value {
    let (mut text, mut reasoning, mut calls) = (String::new(), String::new(), Vec::new());
    for piece in &script.pieces {
        match piece {
            Piece::Text(piece) => text.push_str(piece),
            Piece::Reasoning(piece) => reasoning.push_str(piece),
            Piece::Chunk(_) => {}
            Piece::Call(call) => calls.push(whole_call(call)),
        }
    }
    let mut message = json!({ "role": "assistant", "content": text });
    if !reasoning.is_empty() {
        message["reasoning_content"] = reasoning.into();
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    json!({
        "object": "chat.completion",
        "choices": [{ "index": 0, "message": message, "finish_reason": script.finish }],
        "usage": usage(script),
    })
}

fn usage(script: &Script) -> Option<Value> {
    let (prompt, completion) = script.usage?;
    let total = prompt + completion;
    Some(json!({
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total,
    }))
}

fn choice(delta: Value, finish: Option<&str>) -> Value {
    json!({
        "object": "chat.completion.chunk",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    })
}

fn event(chunk: &Value) -> Step {
    Step::Send(format!("data: {chunk}\n\n"))
}
