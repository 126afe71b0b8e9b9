//! The account's tags (section 7.8).

use std::collections::BTreeMap;

use crate::errcode::ApiError;

/// Tags that the account created.
const MAX_TAGS: usize = 100;
const MAX_NAME_BYTES: usize = 30;
/// The id of the account's first tag.
const FIRST_ID: u64 = 100;
/// Smaller ids are WeChat's own tags.
const SYSTEM_IDS: u64 = 3;

/// Names by id.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    names: BTreeMap<u64, String>,
    count: u64,
}

impl Tags {
    /// Ids and names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.names.iter().map(|(id, name)| (*id, name.as_str()))
    }

    /// Creates a tag and returns its id.
    pub(crate) fn create(&mut self, name: Option<&str>) -> Result<u64, ApiError> {
        let name = self.unused(name)?;
        if self.names.len() == MAX_TAGS {
            return Err(ApiError::code(45056));
        }
        let id = FIRST_ID + self.count;
        self.count += 1;
        self.names.insert(id, name);
        Ok(id)
    }

    pub(crate) fn rename(&mut self, id: Option<u64>, name: Option<&str>) -> Result<(), ApiError> {
        let id = self.find(id)?;
        let name = self.unused(name)?;
        self.names.insert(id, name);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: u64) {
        self.names.remove(&id);
    }

    /// The id of a tag that the account created.
    pub(crate) fn find(&self, id: Option<u64>) -> Result<u64, ApiError> {
        match id.ok_or(ApiError::code(45159))? {
            id if id < SYSTEM_IDS => Err(ApiError::code(45058)),
            id if self.names.contains_key(&id) => Ok(id),
            _ => Err(ApiError::code(45159)),
        }
    }

    /// A name that no tag has.
    fn unused(&self, name: Option<&str>) -> Result<String, ApiError> {
        let name = name.ok_or(ApiError::code(45157))?;
        if name.len() > MAX_NAME_BYTES {
            return Err(ApiError::code(45158));
        }
        let is_used = self.names.values().any(|used| used == name);
        if is_used { Err(ApiError::code(45157)) } else { Ok(name.to_owned()) }
    }
}
