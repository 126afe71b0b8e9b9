//! One answer, in as many steps as it takes: the model is asked, calls tools, and is asked again.

use wxbot_sdk::reply::Reply;

use crate::model::failure::Failure;
use crate::model::question::Question;
use crate::model::{Answer, Models};
use crate::tools::{Done, Toolbox};

/// What came of a question.
pub(crate) struct Outcome {
    pub(crate) ended: Result<Ended, Failure>,
    /// Of all steps.
    pub(crate) tokens: u64,
    /// What tools have for the follower, below the answer.
    pub(crate) attached: Vec<Reply>,
}

/// How it ended.
pub(crate) enum Ended {
    /// With what the model says.
    Answered(Answer),
    /// A tool hands the follower over to a human.
    Transferred(Reply),
}

/// Asks until the model answers, with so many rounds of calls at most: then it has to.
pub(crate) async fn take(
    models: &Models,
    mut question: Question,
    mut tools: Toolbox<'_>,
    most: u32,
) -> Outcome {
    let mut tokens = 0;
    let ended = rounds(models, &mut question, &mut tools, most, &mut tokens).await;
    Outcome { ended, tokens, attached: tools.into_attached() }
}

async fn rounds(
    models: &Models,
    question: &mut Question,
    tools: &mut Toolbox<'_>,
    most: u32,
    tokens: &mut u64,
) -> Result<Ended, Failure> {
    let (schemas, deadline) = (tools.schemas(), models.deadline());
    if !schemas.is_empty() {
        question.offer(&schemas);
    }
    for round in 0.. {
        if round == most {
            question.end_calls();
        }
        let answer = models.ask(question, deadline).await?;
        *tokens += answer.tokens;
        if answer.calls.is_empty() {
            return Ok(Ended::Answered(answer));
        }
        let mut results = Vec::new();
        for call in &answer.calls {
            match tools.run(call, deadline).await {
                Done::Result(text) => results.push(text),
                Done::Transfer(reply) => return Ok(Ended::Transferred(reply)),
            }
        }
        question.called(answer.text, answer.reasoning, answer.calls, results);
    }
    unreachable!("a model that may not call answers or fails")
}
