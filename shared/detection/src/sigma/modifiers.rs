//! The modifiers of a field, sorted by what they do.

use rsigma_parser::{FieldSpec, Modifier};

use super::SigmaError;
use super::encoding::Encoding;
use crate::model::{Order, TimePart};

/// What the modifiers of a field ask for.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a modifier that stands there or does not")]
pub(super) struct Modifiers {
    /// `all`: every value has to match, not one of them.
    pub(super) all: bool,
    /// `cased`
    pub(super) cased: bool,
    /// `neq`
    pub(super) differs: bool,
    /// `expand`
    pub(super) expand: bool,
    /// `windash`
    pub(super) windash: bool,
    /// `endswith`, `contains`
    pub(super) open_start: bool,
    /// `startswith`, `contains`
    pub(super) open_end: bool,
    /// `wide`, `base64` and their like, in order.
    pub(super) encodings: Vec<Encoding>,
    /// `minute` and so on.
    pub(super) time: Option<TimePart>,
    /// What the value is, if no plain one.
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    #[default]
    Plain,
    /// `re`, with its flags
    Regex(Flags),
    /// `cidr`
    Cidr,
    /// `exists`
    Exists,
    /// `fieldref`
    FieldRef,
    /// `lt` and so on.
    Compare(Order),
}

/// `i`, `m`, `s`
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
}

impl Modifiers {
    pub(super) fn of(field: &FieldSpec) -> Result<Self, SigmaError> {
        let mut modifiers = Self::default();
        for modifier in &field.modifiers {
            modifiers.take(*modifier)?;
        }
        modifiers.check()?;
        Ok(modifiers)
    }

    fn take(&mut self, modifier: Modifier) -> Result<(), SigmaError> {
        match modifier {
            Modifier::All => self.all = true,
            Modifier::Cased => self.cased = true,
            Modifier::Neq => self.differs = true,
            Modifier::Expand => self.expand = true,
            Modifier::WindAsh => self.windash = true,
            Modifier::Contains => (self.open_start, self.open_end) = (true, true),
            Modifier::StartsWith => self.open_end = true,
            Modifier::EndsWith => self.open_start = true,
            Modifier::Wide => self.encode(Encoding::Utf16Le)?,
            Modifier::Utf16be => self.encode(Encoding::Utf16Be)?,
            Modifier::Utf16 => self.encode(Encoding::Utf16)?,
            Modifier::Base64 => self.encode(Encoding::Base64)?,
            Modifier::Base64Offset => self.encode(Encoding::Base64Offset)?,
            Modifier::Re => self.become_kind(Kind::Regex(Flags::default()))?,
            Modifier::Cidr => self.become_kind(Kind::Cidr)?,
            Modifier::Exists => self.become_kind(Kind::Exists)?,
            Modifier::FieldRef => self.become_kind(Kind::FieldRef)?,
            Modifier::Gt => self.become_kind(Kind::Compare(Order::Greater))?,
            Modifier::Gte => self.become_kind(Kind::Compare(Order::AtLeast))?,
            Modifier::Lt => self.become_kind(Kind::Compare(Order::Less))?,
            Modifier::Lte => self.become_kind(Kind::Compare(Order::AtMost))?,
            Modifier::IgnoreCase => self.flags("i")?.ignore_case = true,
            Modifier::Multiline => self.flags("m")?.multi_line = true,
            Modifier::DotAll => self.flags("s")?.dot_all = true,
            Modifier::Minute => self.take_part(TimePart::Minute)?,
            Modifier::Hour => self.take_part(TimePart::Hour)?,
            Modifier::Day => self.take_part(TimePart::Day)?,
            Modifier::Week => self.take_part(TimePart::Week)?,
            Modifier::Month => self.take_part(TimePart::Month)?,
            Modifier::Year => self.take_part(TimePart::Year)?,
        }
        Ok(())
    }

    /// Encodings work on the value as written; a wildcard is no part of it that could be encoded.
    fn encode(&mut self, encoding: Encoding) -> Result<(), SigmaError> {
        if self.open_start || self.open_end || self.windash {
            return Err(SigmaError::new(
                "base64, wide and their like stand before contains, startswith, endswith",
            ));
        }
        self.encodings.push(encoding);
        Ok(())
    }

    fn become_kind(&mut self, kind: Kind) -> Result<(), SigmaError> {
        if self.kind != Kind::Plain {
            return Err(SigmaError::new(
                "re, cidr, exists, fieldref, gt, gte, lt and lte do not go together",
            ));
        }
        self.kind = kind;
        Ok(())
    }

    fn take_part(&mut self, part: TimePart) -> Result<(), SigmaError> {
        match self.time.replace(part) {
            None => Ok(()),
            Some(_) => Err(SigmaError::new("minute, hour, day, week, month and year do not go together")),
        }
    }

    fn flags(&mut self, flag: &str) -> Result<&mut Flags, SigmaError> {
        match &mut self.kind {
            Kind::Regex(flags) => Ok(flags),
            _ => Err(SigmaError::new(format!("the flag {flag} stands behind re"))),
        }
    }

    fn check(&self) -> Result<(), SigmaError> {
        let is_text = self.open_start || self.open_end || self.windash || !self.encodings.is_empty();
        let kind_is = |kinds: &[Kind]| kinds.contains(&self.kind);
        if is_text && !kind_is(&[Kind::Plain, Kind::FieldRef]) {
            return Err(SigmaError::new(
                "contains, startswith, endswith, windash and encodings are for plain values",
            ));
        }
        if self.kind == Kind::FieldRef && (self.windash || !self.encodings.is_empty()) {
            return Err(SigmaError::new(
                "fieldref goes with contains, startswith, endswith, cased and neq alone",
            ));
        }
        if self.cased && !kind_is(&[Kind::Plain, Kind::FieldRef]) {
            return Err(SigmaError::new("cased is for plain values; re is case-sensitive by itself"));
        }
        if self.time.is_some() && (is_text || !matches!(self.kind, Kind::Plain | Kind::Compare(_))) {
            return Err(SigmaError::new(
                "minute, hour, day, week, month and year go with gt, gte, lt, lte alone",
            ));
        }
        if self.kind == Kind::Exists && (self.differs || self.all || self.expand) {
            return Err(SigmaError::new("exists stands alone"));
        }
        if self.encodings.last().is_some_and(|encoding| !encoding.is_base64()) {
            return Err(SigmaError::new(
                "wide, utf16 and their like give bytes that no JSON holds: add base64 or base64offset",
            ));
        }
        Ok(())
    }
}
