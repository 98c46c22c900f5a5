//! Writes minified JSON into bytes that are used again for the next line.

use std::io::Write;

/// An object that is being written. It ends with [`end`](Self::end).
pub(super) struct Object<'b> {
    pub(super) out: &'b mut Vec<u8>,
    is_empty: bool,
}

impl<'b> Object<'b> {
    pub(super) fn begin(out: &'b mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// The name of a member, which needs no escapes.
    pub(super) fn name(&mut self, name: &str) {
        self.out.extend_from_slice(if self.is_empty { b"\"" } else { b",\"" });
        self.is_empty = false;
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.out.push(b'"');
        escaped(self.out, text);
        self.out.push(b'"');
    }

    /// A text of several parts, none of which is copied first.
    pub(super) fn joined(&mut self, name: &str, parts: &[&str]) {
        self.name(name);
        self.out.push(b'"');
        for part in parts {
            escaped(self.out, part);
        }
        self.out.push(b'"');
    }

    pub(super) fn some_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    pub(super) fn some_number(&mut self, name: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.name(name);
            // Writing into memory does not fail.
            write!(self.out, "{number}").unwrap_or_default();
        }
    }

    pub(super) fn flag(&mut self, name: &str, flag: bool) {
        self.name(name);
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    pub(super) fn object(&mut self, name: &str) -> Object<'_> {
        self.name(name);
        Object::begin(self.out)
    }
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    // A sum over all of them is compiled to wide instructions, a search is not; nearly always there is nothing to find.
    if !bytes.iter().fold(false, |any, &byte| any | needs_escape(byte)) {
        return out.extend_from_slice(bytes);
    }
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => write!(out, "\\u{byte:04x}").unwrap_or_default(),
            _ => out.push(byte),
        }
    }
}
