//! Operators, with what is not known left so.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use super::super::node::{Node, Place, Value};

/// More values than any comparison in a module needs.
const MOST_COMPARED: usize = 10_000;

/// A number as Terraform writes it into a text.
pub(super) fn number_text(number: f64) -> String {
    // `-0` is no number that anybody writes.
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

fn number(place: &Place, number: f64, written: &str) -> Node {
    if number.is_finite() {
        Node::new(place, Value::Number(number_text(number)))
    } else {
        Node::mistake(place, written, "this is no number")
    }
}

pub(super) fn unary(operator: UnaryOperator, value: &Node, place: &Place, written: &str) -> Node {
    if let Some(why) = value.as_unknown() {
        return Node::unknown(place, written, why.reason.clone());
    }
    match (operator, value.flag(), value.number()) {
        (UnaryOperator::Not, Some(flag), _) => Node::bool(place, !flag),
        (UnaryOperator::Neg, _, Some(value)) => number(place, -value, written),
        _ => Node::mistake(place, written, format!("the operator does not take {}", value.kind())),
    }
}

pub(super) fn binary(
    operator: BinaryOperator,
    left: &Node,
    right: &Node,
    place: &Place,
    written: &str,
) -> Node {
    use BinaryOperator::{And, Div, Eq, Greater, GreaterEq, Less, LessEq, Minus, Mod, Mul, NotEq, Or, Plus};
    // One side may decide alone.
    match (operator, left.flag(), right.flag()) {
        (And, Some(false), _) | (And, _, Some(false)) => return Node::bool(place, false),
        (Or, Some(true), _) | (Or, _, Some(true)) => return Node::bool(place, true),
        _ => {}
    }
    if let Some(why) = left.as_unknown().or_else(|| right.as_unknown()) {
        return Node::unknown(place, written, why.reason.clone());
    }
    let wrong = || {
        let reason = format!("the operator does not take {} and {}", left.kind(), right.kind());
        Node::mistake(place, written, reason)
    };
    match operator {
        Eq | NotEq => match is_same(left, right, &mut MOST_COMPARED.clone()) {
            Some(same) => Node::bool(place, same == (operator == Eq)),
            None => Node::unknown(place, written, "what is compared is not known"),
        },
        And | Or => match (left.flag(), right.flag()) {
            // Whatever decides alone was seen above.
            (Some(_), Some(_)) => Node::bool(place, operator == And),
            _ => wrong(),
        },
        Less | LessEq | Greater | GreaterEq | Plus | Minus | Mul | Div | Mod => {
            let (Some(a), Some(b)) = (left.number(), right.number()) else { return wrong() };
            match operator {
                Less => Node::bool(place, a < b),
                LessEq => Node::bool(place, a <= b),
                Greater => Node::bool(place, a > b),
                GreaterEq => Node::bool(place, a >= b),
                Plus => number(place, a + b, written),
                Minus => number(place, a - b, written),
                Mul => number(place, a * b, written),
                Div => number(place, a / b, written),
                _ => number(place, a % b, written),
            }
        }
    }
}

/// Whether two values are equal; `None` if something in them is not known, or they are too large.
pub(super) fn is_same(left: &Node, right: &Node, budget: &mut usize) -> Option<bool> {
    *budget = budget.checked_sub(1)?;
    Some(match (&left.value, &right.value) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => return None,
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b || left.number() == right.number(),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                if !is_same(a, b, budget)? {
                    return Some(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            for (key, value) in a.iter() {
                *budget = budget.checked_sub(b.len())?;
                let Some(other) = right.get(key) else { return Some(false) };
                if !is_same(value, other, budget)? {
                    return Some(false);
                }
            }
            true
        }
        _ => false,
    })
}
