//! A document while one test is asked of it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use super::delivered::Delivered;
use super::evaluate::{Document, text_of};
use super::path::{Key, Path};
use super::text::Reads;

/// Different texts.
type Texts = Rc<HashSet<String>>;

/// What a test works out once, however many values it is asked of. Lists in a record are as long as
/// whoever made the request wants them.
pub(super) struct Asked<'d> {
    document: Document<'d>,
    delivered: OnceCell<Option<Delivered<'d>>>,
    /// The container that was quoted last: a test of many values quotes it for each.
    quoted: RefCell<Option<(*const Value, Rc<str>)>>,
    /// By the path that leads to them.
    texts: RefCell<Vec<(*const Path, Texts)>>,
}

impl<'d> Asked<'d> {
    pub(super) fn new(document: Document<'d>) -> Self {
        Self {
            document,
            delivered: OnceCell::new(),
            quoted: RefCell::new(None),
            texts: RefCell::new(Vec::new()),
        }
    }

    /// An array or object of the document as it was delivered.
    pub(super) fn quoted(&self, value: &Value, trail: &[Key<'_>]) -> Rc<str> {
        if let Some((of, text)) = self.quoted.borrow().as_ref()
            && std::ptr::eq(*of, value)
        {
            return Rc::clone(text);
        }
        let delivered = self.delivered.get_or_init(|| self.document.source.and_then(Delivered::whole));
        let text = delivered.as_ref().and_then(|whole| whole.text(trail));
        let text: Rc<str> = text.unwrap_or_else(|| value.to_string()).into();
        *self.quoted.borrow_mut() = Some((value, Rc::clone(&text)));
        text
    }

    /// The different texts that a path of a predicate leads to.
    pub(super) fn texts_at(&self, path: &Path, fold_case: bool) -> Texts {
        let known = self.texts.borrow().iter().find(|(of, _)| std::ptr::eq(*of, path)).cloned();
        if let Some((_, texts)) = known {
            return texts;
        }
        let mut texts = HashSet::new();
        path.any(self.document.value, &mut |other| {
            let text = text_of(other, Reads::Numbers);
            texts.extend(text.map(|text| if fold_case { text.to_lowercase() } else { text.into_owned() }));
            false
        });
        let texts = Rc::new(texts);
        self.texts.borrow_mut().push((path, Rc::clone(&texts)));
        texts
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Anchor, Asks, Expr, Predicate, Step, Test, TextTest, evaluate};

    fn test(field: &str, predicate: Predicate) -> Expr {
        let path = Path::new(vec![Step::Field(field.to_owned()), Step::Members]);
        Expr::test(Test { path, asks: Asks::ForOne, predicate })
    }

    /// Were the whole looked at again for each element, these would not end in an hour.
    #[test]
    fn long_lists_end() {
        const LONG: usize = 100_000;
        let texts = |kind: &str| (0..LONG).map(|at| format!("{kind}{at}")).collect::<Vec<_>>();
        let record = json!({ "items": vec![json!({}); LONG], "some": texts("a"), "others": texts("b") });
        let source = record.to_string();
        let document = Document { value: &record, source: Some(&source) };
        let contains = |part: &str| TextTest::literal(part, Anchor::Within, false, Reads::Everything);
        let anything = ["x", "y", "z"].map(|part| Predicate::Text(contains(part))).to_vec();
        assert!(!evaluate(&test("items", Predicate::OneOf(anything)), document));
        assert!(evaluate(&test("items", Predicate::Text(contains("{}"))), document));
        for (path, expected) in [("others", false), ("some", true)] {
            let path = Path::new(vec![Step::Field(path.to_owned()), Step::Members]);
            let same = Predicate::SameAs { path, anchor: Anchor::Whole, fold_case: true };
            assert_eq!(evaluate(&test("some", same), document), expected);
        }
    }
}
