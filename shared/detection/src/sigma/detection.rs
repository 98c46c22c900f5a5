//! From a search to an expression.

use rsigma_parser::{Detection, DetectionItem, FieldSpec};

use super::budget::Budget;
use super::{SigmaError, item};
use crate::model::Expr;

pub(super) fn compile(search: &Detection, budget: &Budget<'_>) -> Result<Expr, SigmaError> {
    match search {
        Detection::AllOf(items) => {
            items.iter().map(|item| item::compile(item, budget)).collect::<Result<Vec<_>, _>>().map(all)
        }
        Detection::AnyOf(searches) => Ok(Expr::Any(each(searches, budget)?)),
        Detection::And(searches) => Ok(all(each(searches, budget)?)),
        Detection::Keywords(values) => {
            let field = FieldSpec::new(None, Vec::new());
            item::compile(&DetectionItem { field, values: values.clone() }, budget)
        }
        Detection::ArrayMatch { field, .. } => Err(SigmaError::about(
            field,
            format!(
                "{field} is quantified over an array, which no published version of the specification has"
            ),
        )),
        Detection::Conditional { .. } => Err(SigmaError::new(
            "conditions within a search are in no published version of the specification",
        )),
    }
}

fn each(searches: &[Detection], budget: &Budget<'_>) -> Result<Vec<Expr>, SigmaError> {
    searches.iter().map(|search| compile(search, budget)).collect()
}

fn all(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) }
}
