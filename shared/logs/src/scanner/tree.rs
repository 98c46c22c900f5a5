//! What records that were found to be plain have in common: a tree of their bytes.
//!
//! A trail writes the records of one kind of event with the same keys in the same order. So the bytes of a record
//! are a row of texts that it shares with thousands of others, with a value of its own behind each. The tree has
//! a branch for every row that was met. A record that can be walked through it, from the root to an end, is as
//! well-formed as the one from which the branch was learnt, and has its members at the same places of the row.

use std::sync::atomic::{AtomicU64, Ordering};

use super::members::{Shape, ShapeId, Tape};
use super::names::Names;
use super::pieces::{LONGEST_NAME, Op, Piece, Pieces};

/// What a node has of the bytes that are shared. Longer rows of them stand in several nodes, one behind the other.
pub(super) const SHARED: usize = 32;

/// The most nodes, and the most tables and lists of names. When there is no room for more, all is forgotten and learnt anew.
const MOST_NODES: usize = 49_152;
const MOST_TABLES: usize = 4096;

/// Where a node or a table stands.
pub(super) type Place = u16;

/// No node is behind this one. The root is behind none.
pub(super) const NONE: Place = 0;

impl ShapeId {
    /// How many shapes are known at a time.
    pub const PLACES: usize = 2048;
}

/// Bytes that are shared, and what comes behind them. Each node fills a line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Node {
    pub(super) shared: [u8; SHARED],
    /// How many of them count.
    pub(super) length: u8,
    pub(super) op: Op,
    /// How long the text was.
    pub(super) usual: u8,
    pub(super) next: Next,
}

/// What is behind a node.
#[derive(Debug, Clone, Copy)]
pub(super) enum Next {
    /// Nothing that is known.
    Nowhere,
    /// The one that stands behind it in the list of all.
    Neighbour,
    /// Always this one.
    Node(Place),
    /// What the next byte finds in this table.
    Table(Place),
    /// What the string before it finds among these names.
    Names(Place),
    /// Nothing: here ends a record of this shape.
    Shape(Place),
}

/// All of the tree.
#[derive(Debug)]
pub(super) struct Tree {
    /// The first is the root.
    pub(super) nodes: Vec<Node>,
    /// By table: the node for each byte.
    pub(super) tables: Vec<[Place; 256]>,
    pub(super) names: Vec<Names>,
    pub(super) shapes: Vec<Shape>,
}

impl Node {
    fn new(shared: &[u8], op: Op, next: Next) -> Self {
        let mut node = Self { shared: [0; SHARED], length: 0, op, usual: 0, next };
        for (to, &byte) in node.shared.iter_mut().zip(shared) {
            *to = byte;
            node.length += 1;
        }
        node
    }

    fn shared(&self) -> &[u8] {
        &self.shared[..usize::from(self.length)]
    }
}

/// Behind a node, and behind this name if the node is one before names.
#[derive(Debug, Clone, Copy)]
struct Behind<'n> {
    node: Place,
    name: &'n [u8],
}

/// The bytes with which a piece may begin.
fn first_bytes(shared: &[u8], op: Op) -> &[u8] {
    match (shared, op) {
        ([], Op::Number(_)) => b"0123456789",
        _ => &shared[..shared.len().min(1)],
    }
}

impl Tree {
    pub(super) fn new() -> Self {
        let root = Node::new(b"", Op::Go, Next::Nowhere);
        Self { nodes: vec![root], tables: Vec::new(), names: Vec::new(), shapes: Vec::new() }
    }

    /// Learns a record that was found to be plain.
    pub(super) fn learn(&mut self, record: &[u8], depth: u64, tape: &Tape) {
        let pieces = Pieces::of(record);
        if !self.has_room(&pieces) {
            *self = Self::new();
            if !self.has_room(&pieces) {
                return;
            }
        }
        let mut at = NONE;
        let mut name: &[u8] = b"";
        for (piece, text) in pieces.all.iter().zip(pieces.texts(record)) {
            let Some(node) = self.add(Behind { node: at, name }, *piece) else { return };
            at = node;
            self.nodes[usize::from(at)].usual = usual(text.len());
            if piece.is_before_name() {
                name = text;
                if name.len() > LONGEST_NAME || name.contains(&b'\\') || self.ask_name(at).is_none() {
                    return;
                }
            }
        }
        let end = &mut self.nodes[usize::from(at)];
        let Ok(place) = Place::try_from(self.shapes.len()) else { return };
        if matches!(end.next, Next::Shape(_)) {
            // It was known, and not walked because of something in it.
            return;
        }
        end.next = Next::Shape(place);
        let id = ShapeId { place: self.shapes.len(), number: next_number() };
        self.shapes.push(Shape { id, depth, spots: pieces.spots(tape) });
    }

    /// Whether there is room for all that these may need.
    fn has_room(&self, pieces: &Pieces<'_>) -> bool {
        // Each may be split from another one, and be found by a table of its own.
        let nodes: usize = pieces.all.iter().map(|piece| piece.shared.len() / SHARED + 4).sum();
        self.nodes.len() + nodes <= MOST_NODES
            && self.tables.len() + pieces.all.len() * 2 <= MOST_TABLES
            && self.names.len() + pieces.all.len() <= MOST_TABLES
            && self.shapes.len() < ShapeId::PLACES
    }

