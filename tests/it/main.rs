//! What wxbot promises, one module for each thing a person can notice.

// Is it WeChat, and what does it say?
mod verification; // the handshake, the signature, the clock, the address
mod modes; // plain, compatible and safe: who may send what, and what is sealed
mod endpoint; // what people and proxies send beside WeChat
mod connections; // several requests on one, and sides that close early
mod hostile; // whatever is sent, it is refused, and the next message is answered
mod simulated; // WeChat takes the address, and followers see the answers
mod cases; // bodies from the field, each one of a kind that was answered wrongly
mod messages; // every kind and every event is read, and nothing of it is lost

// What is made of it?
mod chain; // asked in order, and nobody's trouble is another's

mod commands; // what followers may ask for, and who may
mod audience_tags; // who may, by what WeChat knows of them
mod dialogs; // a question, and the follower's next message as the answer
mod dialog_pages; // the pages about it say what is so

// Is it in time, and once?
mod window; // every message is worked on once, and every answer arrives
mod replays; // a captured request is good for nothing
mod outage; // WeChat's API fails or is slow: no answer is lost in it, and none is doubled
mod late; // how an answer follows that was not ready in time
mod sending; // an account says something first
mod typed_api; // what plugins call, typed
mod notifications; // what reaches whoever has not written for long
mod rehearsal; // a bot is tried out beside the one that runs
mod say; // `wxbot say` shows that, too
mod instances; // several of a bot share the work, and one may die at any moment
mod dialogs_survive; // a conversation goes on elsewhere, and costs whoever has none nothing
mod deaths; // whatever step a process dies at, the answer comes, and once

// What happens without a message?
mod own_time; // plugins begin and end what they do beside messages
mod schedules; // what is to be done at a time is done then, and once
mod mass_sends; // what goes to many reaches each of them once
mod reminders; // what followers want to be reminded of, however they ask

// What is said back?
mod templates; // texts with places, what becomes of them and what never does
mod custom_replies; // what a passive reply can not say
mod replies; // every kind as WeChat wants it, and nothing that it would choke on
mod json_forms; // what others read and write as JSON
mod other_languages; // what handlers in other languages are asked, and answer
mod codec_properties; // any text comes back, and no altered request is accepted

// Who answers?
mod chat; // a language model, and what followers see of it
mod embeddings; // a list, by what its questions mean
mod pages; // the other plugins, as their pages in docs show them
mod examples; // all of them together: a shop, a school, a personal account

// Is the rest as we say?
mod readme; // README's TOML is good
mod docs; // links lead somewhere, TOML is good, and both languages say the same
mod any_config; // whatever stands in bot.toml, it is built or explained
mod deploy; // the files to run it with keep what it keeps
mod install; // what is installed is what was released, and all of it
mod repository; // who depends on whom, what is linked, what is not named
mod modules; // no crate has a circle of modules
