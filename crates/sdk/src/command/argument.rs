//! What an argument may be: a number, a duration, a date, a text, or anything that reads a text.

use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

use time::Date;

use super::{date, duration, numeral};
use crate::normalize::normalize;

/// A type that reads words in its own way. Any [`FromStr`] is an argument without it.
pub trait Argument: Sized {
    /// What is right, for whoever wrote something else; it need not say anything.
    const EXAMPLE: &'static str;
    /// What it is to a program that fills it in, such as a language model.
    const KIND: ArgumentKind = ArgumentKind::Text;

    /// Reads a word as it was written, at a time in Unix seconds.
    fn read(word: &str, now: u64) -> Option<Self>;
}

/// What an argument is to a program that fills it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A word.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A duration, such as `2h`.
    Duration,
    /// A day, such as `2025-03-05`.
    Date,
}

impl Argument for String {
    const EXAMPLE: &'static str = "";

    fn read(word: &str, _now: u64) -> Option<Self> {
        Some(word.to_owned())
    }
}

impl Argument for Duration {
    const EXAMPLE: &'static str = "30分钟、2小时";
    const KIND: ArgumentKind = ArgumentKind::Duration;

    fn read(word: &str, _now: u64) -> Option<Self> {
        duration::read(&normalize(word))
    }
}

impl Argument for Date {
    const EXAMPLE: &'static str = "3月5日、明天";
    const KIND: ArgumentKind = ArgumentKind::Date;

    fn read(word: &str, now: u64) -> Option<Self> {
        date::read(&normalize(word), date::day_of(now)?)
    }
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl Argument for $number {
            const EXAMPLE: &'static str = "3";
            const KIND: ArgumentKind = ArgumentKind::Integer;

            fn read(word: &str, _now: u64) -> Option<Self> {
                let word = normalize(word);
                word.parse().ok().or_else(|| numeral::read(&word)?.try_into().ok())
            }
        }
    )*};
}

whole_numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

macro_rules! fractions {
    ($($number:ty)*) => {$(
        impl Argument for $number {
            const EXAMPLE: &'static str = "1.5";
            const KIND: ArgumentKind = ArgumentKind::Number;

            fn read(word: &str, _now: u64) -> Option<Self> {
                let word = normalize(word);
                let number: Option<Self> = word.parse().ok();
                let number = number.or_else(|| Some(numeral::read(&word)? as Self));
                number.filter(|number| number.is_finite())
            }
        }
    )*};
}

fractions!(f32 f64);

/// Reads a `T` as [`Argument`] or else as [`FromStr`]; what derives look for it by.
#[derive(Debug)]
pub struct Reader<T>(PhantomData<T>);

impl<T> Reader<T> {
    /// The only one.
    pub const NEW: Self = Self(PhantomData);
}

/// The first way to read one.
pub trait ReadArgument<T> {
    /// What the word is, or an example of what it should be.
    fn read(&self, word: &str, now: u64) -> Result<T, &'static str>;

    /// What it is.
    fn kind(&self) -> ArgumentKind;
}

/// The second: a method of `&Reader` is looked for after one of `Reader`.
pub trait ReadFromStr<T> {
    /// What the word is, or nothing to say.
    fn read(&self, word: &str, now: u64) -> Result<T, &'static str>;

    /// A text, as far as anybody knows.
    fn kind(&self) -> ArgumentKind;
}

impl<T: Argument> ReadArgument<T> for Reader<T> {
    fn read(&self, word: &str, now: u64) -> Result<T, &'static str> {
        T::read(word, now).ok_or(T::EXAMPLE)
    }

    fn kind(&self) -> ArgumentKind {
        T::KIND
    }
}

impl<T: FromStr> ReadFromStr<T> for &Reader<T> {
    fn read(&self, word: &str, _now: u64) -> Result<T, &'static str> {
        word.parse().map_err(|_| "")
    }

    fn kind(&self) -> ArgumentKind {
        ArgumentKind::Text
    }
}
