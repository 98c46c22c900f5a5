//! From a field with its modifiers and values to an expression.

use core::net::IpAddr;

use ipnet::IpNet;
use rsigma_parser::{DetectionItem, SigmaString, SigmaValue};

use super::budget::Budget;
use super::modifiers::{Kind, Modifiers};
use super::{SigmaError, text};
use crate::model::{Anchor, Asks, Expr, Path, Predicate, Step, Test};

pub(super) fn compile(item: &DetectionItem, budget: &Budget<'_>) -> Result<Expr, SigmaError> {
    let name = item.field.name.as_deref();
    compile_item(item, budget).map_err(|error| match name {
        Some(name) if error.about.is_none() => SigmaError::about(name, format!("{name}: {}", error.reason)),
        _ => error,
    })
}

fn compile_item(item: &DetectionItem, budget: &Budget<'_>) -> Result<Expr, SigmaError> {
    let modifiers = Modifiers::of(&item.field)?;
    let field = Field { name: item.field.name.as_deref(), modifiers: &modifiers, budget };
    if modifiers.kind == Kind::Exists {
        return field.exists(&item.values);
    }
    let mut exprs = Vec::new();
    let mut predicates = Vec::new();
    for value in expanded(&item.values, &modifiers, budget)? {
        match value {
            SigmaValue::Null => exprs.push(field.null()?),
            value => {
                let found = field.predicates(&value)?;
                if modifiers.all {
                    exprs.push(field.test(one_of(found)));
                } else {
                    predicates.extend(found);
                }
            }
        }
    }
    if !predicates.is_empty() {
        exprs.push(field.test(one_of(predicates)));
    }
    let expr = match (exprs.len(), modifiers.all) {
        (1, _) => exprs.remove(0),
        (_, true) => Expr::All(exprs),
        (_, false) => Expr::Any(exprs),
    };
    // A field that is absent is no different value, it is none.
    Ok(if modifiers.differs { Expr::All(vec![field.is_there()?, expr.negated()]) } else { expr })
}

fn one_of(mut predicates: Vec<Predicate>) -> Predicate {
    if predicates.len() == 1 { predicates.remove(0) } else { Predicate::OneOf(predicates) }
}

fn expanded(
    values: &[SigmaValue],
    modifiers: &Modifiers,
    budget: &Budget<'_>,
) -> Result<Vec<SigmaValue>, SigmaError> {
    let mut expanded = Vec::new();
    for value in values {
        match value {
            SigmaValue::String(string) if modifiers.expand => {
                let texts = budget.lists.expand(&string.original)?;
                texts.iter().try_for_each(|text| budget.value(text))?;
                expanded.extend(texts.iter().map(|text| SigmaValue::String(SigmaString::new(text))));
            }
            SigmaValue::String(string) => {
                budget.value(&string.original)?;
                expanded.push(value.clone());
            }
            other => {
                budget.value("")?;
                expanded.push(other.clone());
            }
        }
    }
    Ok(expanded)
}

/// A field with its modifiers; keywords have no field.
struct Field<'r> {
    name: Option<&'r str>,
    modifiers: &'r Modifiers,
    budget: &'r Budget<'r>,
}

