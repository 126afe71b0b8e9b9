//! The program as an operator has it: one binary of tests, as each is linked with all of the bot. What
//! must run alone, or builds a bot itself, is beside it.

mod commands; // what is run, and what it prints
mod config_errors; // what is wrong with a bot.toml is said at its place
mod default_config; // the manual is the default
mod examples; // the bots to copy work
mod recording; // and so does the recording of the first five minutes
mod schema; // what editors are told of bot.toml is what is read
mod other_languages; // what programs that are asked get, and what they may post
mod reference; // what the program says of itself is on the page
mod guides; // what the guides show works
mod readme; // what the README shows is what is printed
