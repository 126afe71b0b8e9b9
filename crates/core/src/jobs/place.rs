//! Where a page of jobs begins.

use std::fmt;
use std::str::FromStr;

use wxbot_sdk::store::Cursor;

/// A place among the jobs of all entries of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(super) link: String,
    pub(super) queue: Queue,
    pub(super) after: Option<Cursor>,
}

/// Which queue of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// What is to be done.
    Jobs,
    /// What was given up.
    Dead,
}

/// What is no place of a page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no page of jobs; take one from the page before")]
pub struct NoPlace;

impl Place {
    pub(super) fn start(links: &[&str]) -> Option<Self> {
        links.first().map(|link| Self::queue(link, Queue::Jobs))
    }

    /// The start of what comes after this queue.
    pub(super) fn after_queue(link: &str, queue: Queue, links: &[&str]) -> Option<Self> {
        match queue {
            Queue::Jobs => Some(Self::queue(link, Queue::Dead)),
            Queue::Dead => {
                let place = links.iter().position(|one| *one == link)?;
                links.get(place + 1).map(|link| Self::queue(link, Queue::Jobs))
            }
        }
    }

    fn queue(link: &str, queue: Queue) -> Self {
        Self { link: link.to_owned(), queue, after: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = match self.queue {
            Queue::Jobs => "jobs",
            Queue::Dead => "dead",
        };
        write!(f, "{queue}.{}", hex::encode(&self.link))?;
        match &self.after {
            Some(Cursor { due, id }) => write!(f, ".{due}.{}", hex::encode(id)),
            None => Ok(()),
        }
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (queue, link, after) = match text.split('.').collect::<Vec<_>>()[..] {
            [queue, link] => (queue, link, None),
            [queue, link, due, id] => {
                let due = due.parse().map_err(|_| NoPlace)?;
                (queue, link, Some(Cursor { due, id: text_of(id)? }))
            }
            _ => return Err(NoPlace),
        };
        let queue = match queue {
            "jobs" => Queue::Jobs,
            "dead" => Queue::Dead,
            _ => return Err(NoPlace),
        };
        Ok(Self { link: text_of(link)?, queue, after })
    }
}

fn text_of(hex: &str) -> Result<String, NoPlace> {
    String::from_utf8(hex::decode(hex).map_err(|_| NoPlace)?).map_err(|_| NoPlace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for after in [None, Some(Cursor { due: 7, id: "once/main.提醒/1".into() })] {
            for queue in [Queue::Jobs, Queue::Dead] {
                let place = Place { link: "日.程".into(), queue, after: after.clone() };
                assert_eq!(place.to_string().parse(), Ok(place.clone()), "{place}");
            }
        }
        for odd in ["", "jobs", "late.00", "jobs.x", "jobs.00.7", "jobs.00.x.00", "dead.ff"] {
            assert_eq!(odd.parse::<Place>(), Err(NoPlace), "{odd}");
        }
    }
}
