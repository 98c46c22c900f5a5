//! What a value at one place of a record can be, and what of it satisfies a test.

use super::strings::Strings;
use crate::model::{Anchor, Asks, Order, Predicate, Reads, Test, TextTest};

/// How many of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    None,
    /// Not known.
    Some,
    All,
}

/// A set of numbers, described exactly or not at all.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Numbers {
    Share(Share),
    Is(f64),
    Not(f64),
    Range(Order, f64),
}

/// A set of values; that there is none is one of them.
#[derive(Debug, Clone)]
pub(super) struct Values {
    absent: Share,
    null: Share,
    /// Arrays and objects.
    composite: Share,
    no: Share,
    yes: Share,
    numbers: Numbers,
    strings: Strings,
}

impl Values {
    const NONE: Self = Self::present(Share::None, Strings::Nothing);
    const SOME: Self = Self::present(Share::Some, Strings::Something);
    const PRESENT: Self = Self::present(Share::All, Strings::Everything);

    const fn present(share: Share, strings: Strings) -> Self {
        Self {
            absent: Share::None,
            null: share,
            composite: share,
            no: share,
            yes: share,
            numbers: Numbers::Share(share),
            strings,
        }
    }

    pub(super) fn strings_only() -> Self {
        Self { strings: Strings::Everything, ..Self::NONE }
    }

    pub(super) fn booleans_only() -> Self {
        Self { yes: Share::All, no: Share::All, ..Self::NONE }
    }

    pub(super) fn numbers_only() -> Self {
        Self { numbers: Numbers::Share(Share::All), ..Self::NONE }
    }

    pub(super) fn composites_only() -> Self {
        Self { composite: Share::All, ..Self::NONE }
    }

    /// The values that make `test` true, where its path leads to one at most.
    pub(super) fn of(test: &Test) -> Self {
        let values = Self::satisfying(&test.predicate);
        match test.asks {
            Asks::ForOne => values,
            // Arrays and objects are neither the same nor different.
            Asks::ForAnother => Self { absent: Share::None, composite: Share::None, ..values.complement() },
        }
    }

    fn satisfying(predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Exists => Self::PRESENT,
            Predicate::Null => Self { null: Share::All, ..Self::NONE },
            Predicate::Bool(true) => Self { yes: Share::All, ..Self::NONE },
            Predicate::Bool(false) => Self { no: Share::All, ..Self::NONE },
            Predicate::Text(test) => Self::reading(test),
            Predicate::Number { value, text } => {
                let test = TextTest::literal(text, Anchor::Whole, false, Reads::Strings);
                Self { numbers: Numbers::Is(*value), strings: Strings::of(&test), ..Self::NONE }
            }
            Predicate::Compare { order, limit, in_strings } => {
                let strings = if *in_strings { Strings::Something } else { Strings::Nothing };
                Self { numbers: Numbers::Range(*order, *limit), strings, ..Self::NONE }
            }
            Predicate::Cidr(_) | Predicate::Time { .. } => Self { strings: Strings::Something, ..Self::NONE },
            Predicate::SameAs { .. } => Self::SOME,
            Predicate::OneOf(predicates) => {
                let all: Vec<Self> = predicates.iter().map(Self::satisfying).collect();
                Self::union(&all)
            }
        }
    }

    fn reading(test: &TextTest) -> Self {
        let strings = Strings::of(test);
        let is_everything = matches!(strings, Strings::Everything);
        let of = |reads: Reads, share: Share| if test.reads() >= reads { share } else { Share::None };
        let some = if is_everything { Share::All } else { Share::Some };
        let flag =
            |text: &str| of(Reads::Booleans, if test.matches(text) { Share::All } else { Share::None });
        Self {
            composite: of(Reads::Everything, some),
            no: flag("false"),
            yes: flag("true"),
            numbers: Numbers::Share(of(Reads::Numbers, if may_read_so(test) { some } else { Share::None })),
            strings,
            ..Self::NONE
        }
    }

    pub(super) fn complement(&self) -> Self {
        Self {
            absent: self.absent.complement(),
            null: self.null.complement(),
            composite: self.composite.complement(),
            no: self.no.complement(),
            yes: self.yes.complement(),
            numbers: self.numbers.complement(),
            strings: self.strings.complement(),
        }
    }

    /// The values of any of the sets.
    pub(super) fn union(sets: &[Self]) -> Self {
        let share = |of: fn(&Self) -> Share| sets.iter().map(of).fold(Share::None, Share::or);
        let numbers = match sets.iter().map(|set| set.numbers).collect::<Vec<_>>().as_slice() {
            [one] => *one,
            several => {
                Numbers::Share(several.iter().map(|numbers| numbers.share()).fold(Share::None, Share::or))
            }
        };
        Self {
            absent: share(|set| set.absent),
            null: share(|set| set.null),
            composite: share(|set| set.composite),
            no: share(|set| set.no),
            yes: share(|set| set.yes),
            numbers,
            strings: Strings::union(sets.iter().map(|set| &set.strings)),
        }
    }

    /// Whether no value is in both, as far as can be told.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        self.absent.is_apart(other.absent)
            && self.null.is_apart(other.null)
            && self.composite.is_apart(other.composite)
            && self.has_no_scalar_with(other)
    }

    /// The same of strings, numbers and booleans alone.
    pub(super) fn has_no_scalar_with(&self, other: &Self) -> bool {
        self.no.is_apart(other.no)
            && self.yes.is_apart(other.yes)
            && self.numbers.is_apart(other.numbers)
            && self.strings.is_apart(&other.strings)
    }

    /// Whether every value of this set is in the other, as far as can be told.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.is_apart(&other.complement())
    }

    /// Whether there has to be a value.
    pub(super) fn is_present(&self) -> bool {
        self.absent == Share::None
    }

    /// The strings among them.
    pub(super) fn strings(&self) -> &Strings {
        &self.strings
    }
}