    /// Adds a piece behind a node, as far as it is not there, and gives the node that ends it. None if two records
    /// went the same way and differ in what a byte means, which no plain ones do.
    fn add(&mut self, mut behind: Behind<'_>, piece: Piece<'_>) -> Option<Place> {
        let Piece { mut shared, op } = piece;
        loop {
            let Some(next) = self.follow(behind, shared, op) else {
                return Some(self.grow(behind, shared, op));
            };
            let node = &self.nodes[usize::from(next)];
            let same = node.shared().iter().zip(shared).take_while(|(one, other)| one == other).count();
            shared = &shared[same..];
            let is_whole = same == usize::from(node.length);
            if is_whole && shared.is_empty() && node.op == op {
                return Some(next);
            }
            if !is_whole || node.op != Op::Go {
                self.split(next, same)?;
            }
            behind.node = next;
        }
    }

    /// Says that what is behind a node depends on the name before it.
    fn ask_name(&mut self, node: Place) -> Option<()> {
        if let Next::Nowhere = self.nodes[usize::from(node)].next {
            self.names.push(Names::default());
            self.nodes[usize::from(node)].next = Next::Names(Place::try_from(self.names.len() - 1).ok()?);
        }
        Some(())
    }

    /// The node behind another one with which the piece can go on.
    fn follow(&self, behind: Behind<'_>, shared: &[u8], op: Op) -> Option<Place> {
        let first = *first_bytes(shared, op).first()?;
        let next = match self.nodes[usize::from(behind.node)].next {
            Next::Neighbour => self.if_begins(behind.node + 1, first)?,
            Next::Node(next) => self.if_begins(next, first)?,
            Next::Table(table) => self.tables[usize::from(table)][usize::from(first)],
            Next::Names(names) => self.names[usize::from(names)]
                .find(behind.name, |known| known.text() == behind.name)
                .unwrap_or(NONE),
            Next::Nowhere | Next::Shape(_) => NONE,
        };
        (next != NONE).then_some(next)
    }

    fn if_begins(&self, place: Place, first: u8) -> Option<Place> {
        let node = &self.nodes[usize::from(place)];
        first_bytes(node.shared(), node.op).contains(&first).then_some(place)
    }

    /// Makes two nodes of one, with so many of its bytes in the first.
    fn split(&mut self, place: Place, at: usize) -> Option<()> {
        let node = self.nodes[usize::from(place)];
        let (before, after) = node.shared().split_at(at);
        first_bytes(after, node.op).first()?;
        let next = if let Next::Neighbour = node.next { Next::Node(place + 1) } else { node.next };
        let rest = self.push(Node { usual: node.usual, ..Node::new(after, node.op, next) });
        self.nodes[usize::from(place)] = Node::new(before, Op::Go, Next::Node(rest));
        Some(())
    }

    /// Hangs a whole piece behind a node, and gives the node that ends it.
    fn grow(&mut self, behind: Behind<'_>, shared: &[u8], op: Op) -> Place {
        let first = first_bytes(shared, op);
        let (start, rest) = shared.split_at(shared.len().min(SHARED));
        let mut last = self.push(Node::new(start, Op::Go, Next::Nowhere));
        self.hang(behind, last, first);
        for part in rest.chunks(SHARED) {
            let next = self.push(Node::new(part, Op::Go, Next::Nowhere));
            self.nodes[usize::from(last)].next = Next::Neighbour;
            last = next;
        }
        self.nodes[usize::from(last)].op = op;
        last
    }

    /// Hangs a node that begins with one of these bytes behind another one.
    fn hang(&mut self, behind: Behind<'_>, new: Place, first: &[u8]) {
        let Behind { node: behind, name } = behind;
        let table = match self.nodes[usize::from(behind)].next {
            Next::Table(table) => table,
            Next::Names(names) => return self.names[usize::from(names)].add(name, new),
            Next::Nowhere | Next::Shape(_) => {
                let next = if new == behind + 1 { Next::Neighbour } else { Next::Node(new) };
                self.nodes[usize::from(behind)].next = next;
                return;
            }
            next => {
                let other = if let Next::Node(other) = next { other } else { behind + 1 };
                let node = &self.nodes[usize::from(other)];
                let mut table = [NONE; 256];
                for &byte in first_bytes(node.shared(), node.op) {
                    table[usize::from(byte)] = other;
                }
                self.tables.push(table);
                let place = Place::try_from(self.tables.len() - 1).unwrap_or_default();
                self.nodes[usize::from(behind)].next = Next::Table(place);
                place
            }
        };
        for &byte in first {
            self.tables[usize::from(table)][usize::from(byte)] = new;
        }
    }

    fn push(&mut self, node: Node) -> Place {
        self.nodes.push(node);
        // There are no more than `MOST_NODES`.
        Place::try_from(self.nodes.len() - 1).unwrap_or_default()
    }
}

/// The length of a text, if it fits a block.
fn usual(length: usize) -> u8 {
    u8::try_from(length).ok().filter(|&usual| usual < 64).unwrap_or_default()
}

fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
