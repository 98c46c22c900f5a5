//! Finds where one JSON value ends, chunk by chunk, without understanding it.

use memchr::memchr2;

/// Follows one value through chunks of bytes until its last byte.
///
/// Only strings and the depth of brackets are followed; whether the value is well-formed is for
/// the JSON parser to say. No recursion, so depth costs nothing.
#[derive(Debug, Default)]
pub(crate) struct ValueScanner {
    depth: u64,
    max_depth: u64,
    in_string: bool,
    escaped: bool,
}

impl ValueScanner {
    /// The deepest nesting seen; 1 for a flat object.
    pub(crate) fn max_depth(&self) -> u64 {
        self.max_depth
    }

    /// Consumes bytes of the value. Returns how many, and whether the value ended with them.
    ///
    /// A scalar such as `null` ends before the delimiter that follows it.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < bytes.len() {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) else { return (bytes.len(), false) };
                at += found + 1;
                if bytes[at - 1] == b'\\' {
                    self.escaped = true;
                } else {
                    self.in_string = false;
                    if self.depth == 0 {
                        return (at, true);
                    }
                }
                continue;
            }
            match bytes[at] {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    self.max_depth = self.max_depth.max(self.depth);
                }
                // What follows a scalar belongs to whatever surrounds it.
                b'}' | b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => return (at, true),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (at + 1, true);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        (at, false)
    }
}
