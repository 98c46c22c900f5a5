//! A rule as it runs, with what it says of itself.

use serde_json::{Map, Value, json};

use super::{Lists, SigmaError, condition, document};
use crate::detector::Severity;
use crate::model::{Document, Expr, evaluate};

/// A compiled Sigma rule.
#[derive(Debug, Clone)]
pub struct SigmaRule {
    /// Its title.
    pub title: String,
    /// Its UUID.
    pub id: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// What it finds.
    pub description: Option<String>,
    /// Where it comes from.
    pub references: Vec<String>,
    /// What else may match.
    pub false_positives: Vec<String>,
    /// How bad a match is.
    pub severity: Severity,
    /// The MITRE ATT&CK techniques among its tags, such as `T1562.008`.
    pub attack: Vec<String>,
    /// Search identifiers that no condition names.
    pub unused: Vec<String>,
    expr: Expr,
}

impl SigmaRule {
    /// Compiles a rule that stands in a file of its own.
    pub fn compile(document: &Value, lists: &Lists) -> Result<Self, SigmaError> {
        let rule = document::parse(document)?;
        let (expr, unused) = condition::compile(&rule.detection, lists)?;
        Ok(Self {
            title: rule.title,
            id: rule.id,
            author: rule.author,
            description: rule.description,
            references: rule.references,
            false_positives: rule.falsepositives,
            severity: severity(rule.level),
            attack: rule.tags.iter().filter_map(|tag| technique(tag)).collect(),
            unused,
            expr,
        })
    }

    /// Compiles a rule that stands in a detector, which says the rest: title and log source may be
    /// left out.
    pub fn compile_inline(rule: &Value, lists: &Lists) -> Result<Self, SigmaError> {
        let given = rule.as_object().ok_or_else(|| {
            SigmaError::about(
                "sigma",
                "`sigma` is a rule with a `detection`, or the path of a Sigma rule's file",
            )
        })?;
        let mut whole = Map::new();
        whole.insert("title".to_owned(), json!("inline"));
        whole.insert("logsource".to_owned(), json!({ "product": "aws", "service": "cloudtrail" }));
        whole.extend(given.clone());
        Self::compile(&Value::Object(whole), lists)
    }

    /// What it means.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Whether `record` matches.
    pub fn matches<'d>(&self, record: impl Into<Document<'d>>) -> bool {
        evaluate(&self.expr, record.into())
    }
}

fn severity(level: Option<rsigma_parser::Level>) -> Severity {
    match level {
        Some(rsigma_parser::Level::Informational) => Severity::Informational,
        Some(rsigma_parser::Level::Low) => Severity::Low,
        Some(rsigma_parser::Level::Medium) | None => Severity::Medium,
        Some(rsigma_parser::Level::High) => Severity::High,
        Some(rsigma_parser::Level::Critical) => Severity::Critical,
    }
}

/// `attack.t1562.008` is technique T1562.008; `attack.persistence` is a tactic.
fn technique(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("attack.")?;
    let digits = name.strip_prefix('t')?;
    digits.starts_with(|first: char| first.is_ascii_digit()).then(|| name.to_uppercase())
}
