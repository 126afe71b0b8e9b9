//! What wxbot promises, one module for each thing a person can notice.

mod messages; // every kind and every event is read, and nothing of it is lost
mod chain; // asked in order, and nobody's trouble is another's
mod window; // WeChat is answered in time, and the work goes on
mod readme; // README's TOML is good
mod repository; // who depends on whom, what is linked, what is not named
