//! Showing that an answer is being typed. Only an account that may send customer-service messages
//! may do that, so this is how that is found out.

use std::sync::atomic::{AtomicBool, Ordering};

use wxbot_sdk::api::{ApiError, Class};

use crate::single_flight::SingleFlight;

/// What is known of an account.
#[derive(Default)]
pub(crate) struct Typing {
    is_allowed: AtomicBool,
    question: SingleFlight<Result<(), ApiError>>,
}

impl Typing {
    /// Makes the call. Until WeChat has let the account do it, concurrent calls are one, that of
    /// the first: the answer is the same for all followers, and an API that hangs is asked once.
    pub(crate) async fn show(
        &self,
        call: impl Future<Output = Result<(), ApiError>>,
    ) -> Result<(), ApiError> {
        let result = match self.is_allowed.load(Ordering::Relaxed) {
            true => call.await,
            false => self.question.ask(call).await,
        };
        match result.as_ref().map_err(ApiError::class) {
            Ok(()) | Err(Class::FollowerLimit) => self.is_allowed.store(true, Ordering::Relaxed),
            Err(Class::NotAllowed) => self.is_allowed.store(false, Ordering::Relaxed),
            Err(_) => {}
        }
        result
    }
}
