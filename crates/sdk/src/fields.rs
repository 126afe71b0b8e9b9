//! The fields of a body, as they came: a small tree, readable by path, nothing lost.

pub(crate) mod read;
mod lossless;
pub(crate) mod object;

use std::fmt;

/// No message nests deeper, its root included; the deepest known one has 5 levels.
pub const MAX_LEVELS: usize = 16;
/// No message has more elements.
pub const MAX_ELEMENTS: usize = 1024;
/// No message has more in all its names and texts: a body is no longer.
pub const MAX_BYTES: usize = 1 << 20;

/// Every element of a message in document order, names and texts in one buffer.
///
/// XML and JSON bodies give the same tree: an object's members are elements, an array is its
/// element repeated. Names are case-sensitive, as WeChat's are.
///
/// With serde a tree becomes a list of elements, from which it can be read again without a loss:
///
/// ```
/// use wxbot_sdk::fields::Fields;
///
/// let json = r#"[["MsgType","event"],["PicList",[["item","a"],["item","b"]]]]"#;
/// let fields: Fields = serde_json::from_str(json)?;
/// assert_eq!(fields.all("PicList/item")[1].text(), "b");
/// assert_eq!(serde_json::to_string(&fields)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Fields {
    buffer: String,
    nodes: Vec<Node>,
}

#[derive(Clone)]
struct Node {
    /// 0 for the children of the root.
    depth: u32,
    name: Span,
    text: Span,
}

/// What makes two trees of the same names and texts differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// 0 for the children of the root.
    pub depth: u32,
    /// Bytes of the name.
    pub name: u32,
}

/// Bytes of the buffer. A body has at most 1 MiB, so 32 bits are plenty.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Fields {
    /// The text of the first element at `path`, for example `SendPicsInfo/Count`.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.element(path).map(Element::text)
    }

    /// The first element at `path`.
    pub fn element(&self, path: &str) -> Option<Element<'_>> {
        self.root().element(path)
    }

    /// All elements at `path`: lists are elements that repeat.
    pub fn all<'f>(&'f self, path: &str) -> Vec<Element<'f>> {
        self.root().all(path)
    }

    /// The elements on top, in the order they came.
    pub fn children(&self) -> impl Iterator<Item = Element<'_>> {
        self.root().children()
    }

    /// The root, in which everything is; it has no name and no text.
    pub fn root(&self) -> Element<'_> {
        Element { fields: self, node: None }
    }

    /// Begins an empty tree for a body of `length` bytes.
    pub fn with_capacity(length: usize) -> Self {
        Self { buffer: String::with_capacity(length), nodes: Vec::with_capacity(12) }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How many bytes their names and texts have.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Appends an element below the last one of a smaller depth; returns its place. Blanks in front
    /// of an element's first child are layout, not its text.
    pub fn push(&mut self, depth: usize, name: &str) -> usize {
        self.forget_layout(depth);
        let start = self.end();
        self.buffer.push_str(name);
        let end = self.end();
        let depth = u32::try_from(depth).unwrap_or(u32::MAX);
        let (name, text) = (Span { start, end }, Span { start: end, end });
        self.nodes.push(Node { depth, name, text });
        self.nodes.len() - 1
    }

    fn forget_layout(&mut self, depth: usize) {
        let Some(&Node { depth: last, text, .. }) = self.nodes.last() else { return };
        let first_child = (last as usize) < depth;
        if first_child && self.slice(text).trim().is_empty() {
            let last = self.nodes.len() - 1;
            self.nodes[last].text.end = text.start;
        }
    }

    /// Appends to the text of an element. Text behind a child element is dropped: no message mixes
    /// the two, and keeping it would let a body cost more than its size.
    pub fn push_text(&mut self, place: usize, text: &str) {
        if self.nodes[place].text.end == self.end() {
            self.buffer.push_str(text);
            self.nodes[place].text.end = self.end();
        }
    }

    /// The same with another text in the first element of this name on top, if there is one.
    pub(crate) fn with_text(&self, name: &str, text: &str) -> Self {
        let mut fields = Self::with_capacity(self.bytes() + text.len());
        let mut text = Some(text);
        for node in &self.nodes {
            let is_it = node.depth == 0 && self.slice(node.name) == name;
            let place = fields.push(node.depth as usize, self.slice(node.name));
            let text = if is_it { text.take() } else { None };
            fields.push_text(place, text.unwrap_or(self.slice(node.text)));
        }
        fields
    }

    /// Everything that was said, for hashing: of each element where it stands, and its name and
    /// text in one. The ciphertext of compatible mode is another one each time.
    pub fn said(&self) -> impl Iterator<Item = (Place, &str)> {
        let nodes = self.nodes.iter().filter(|node| self.slice(node.name) != "Encrypt");
        nodes.map(|node| self.whole(node))
    }

    /// An element's name and text in one.
    fn whole(&self, &Node { depth, name, text }: &Node) -> (Place, &str) {
        // The text follows the name.
        let both = Span { start: name.start, end: text.end };
        (Place { depth, name: name.end - name.start }, self.slice(both))
    }

    fn end(&self) -> u32 {
        u32::try_from(self.buffer.len()).expect("a body has at most 1 MiB")
    }

    fn slice(&self, span: Span) -> &str {
        &self.buffer[span.start as usize..span.end as usize]
    }
}

