//! Why no store is opened.

/// Why a store can't be opened. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No store is written like this.
    #[error(
        "`{url}` is no store; write `memory:`, `file:DIR`, `redis://HOST:PORT/DB`, \
         `redis+sentinel://HOST:PORT,HOST:PORT/MASTER/DB` or `redis+cluster://HOST:PORT,HOST:PORT` \
         (`rediss` instead of `redis` for TLS)"
    )]
    Unknown {
        /// The URL.
        url: String,
    },
    /// A `file:` without a folder.
    #[error("`file:` needs a folder; write `file:DIR`, such as `file:data`")]
    NoFolder,
    /// A Redis URL with something wrong in it.
    #[error("`{url}` is no address of Redis: {what}; write `{right}`")]
    Address {
        /// The URL.
        url: String,
        /// What is wrong.
        what: String,
        /// How it is written.
        right: &'static str,
    },
    /// No key can begin with this.
    #[error("`{prefix}` is no prefix of a store: {what}")]
    Prefix {
        /// As it was given.
        prefix: String,
        /// What is wrong.
        what: String,
    },
    /// The folder of `file:` is not there and can't be made.
    #[error("the folder of `file:{dir}` can't be made: {cause}")]
    Folder {
        /// The folder.
        dir: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Only one process may have a file store open.
    #[error("`file:{dir}` is in use by another process")]
    InUse {
        /// The folder.
        dir: String,
    },
    /// There is nothing to read.
    #[error("there is no store in `file:{dir}`")]
    Missing {
        /// The folder.
        dir: String,
    },
    /// A file that others may read can't be taken from them.
    #[error(
        "others can read `file:{dir}`, and that can't be changed: {cause}; run `chmod 600 {dir}/wxbot.redb`"
    )]
    Private {
        /// The folder.
        dir: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// There was a store.
    #[error(
        "`file:{dir}` was emptied: `wxbot.redb` has no byte in it; put a copy back, or delete it to \
         begin anew"
    )]
    Emptied {
        /// The folder.
        dir: String,
    },
    /// Something altered the file, or cut it off.
    #[error("`file:{dir}` is damaged: {what}; `wxbot store export --salvage` writes out the rest")]
    Damaged {
        /// The folder.
        dir: String,
        /// The entries, or what the database says.
        what: String,
    },
    /// The file is not one of wxbot's, or the disk fails.
    #[error("`file:{dir}` can't be opened: {cause}")]
    File {
        /// The folder.
        dir: String,
        /// What the database says.
        cause: String,
    },
    /// The system gave no thread.
    #[error("the store got no thread of its own: {0}")]
    Thread(std::io::Error),
}
