//! Conditions: true or false with the parameters' defaults, or the reason why neither.

use super::super::node::{Node, Place, Unknown, Value};
use super::functions::wrong;
use super::resolve::Template;

impl Template<'_> {
    /// Whether the condition of this name holds.
    pub(super) fn condition(&self, name: &str, place: &Place) -> Result<bool, Unknown> {
        let Some(condition) = self.document.get("Conditions").and_then(|all| all.get(name)) else {
            return Err(mistake(format!("the template has no condition {name}")));
        };
        let value =
            self.once(&format!("Condition {name}"), condition, |condition| match self.holds(condition) {
                Ok(flag) => Node::bool(place, flag),
                Err(why) => Node::new(place, Value::Unknown(why)),
            });
        truth(&value)
    }

    fn holds(&self, condition: &Node) -> Result<bool, Unknown> {
        let Some([(function, argument)]) = condition.entries() else {
            return truth(condition);
        };
        let parts = argument.items().unwrap_or_default();
        match (function.as_str(), parts) {
            ("Condition", _) => match argument.word() {
                Some(name) => self.condition(name, &argument.place),
                None => Err(mistake("Condition takes the name of a condition".into())),
            },
            ("Fn::Equals", [left, right]) => {
                let (left, right) = (self.resolve_value(left), self.resolve_value(right));
                for side in [&left, &right] {
                    if let Some(why) = side.as_unknown() {
                        return Err(why.clone());
                    }
                }
                match (left.word(), right.word()) {
                    (Some(left), Some(right)) => Ok(left == right),
                    _ => Err(mistake("Fn::Equals compares texts".into())),
                }
            }
            ("Fn::Not", [part]) => self.holds(part).map(|flag| !flag),
            ("Fn::And", [_, ..]) => self.all(parts, false),
            ("Fn::Or", [_, ..]) => self.all(parts, true),
            (other, _) => Err(mistake(format!("{other} is no condition that can be resolved"))),
        }
    }

    /// One part that is `decisive` decides, whatever the others are.
    fn all(&self, parts: &[Node], decisive: bool) -> Result<bool, Unknown> {
        let mut unknown = None;
        for part in parts {
            match self.holds(part) {
                Ok(flag) if flag == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(why) => unknown = unknown.or(Some(why)),
            }
        }
        unknown.map_or(Ok(!decisive), Err)
    }
}

fn truth(value: &Node) -> Result<bool, Unknown> {
    if let Some(flag) = value.flag() {
        return Ok(flag);
    }
    let node =
        if value.as_unknown().is_some() { value.clone() } else { wrong(value, "this is no condition") };
    match node.value {
        Value::Unknown(why) => Err(why),
        _ => Err(mistake("this is no condition".into())),
    }
}

fn mistake(reason: String) -> Unknown {
    Unknown { text: "…".into(), reason, is_mistake: true }
}
