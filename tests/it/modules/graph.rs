//! The module graph of a crate: which file uses names of which.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Path, Source};

/// The modules of a crate by their paths; the root's is empty.
#[derive(Debug, Default)]
pub(super) struct Modules {
    modules: BTreeMap<Path, Module>,
}

#[derive(Debug)]
struct Module {
    /// The module whose file it is in.
    file: Path,
    source: Source,
}

/// Returns the text of a module's file.
type Load<'l> = &'l dyn Fn(&[String]) -> Option<String>;

/// From file to file: the names that the first uses of the second.
type Arrows = BTreeMap<Path, BTreeMap<Path, BTreeSet<String>>>;

impl Modules {
    /// Reads the crate's root and every module declared from there.
    pub(super) fn read(load: Load<'_>) -> Self {
        let mut modules = Self::default();
        modules.read_file(Path::new(), load);
        modules
    }

    fn read_file(&mut self, path: Path, load: Load<'_>) {
        let text = load(&path).unwrap_or_else(|| panic!("no file for `{}`", path.join("::")));
        self.add(path.clone(), &path, Source::read(&text), load);
    }

    fn add(&mut self, path: Path, file: &Path, mut source: Source, load: Load<'_>) {
        for name in &source.files {
            self.read_file(child(&path, name), load);
        }
        for (name, inline) in std::mem::take(&mut source.inline) {
            self.add(child(&path, &name), file, inline, load);
        }
        self.modules.insert(path, Module { file: file.clone(), source });
    }

    /// Every arrow on a circle: from its end, a way leads back to its start.
    pub(super) fn circles(&self) -> Vec<String> {
        let arrows = self.arrows();
        let mut circles = Vec::new();
        for (from, to) in &arrows {
            for (to, names) in to.iter().filter(|(to, _)| leads(&arrows, to, from)) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                circles.push(format!("{} -> {}: {}", shown(from), shown(to), names.join(", ")));
            }
        }
        circles
    }

    fn arrows(&self) -> Arrows {
        let mut arrows = Arrows::new();
        for (path, Module { file, source }) in &self.modules {
            let globs = source.globs.iter().map(|glob| child(glob, "*"));
            let used = source.paths.iter().cloned().chain(globs);
            for item in used.filter_map(|used| self.absolute(path, &used)) {
                let Some((definer, name)) = self.definer(&item) else { continue };
                if definer != file {
                    let to = arrows.entry(file.clone()).or_default();
                    to.entry(definer.clone()).or_default().insert(name);
                }
            }
        }
        arrows
    }

    /// A path as written in a module, made absolute; none for other crates.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        let (head, rest) = path.split_first()?;
        let start = match head.as_str() {
            "crate" => Path::new(),
            "self" => module.to_vec(),
            "super" => {
                let parent = module.split_last()?.1;
                return match rest.first() {
                    Some(next) if next == "super" => self.absolute(parent, rest),
                    _ => Some([parent, rest].concat()),
                };
            }
            _ if self.modules.contains_key(&child(module, head)) => child(module, head),
            _ => {
                let import = self.modules.get(module)?.source.imports.get(head)?;
                // `use other::{self, …}` names itself.
                if import[0] == *head {
                    return None;
                }
                self.absolute(module, import)?
            }
        };
        Some([start.as_slice(), rest].concat())
    }

    /// Follows re-exports: the file that defines an item, and the item's name there. None for a
    /// module, of which nothing is used yet, and for items of other crates.
    fn definer(&self, path: &[String]) -> Option<(&Path, String)> {
        let mut path = path.to_vec();
        // Bounded: two modules may re-export all of each other.
        for _ in 0..=self.modules.len() {
            let is_module = |depth: &usize| self.modules.contains_key(&path[..*depth]);
            let (module, rest) = path.split_at((0..=path.len()).rev().find(is_module)?);
            let (name, rest) = rest.split_first()?;
            let Module { file, source } = &self.modules[module];
            if source.definitions.contains(name) {
                return Some((file, name.clone()));
            }
            let target = match source.imports.get(name) {
                Some(import) => Some(self.absolute(module, import)?),
                None => {
                    source.globs.iter().find_map(|all| self.absolute(module, &child(all, name)))
                }
            };
            let Some(target) = target else { return Some((file, name.clone())) };
            path = [target.as_slice(), rest].concat();
        }
        None
    }
}

fn child(path: &[String], name: &str) -> Path {
    [path, &[name.to_owned()]].concat()
}

fn shown(module: &[String]) -> String {
    if module.is_empty() { "the root".into() } else { module.join("::") }
}

fn leads(arrows: &Arrows, from: &Path, to: &Path) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(here) = next.pop() {
        if here == to {
            return true;
        }
        if seen.insert(here) {
            next.extend(arrows.get(here).into_iter().flat_map(BTreeMap::keys));
        }
    }
    false
}
