//! The fields of a body, as they came: a small tree, readable by path, nothing lost.

pub(crate) mod read;

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
#[derive(Clone, Copy, Hash)]
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

    /// Everything that was said, for hashing: of each element where it stands, and its name and
    /// text in one. The ciphertext of compatible mode is another one each time.
    pub fn said(&self) -> impl Iterator<Item = (Place, &str)> {
        let nodes = self.nodes.iter().filter(|node| self.slice(node.name) != "Encrypt");
        nodes.map(|&Node { depth, name, text }| {
            // The text follows the name.
            let both = Span { start: name.start, end: text.end };
            (Place { depth, name: name.end - name.start }, self.slice(both))
        })
    }

    fn end(&self) -> u32 {
        u32::try_from(self.buffer.len()).expect("a body has at most 1 MiB")
    }

    fn slice(&self, span: Span) -> &str {
        &self.buffer[span.start as usize..span.end as usize]
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
mod tests {
    use super::*;

    /// ```xml
    /// <Event>pic_weixin</Event>
    /// <SendPicsInfo>
    ///   <Count>3</Count>
    ///   <PicList><item><Md5>a</Md5></item><item><Md5>b</Md5></item></PicList>
    ///   <PicList><item><Md5>c</Md5></item></PicList>
    /// </SendPicsInfo>
    /// <Count>9</Count>
    /// ```
    fn pictures() -> Fields {
        let mut fields = Fields::default();
        for (depth, name, text) in [
            (0, "Event", "pic_weixin"),
            (0, "SendPicsInfo", "\n  "),
            (1, "Count", "3"),
            (1, "PicList", ""),
            (2, "item", ""),
            (3, "Md5", "a"),
            (2, "item", ""),
            (3, "Md5", "b"),
            (1, "PicList", ""),
            (2, "item", ""),
            (3, "Md5", "c"),
            (0, "Count", "9"),
        ] {
            let place = fields.push(depth, name);
            fields.push_text(place, text);
        }
        fields
    }

    fn texts(elements: Vec<Element<'_>>) -> Vec<&str> {
        elements.into_iter().map(Element::text).collect()
    }

    fn names<'f>(elements: impl Iterator<Item = Element<'f>>) -> Vec<&'f str> {
        elements.map(Element::name).collect()
    }

    #[test]
    fn a_path_leads_to_the_first_element_there() {
        let table = [
            ("Event", Some("pic_weixin")),
            ("Count", Some("9")), // not the one inside
            ("SendPicsInfo/Count", Some("3")),
            ("SendPicsInfo/PicList/item/Md5", Some("a")),
            ("SendPicsInfo", Some("")),
            ("SendPicsInfo/PicList", Some("")),
            ("event", None), // names have a case
            ("Md5", None),   // a path begins at the top
            ("SendPicsInfo/Md5", None),
            ("Event/Count", None),
            ("SendPicsInfo/Count/", None),
            ("/Event", None),
            ("", None),
        ];
        for (path, expected) in table {
            assert_eq!(pictures().get(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_is_followed_through_every_sibling() {
        let mut fields = pictures();
        let place = fields.push(0, "SendPicsInfo");
        fields.push_text(place, "");
        let place = fields.push(1, "More");
        fields.push_text(place, "d");
        assert_eq!(fields.get("SendPicsInfo/More"), Some("d"));
        assert_eq!(fields.get("SendPicsInfo/Count"), Some("3"));
    }

    #[test]
    fn a_list_is_every_element_at_its_path() {
        let fields = pictures();
        assert_eq!(texts(fields.all("SendPicsInfo/PicList/item/Md5")), ["a", "b", "c"]);
        assert_eq!(fields.all("SendPicsInfo/PicList/item").len(), 3);
        assert_eq!(texts(fields.all("Count")), ["9"]);
        assert!(fields.all("SendPicsInfo/PicList/nothing").is_empty());
        assert!(fields.all("").is_empty());
    }

    #[test]
    fn an_element_is_read_from_where_it_is() {
        let fields = pictures();
        let list = fields.all("SendPicsInfo/PicList")[0];
        assert_eq!(list.get("item/Md5"), Some("a"));
        assert_eq!(texts(list.all("item/Md5")), ["a", "b"]);
        assert_eq!(list.get("Event"), None);
        assert_eq!(list.get("PicList"), None);
    }

    #[test]
    fn children_are_those_directly_below_in_their_order() {
        let fields = pictures();
        assert_eq!(names(fields.children()), ["Event", "SendPicsInfo", "Count"]);
        let info = fields.element("SendPicsInfo").unwrap();
        assert_eq!(names(info.children()), ["Count", "PicList", "PicList"]);
        let last = fields.element("Count").unwrap();
        assert_eq!(names(last.children()), [""; 0]);
        assert_eq!(names(Fields::default().children()), [""; 0]);
    }

    #[test]
    fn a_text_may_come_in_pieces_and_blanks_around_children_are_none() {
        let mut fields = Fields::default();
        let text = fields.push(0, "Content");
        fields.push_text(text, " a");
        fields.push_text(text, "b ");
        let blank = fields.push(0, "Blank");
        fields.push_text(blank, " \n");
        let parent = fields.push(0, "Parent");
        fields.push_text(parent, "\n ");
        let child = fields.push(1, "Child");
        fields.push_text(child, "c");
        fields.push_text(parent, "\n behind a child");
        assert_eq!(fields.get("Content"), Some(" ab "));
        assert_eq!(fields.get("Blank"), Some(" \n"));
        assert_eq!(fields.get("Parent"), Some(""));
        assert_eq!(fields.get("Parent/Child"), Some("c"));
    }

    #[test]
    fn a_tree_is_shown_as_names_and_texts() {
        assert_eq!(
            format!("{:?}", pictures()),
            r#"{"Event": "pic_weixin", "SendPicsInfo": {"Count": "3", "PicList": {"item": {"Md5": "a"}, "item": {"Md5": "b"}}, "PicList": {"item": {"Md5": "c"}}}, "Count": "9"}"#
        );
    }
}
