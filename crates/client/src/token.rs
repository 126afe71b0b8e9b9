//! The access token (section 7.1): one for every task, process and instance of the account,
//! refreshed ahead of its end, by one of them at a time.

mod tokens; // the one at hand, and the single flight that refreshes it
mod refresh; // getting a new one, by one process of all
mod fetch; // the call for it
mod lease; // whose turn it is
mod backoff; // how long nobody asks after a failure
mod forced_refresh; // the ration of those that kill a token
mod shared_token; // the one that all instances use
mod shared; // the account's part of the store
mod access_token;
mod failure;

pub(crate) use self::access_token::AccessToken;
pub(crate) use self::failure::TokenFailure;
pub(crate) use self::fetch::{Fetch, Fetched};
pub(crate) use self::shared::Shared;
pub(crate) use self::tokens::Tokens;
