//! How deep each place of a block is, and in what.

use super::DEEPEST;

/// The containers that are open.
pub(super) struct Nesting {
    /// The digits of the depth, lowest first, each as all ones or none. Only if not `is_special`.
    digits: [u64; 3],
    /// The same of the greatest depth so far, or of seven if it is greater.
    deepest_digits: [u64; 3],
    deepest: u64,
    /// A bit for each container from the outermost to the innermost, which has the lowest: one for an object.
    /// Above them stands another one, so that the depth can be told. Only if `is_special`.
    kinds: u64,
    /// An array is open, or more than seven objects are.
    is_special: bool,
}

/// What the brackets of a block say of its places.
pub(super) struct Regions {
    /// Commas and opening brackets behind which a key has to come.
    pub(super) keys_begin: u64,
    /// Where members are listed.
    pub(super) listed: u64,
    /// What of that stands in the object that is a member's value.
    pub(super) nested: u64,
    /// All up to the end of the record.
    pub(super) record: u64,
    pub(super) has_ended: bool,
}

impl Nesting {
    pub(super) fn new() -> Self {
        Self { digits: [0; 3], deepest_digits: [0; 3], deepest: 0, kinds: 1, is_special: false }
    }

    #[inline(always)]
    pub(super) fn is_special(&self) -> bool {
        self.is_special
    }

    /// The greatest depth so far.
    pub(super) fn deepest(&self) -> u64 {
        self.deepest
    }

    /// Counts braces, if there are no other brackets in the block and around it; none if it gets too deep.
    ///
    /// Each binary digit of the depth is a running exclusive or of where it changes: the lowest at
    /// every brace, each other where the digits below it carry or borrow.
    #[inline(always)]
    pub(super) fn sum(
        &mut self,
        open: u64,
        close: u64,
        comma: u64,
        running_xor: impl Fn(u64) -> u64,
    ) -> Option<Regions> {
        let changes = open | close;
        let ones = running_xor(changes) ^ self.digits[0];
        let ones_before = ones ^ changes;
        let (carry, borrow) = (open & ones_before, close & !ones_before);
        let changes = carry | borrow;
        let twos = running_xor(changes) ^ self.digits[1];
        let twos_before = twos ^ changes;
        let (carry, borrow) = (carry & twos_before, borrow & !twos_before);
        let changes = carry | borrow;
        let fours = running_xor(changes) ^ self.digits[2];
        let fours_before = fours ^ changes;
        let ended = close & !(ones | twos | fours);
        // All ones if there is no end.
        let record = ended ^ ended.wrapping_sub(1);
        if carry & fours_before & record != 0 {
            return None;
        }
        let [m0, m1, m2] = self.deepest_digits;
        let deepens = open & !(ones_before ^ m0 | twos_before ^ m1 | fours_before ^ m2) & record;
        if deepens != 0 {
            self.deepen([ones & record, twos & record, fours & record]);
        }
        self.digits = [ones, twos, fours].map(|digit| (digit.cast_signed() >> 63).cast_unsigned());
        Some(Regions {
            keys_begin: open | comma,
            listed: (ones ^ twos) & !fours,
            nested: twos,
            record,
            has_ended: ended != 0,
        })
    }

    #[inline(always)]
    fn deepen(&mut self, [ones, twos, fours]: [u64; 3]) {
        let (four, twos, ones) = if fours == 0 { (0, twos, ones) } else { (4, twos & fours, ones & fours) };
        let (two, ones) = if twos == 0 { (0, ones) } else { (2, ones & twos) };
        let one = u64::from(ones != 0);
        self.set_deepest(four | two | one);
    }

    fn set_deepest(&mut self, deepest: u64) {
        self.deepest = deepest;
        self.deepest_digits = digits(deepest.min(7));
    }

    /// Follows the brackets of a block one by one; none if they do not match, or nest too deep.
    #[inline(never)]
    pub(super) fn follow(
        &mut self,
        brace: u64,
        end_brace: u64,
        square: u64,
        end_square: u64,
        comma: u64,
    ) -> Option<Regions> {
        if !self.is_special {
            let depth = self.digits[0] & 1 | self.digits[1] & 2 | self.digits[2] & 4;
            self.kinds = (2 << depth) - 1;
        }
        let mut regions =
            Regions { keys_begin: brace, listed: 0, nested: 0, record: u64::MAX, has_ended: false };
        let open = brace | square;
        let mut brackets = open | end_brace | end_square;
        let braces = brace | end_brace;
        let mut objects = 0;
        // What stands behind the brackets so far.
        let mut behind = u64::MAX;
        loop {
            let upto = brackets ^ brackets.wrapping_sub(1);
            let region = upto & behind;
            objects |= region & (self.kinds & 1).wrapping_neg();
            regions.listed |= region & u64::from(self.kinds | 0b100 == 0b111).wrapping_neg();
            regions.nested |= region & u64::from(self.kinds == 0b111).wrapping_neg();
            if brackets == 0 {
                break;
            }
            behind = !upto;
            let at = brackets.trailing_zeros();
            let is_brace = braces >> at & 1;
            if open >> at & 1 == 1 {
                self.kinds = self.kinds << 1 | is_brace;
                let depth = u64::from(self.kinds.ilog2());
                if depth > DEEPEST {
                    return None;
                }
                if depth > self.deepest {
                    self.set_deepest(depth);
                }
            } else if self.kinds & 1 == is_brace {
                self.kinds >>= 1;
            } else {
                return None;
            }
            if self.kinds == 1 {
                regions.record = upto;
                regions.has_ended = true;
                break;
            }
            brackets &= brackets - 1;
        }
        regions.keys_begin |= comma & objects;
        let depth = u64::from(self.kinds.ilog2());
        self.is_special = self.kinds & (self.kinds + 1) != 0 || depth > 7;
        self.digits = digits(depth & 7);
        Some(regions)
    }
}

/// The three lowest binary digits, each as all ones or none.
fn digits(number: u64) -> [u64; 3] {
    [number & 1, number >> 1 & 1, number >> 2 & 1].map(u64::wrapping_neg)
}