/// The same names and texts in the same places.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        let [these, those] =
            [self, other].map(|fields| fields.nodes.iter().map(|node| fields.whole(node)));
        these.eq(those)
    }
}

/// One element: a name, a text, and the elements in it.
#[derive(Clone, Copy)]
pub struct Element<'f> {
    fields: &'f Fields,
    /// `None` is the root, which has no name and no text.
    node: Option<usize>,
}

impl<'f> Element<'f> {
    /// The name, as it was written.
    pub fn name(self) -> &'f str {
        self.node.map_or("", |place| self.fields.slice(self.fields.nodes[place].name))
    }

    /// The text, whole and untrimmed; empty for an element that only holds others.
    pub fn text(self) -> &'f str {
        self.node.map_or("", |place| self.fields.slice(self.fields.nodes[place].text))
    }

    pub(crate) fn is_root(self) -> bool {
        self.node.is_none()
    }

    /// The text of the first element at `path` below this one.
    pub fn get(self, path: &str) -> Option<&'f str> {
        self.element(path).map(Element::text)
    }

    /// The first element at `path` below this one.
    pub fn element(self, path: &str) -> Option<Element<'f>> {
        match path.split_once('/') {
            None => self.named(path).next(),
            Some((first, rest)) => self.named(first).find_map(|child| child.element(rest)),
        }
    }

    /// All elements at `path` below this one.
    pub fn all(self, path: &str) -> Vec<Element<'f>> {
        match path.split_once('/') {
            None => self.named(path).collect(),
            Some((first, rest)) => self.named(first).flat_map(|child| child.all(rest)).collect(),
        }
    }

    /// The elements directly below.
    pub fn children(self) -> impl Iterator<Item = Element<'f>> {
        let nodes = &self.fields.nodes;
        let (from, depth) = self.node.map_or((0, 0), |place| (place + 1, nodes[place].depth + 1));
        nodes[from..]
            .iter()
            .enumerate()
            .take_while(move |(_, node)| node.depth >= depth)
            .filter(move |(_, node)| node.depth == depth)
            .map(move |(offset, _)| Element { fields: self.fields, node: Some(from + offset) })
    }

    fn named(self, name: &str) -> impl Iterator<Item = Element<'f>> {
        self.children().filter(move |child| child.name() == name)
    }
}

/// Shows the tree as nested names with their texts.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(f)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.node.is_some() && self.children().next().is_none() {
            return self.text().fmt(f);
        }
        f.debug_map().entries(self.children().map(|child| (child.name(), child))).finish()
    }
}

#[cfg(test)]
mod tests;
