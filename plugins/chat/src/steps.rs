//! One answer, in as many steps as it takes: the model is asked, calls tools, and is asked again.

use tokio::time::Instant;
use wxbot_sdk::reply::Reply;
use wxbot_sdk::tool_call::ToolCall;

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
    pub(crate) called: Vec<ToolCall>,
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
    deadline: Instant,
) -> Outcome {
    let mut tokens = 0;
    let steps = Steps { models, most, deadline };
    let ended = steps.rounds(&mut question, &mut tools, &mut tokens).await;
    let (attached, called) = tools.into_parts();
    Outcome { ended, tokens, attached, called }
}

/// Who is asked, and how long.
struct Steps<'m> {
    models: &'m Models,
    most: u32,
    deadline: Instant,
}

impl Steps<'_> {
    async fn rounds(
        &self,
        question: &mut Question,
        tools: &mut Toolbox<'_>,
        tokens: &mut u64,
    ) -> Result<Ended, Failure> {
        let schemas = tools.schemas();
        if !schemas.is_empty() {
            question.offer(&schemas);
        }
        let mut left = self.most;
        loop {
            if left == 0 {
                question.end_calls();
            }
            left = left.saturating_sub(1);
            let answer = self.models.ask(question, self.deadline).await?;
            *tokens += answer.tokens;
            if answer.calls.is_empty() {
                return Ok(Ended::Answered(answer));
            }
            let mut results = Vec::new();
            for call in &answer.calls {
                match tools.run(call, self.deadline).await {
                    Done::Result(text) => results.push(text),
                    Done::Transfer(reply) => return Ok(Ended::Transferred(reply)),
                }
            }
            question.called(answer.text, answer.reasoning, answer.calls, results);
        }
    }
}
