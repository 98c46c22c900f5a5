//! Choices that the bytes of an input make.

/// Hands out one choice after the other. When the bytes are used up every choice is the first, so
/// that whatever is made of them comes to an end.
pub(crate) struct Choices<'i>(std::slice::Iter<'i, u8>);

impl<'i> Choices<'i> {
    pub(crate) fn new(input: &'i [u8]) -> Self {
        Self(input.iter())
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }

    /// A number below `count`, which is at most 256.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
