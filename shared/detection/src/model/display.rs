//! The model in words, close to the notation of filter patterns.

use std::fmt;

use super::text::{Anchor, Expression, TextTest};
use super::{Asks, Expr, Order, Predicate, Test};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => joined(f, parts, " && ", "always"),
            Self::Any(parts) => joined(f, parts, " || ", "never"),
            Self::Not(part) => write!(f, "not ({part})"),
            Self::Test(test) => write!(f, "{test}"),
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], by: &str, empty: &str) -> fmt::Result {
    if parts.is_empty() {
        return f.write_str(empty);
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(by)?;
        }
        match part {
            Expr::All(_) | Expr::Any(_) => write!(f, "({part})")?,
            Expr::Not(_) | Expr::Test(_) => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.asks {
            Asks::ForOne => write!(f, "{} {}", self.path, self.predicate),
            Asks::ForAnother => write!(f, "{} is there and not {}", self.path, self.predicate),
        }
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("exists"),
            Self::Null => f.write_str("is null"),
            Self::Bool(flag) => write!(f, "is {flag}"),
            Self::Text(test) => write!(f, "{test}"),
            Self::Number { text, .. } => write!(f, "= {text}"),
            Self::Compare { order, limit, .. } => write!(f, "{order} {limit}"),
            Self::Cidr(network) => write!(f, "is in {network}"),
            Self::SameAs { path, anchor, fold_case } => {
                let verb = match anchor {
                    Anchor::Whole => "is the same as",
                    Anchor::Start => "starts with",
                    Anchor::End => "ends with",
                    Anchor::Within => "contains",
                };
                write!(f, "{verb} {path}{}", in_any_case(*fold_case))
            }
            Self::Time { part, predicate } => write!(f, "has a {part} that {predicate}"),
            Self::OneOf(predicates) => {
                f.write_str("is one of")?;
                predicates.iter().enumerate().try_for_each(|(at, predicate)| {
                    write!(f, "{} {predicate}", if at == 0 { ":" } else { "," })
                })
            }
        }
    }
}

impl fmt::Display for TextTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal { text, anchor, fold_case, .. } => {
                let (before, after) = match anchor {
                    Anchor::Whole => ("", ""),
                    Anchor::Start => ("", "*"),
                    Anchor::End => ("*", ""),
                    Anchor::Within if text.is_empty() => ("*", ""),
                    Anchor::Within => ("*", "*"),
                };
                write!(f, "= {:?}{}", format!("{before}{text}{after}"), in_any_case(*fold_case))
            }
            Self::Regex { regex: Expression::Regex(regex), .. } => write!(f, "= %{regex}%"),
            Self::Regex { regex: Expression::Glob(glob), .. } => {
                write!(f, "= {:?}{}", glob.to_string(), in_any_case(glob.folds_case()))
            }
        }
    }
}

fn in_any_case(fold_case: bool) -> &'static str {
    if fold_case { " in any case" } else { "" }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        })
    }
}
