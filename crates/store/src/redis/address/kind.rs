//! One server, Sentinels or a cluster.

use super::percent::decoded;

/// How to find the server that takes writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::redis) enum Kind {
    /// It is the host.
    One,
    /// The hosts are Sentinels, which know the master of this name.
    Sentinel(String),
    /// The hosts know the cluster.
    Cluster,
}

impl Kind {
    /// Of a scheme such as `rediss+cluster`, and whether it is over TLS. The master of Sentinels is
    /// in the path.
    pub(super) fn of_scheme(scheme: &str) -> Option<(bool, Self)> {
        let (name, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
        let tls = match name {
            "redis" => false,
            "rediss" => true,
            _ => return None,
        };
        let kind = match kind {
            "" if name == scheme => Self::One,
            "sentinel" => Self::Sentinel(String::new()),
            "cluster" => Self::Cluster,
            _ => return None,
        };
        Some((tls, kind))
    }

    /// What a URL of this kind looks like.
    pub(super) fn form(&self) -> &'static str {
        match self {
            Self::One => "redis://USER:PASSWORD@HOST:PORT/DB",
            Self::Sentinel(_) => "redis+sentinel://USER:PASSWORD@HOST:PORT,HOST:PORT/MASTER/DB",
            Self::Cluster => "redis+cluster://USER:PASSWORD@HOST:PORT,HOST:PORT",
        }
    }

    /// With what the path names: the number of a database, and the master of Sentinels.
    pub(super) fn with_path(self, path: &str) -> Result<(Self, i64), String> {
        match self {
            Self::One => Ok((self, read_database(path)?)),
            Self::Cluster if read_database(path)? == 0 => Ok((self, 0)),
            Self::Cluster => Err(format!("a cluster has only database 0, not `{path}`")),
            Self::Sentinel(_) => {
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() {
                    return Err("the master's name is missing".into());
                }
                Ok((Self::Sentinel(decoded(master)?.into_owned()), read_database(database)?))
            }
        }
    }
}

fn read_database(text: &str) -> Result<i64, String> {
    match text {
        "" => Ok(0),
        text => text
            .parse::<u16>()
            .map(i64::from)
            .map_err(|_| format!("`{text}` is no number of a database")),
    }
}