impl Field<'_> {
    fn test(&self, predicate: Predicate) -> Expr {
        let path = match self.name {
            None => Path::new(vec![Step::Anywhere]),
            Some(name) => path(name, true),
        };
        Expr::test(Test { path, asks: Asks::ForOne, predicate })
    }

    /// That there is such a field, whatever its value: null too.
    fn is_there(&self) -> Result<Expr, SigmaError> {
        let name = self.name.ok_or_else(|| SigmaError::new("exists, neq and null are asked of a field"))?;
        Ok(Expr::test(Test { path: path(name, false), asks: Asks::ForOne, predicate: Predicate::Exists }))
    }

    fn exists(&self, values: &[SigmaValue]) -> Result<Expr, SigmaError> {
        let is_there = self.is_there()?;
        match values {
            [SigmaValue::Bool(true)] => Ok(is_there),
            [SigmaValue::Bool(false)] => Ok(is_there.negated()),
            _ => Err(SigmaError::new("exists takes true or false")),
        }
    }

    /// Rules were written with `null` for "there is none" before `exists` came, and go on to be.
    fn null(&self) -> Result<Expr, SigmaError> {
        let modifiers = self.modifiers;
        if modifiers.kind != Kind::Plain
            || modifiers.open_start
            || modifiers.open_end
            || modifiers.windash
            || !modifiers.encodings.is_empty()
            || modifiers.time.is_some()
        {
            return Err(SigmaError::new("null goes with no modifier but neq, all, cased and expand"));
        }
        let is_there = self.is_there()?;
        Ok(Expr::Any(vec![self.test(Predicate::Null), is_there.negated()]))
    }

    /// What a value stands for; any of it is enough.
    fn predicates(&self, value: &SigmaValue) -> Result<Vec<Predicate>, SigmaError> {
        let found = match self.modifiers.kind {
            Kind::Plain => return self.plain(value),
            Kind::Regex(flags) => Predicate::Text(text::regex(&string(value)?, flags, self.budget)?),
            Kind::Cidr => Predicate::Cidr(network(&string(value)?)?),
            Kind::FieldRef => Predicate::SameAs {
                path: path(&string(value)?, true),
                anchor: self.anchor(),
                fold_case: !self.modifiers.cased,
            },
            Kind::Compare(order) => {
                self.timed(Predicate::Compare { order, limit: number(value)?, in_strings: true })
            }
            Kind::Exists => return Err(SigmaError::new("exists takes true or false")),
        };
        Ok(vec![found])
    }

    fn plain(&self, value: &SigmaValue) -> Result<Vec<Predicate>, SigmaError> {
        if self.modifiers.time.is_some() {
            let value = number(value)?;
            return Ok(vec![self.timed(Predicate::Number { value, text: value.to_string() })]);
        }
        let is_text = self.name.is_none()
            || self.modifiers.open_start
            || self.modifiers.open_end
            || !self.modifiers.encodings.is_empty();
        let value = match value {
            SigmaValue::Integer(_) | SigmaValue::Float(_) if !is_text => {
                return Ok(vec![Predicate::Number { value: number(value)?, text: written(value) }]);
            }
            SigmaValue::String(string) => string.clone(),
            other => SigmaString::from_raw(&written(other)),
        };
        let tests = text::tests(&value, self.modifiers, self.name.is_none(), self.budget)?;
        Ok(tests.into_iter().map(Predicate::Text).collect())
    }

    fn timed(&self, predicate: Predicate) -> Predicate {
        match self.modifiers.time {
            Some(part) => Predicate::Time { part, predicate: Box::new(predicate) },
            None => predicate,
        }
    }

    fn anchor(&self) -> Anchor {
        match (self.modifiers.open_start, self.modifiers.open_end) {
            (false, false) => Anchor::Whole,
            (false, true) => Anchor::Start,
            (true, false) => Anchor::End,
            (true, true) => Anchor::Within,
        }
    }
}

/// `userIdentity.sessionContext` is a field of a field. Arrays on the way are looked into; at the
/// end only if values are asked for.
fn path(name: &str, into_values: bool) -> Path {
    let mut steps = Vec::new();
    for part in name.split('.') {
        if !steps.is_empty() {
            steps.push(Step::Members);
        }
        // Escaped brackets are how the parser keeps those that are part of a name.
        steps.push(Step::Field(part.replace("\\[", "[").replace("\\]", "]")));
    }
    if into_values {
        steps.push(Step::Members);
    }
    Path::new(steps)
}

fn string(value: &SigmaValue) -> Result<String, SigmaError> {
    match value {
        SigmaValue::String(string) => Ok(string.original.clone()),
        other => {
            Err(SigmaError::new(format!("{other} is no value for this modifier: write a string, in quotes")))
        }
    }
}

/// The characters of a value, as near as YAML lets us know them: 5.0 is not 5, and a record's
/// numbers are written in the same way.
fn written(value: &SigmaValue) -> String {
    match value {
        SigmaValue::Float(float) => serde_json::json!(float).to_string(),
        other => other.to_string(),
    }
}

fn number(value: &SigmaValue) -> Result<f64, SigmaError> {
    let number = match value {
        #[expect(clippy::cast_precision_loss, reason = "JSON numbers are compared as doubles")]
        SigmaValue::Integer(integer) => Some(*integer as f64),
        SigmaValue::Float(float) => Some(*float),
        SigmaValue::String(string) => string.original.parse().ok(),
        SigmaValue::Bool(_) | SigmaValue::Null => None,
    };
    number.filter(|number| number.is_finite()).ok_or_else(|| SigmaError::new(format!("{value} is no number")))
}

fn network(text: &str) -> Result<IpNet, SigmaError> {
    let host = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(host).ok_or_else(|| {
        SigmaError::about(text, format!("{text:?} is no network, such as 192.0.2.0/24 or 2001:db8::/32"))
    })
}
