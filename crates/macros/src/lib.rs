//! The derives of `wxbot-sdk`, which re-exports them: use them from there.

mod commands;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes an enum a set of commands; `wxbot_sdk::command` says how.
#[proc_macro_derive(Commands, attributes(commands, command))]
pub fn derive_commands(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    commands::derive(&input).unwrap_or_else(|error| error.into_compile_error()).into()
}