/// Whether the text of a number may satisfy `test`.
fn may_read_so(test: &TextTest) -> bool {
    match test {
        TextTest::Literal { text, .. } => {
            text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
        }
        TextTest::Regex { .. } => true,
    }
}

impl Share {
    fn complement(self) -> Self {
        match self {
            Self::None => Self::All,
            Self::Some => Self::Some,
            Self::All => Self::None,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::None, Self::None) => Self::None,
            _ => Self::Some,
        }
    }

    fn is_apart(self, other: Self) -> bool {
        self == Self::None || other == Self::None
    }
}

impl Numbers {
    fn complement(self) -> Self {
        match self {
            Self::Share(share) => Self::Share(share.complement()),
            Self::Is(number) => Self::Not(number),
            Self::Not(number) => Self::Is(number),
            Self::Range(Order::Less, limit) => Self::Range(Order::AtLeast, limit),
            Self::Range(Order::AtMost, limit) => Self::Range(Order::Greater, limit),
            Self::Range(Order::Greater, limit) => Self::Range(Order::AtMost, limit),
            Self::Range(Order::AtLeast, limit) => Self::Range(Order::Less, limit),
        }
    }

    fn share(self) -> Share {
        match self {
            Self::Share(share) => share,
            Self::Is(_) | Self::Not(_) | Self::Range(..) => Share::Some,
        }
    }

    #[expect(clippy::float_cmp, reason = "equality of numbers is equality, as written")]
    fn is_apart(self, other: Self) -> bool {
        match (self, other) {
            (Self::Share(Share::None), _) | (_, Self::Share(Share::None)) => true,
            (Self::Is(a), Self::Is(b)) => a != b,
            (Self::Is(a), Self::Not(b)) | (Self::Not(b), Self::Is(a)) => a == b,
            (Self::Is(number), Self::Range(order, limit)) | (Self::Range(order, limit), Self::Is(number)) => {
                match order {
                    Order::Less => number >= limit,
                    Order::AtMost => number > limit,
                    Order::Greater => number <= limit,
                    Order::AtLeast => number < limit,
                }
            }
            (Self::Range(a, low), Self::Range(b, high)) => are_ranges_apart((a, low), (b, high)),
            _ => false,
        }
    }
}

fn are_ranges_apart(one: (Order, f64), other: (Order, f64)) -> bool {
    let is_upper = |order: Order| matches!(order, Order::Less | Order::AtMost);
    let (upper, lower) = match (is_upper(one.0), is_upper(other.0)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    let has_edge = upper.0 == Order::AtMost && lower.0 == Order::AtLeast;
    if has_edge { upper.1 < lower.1 } else { upper.1 <= lower.1 }
}
