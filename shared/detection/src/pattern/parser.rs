//! A recursive descent parser over the text of a pattern.
//!
//! ```text
//! pattern  := '{' or '}'
//! or       := and ('||' and)*
//! and      := primary ('&&' primary)*
//! primary  := '(' or ')' | selector test
//! ```

mod keywords;
mod operand;

use super::ast::{Condition, Node, PatternTest};
use super::error::PatternError;
use crate::model::{Order, Path, Step, is_name_byte};
use operand::ends_word;

/// Patterns that people write nest three or four deep; the limit keeps the stack small.
const DEEPEST: usize = 64;
/// CloudWatch Logs allows a handful; each may take a MiB when it is compiled.
const MOST_EXPRESSIONS: usize = 100;

type Parsed<T> = Result<T, PatternError>;

pub(super) fn parse_pattern(text: &str) -> Parsed<Node> {
    let mut parser = Parser { text, at: 0, depth: 0, expressions: 0 };
    parser.skip_space();
    if !parser.eat("{") {
        return Err(parser.error(
            "a JSON pattern stands in braces, as in { $.eventName = \"ConsoleLogin\" }; patterns of plain terms or of \
             space-delimited fields are for other logs",
        ));
    }
    let expr = parser.any_of()?;
    if !parser.eat("}") {
        let message = match parser.rest().chars().next() {
            None => "the closing } is missing".to_owned(),
            Some(')') => "this ) closes nothing".to_owned(),
            Some(_) => {
                format!("expected &&, || or }}, found {}{}", parser.found(), parser.instead_of_operator())
            }
        };
        return Err(parser.error(message));
    }
    parser.skip_space();
    if parser.at < text.len() {
        return Err(parser.error(format!("nothing may follow the closing }}, found {}", parser.found())));
    }
    Ok(expr)
}

pub(super) fn parse_selector(text: &str) -> Parsed<Path> {
    let mut parser = Parser { text, at: 0, depth: 0, expressions: 0 };
    let selector = parser.selector()?;
    if parser.at < text.len() {
        return Err(parser.error(format!("nothing may follow the selector, found {}", parser.found())));
    }
    Ok(selector)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    expressions: usize,
}

impl<'t> Parser<'t> {
    fn any_of(&mut self) -> Parsed<Node> {
        self.joined("||", Self::all_of, Node::Any)
    }

    fn all_of(&mut self) -> Parsed<Node> {
        self.joined("&&", Self::primary, Node::All)
    }

    fn joined(
        &mut self,
        operator: &str,
        part: fn(&mut Self) -> Parsed<Node>,
        join: fn(Vec<Node>) -> Node,
    ) -> Parsed<Node> {
        let first = part(self)?;
        let mut parts = vec![first];
        loop {
            self.skip_space();
            if !self.eat(operator) {
                break;
            }
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
    }

    fn primary(&mut self) -> Parsed<Node> {
        self.skip_space();
        if self.rest().starts_with('(') {
            if self.depth == DEEPEST {
                return Err(self.error(format!("parentheses nest deeper than {DEEPEST} levels")));
            }
            let opened = self.at;
            self.at += 1;
            self.depth += 1;
            let inner = self.any_of()?;
            self.depth -= 1;
            if !self.eat(")") {
                return Err(if matches!(self.rest().chars().next(), None | Some('}')) {
                    PatternError::new(opened, "this ( is never closed")
                } else {
                    self.error(format!(
                        "expected &&, || or ), found {}{}",
                        self.found(),
                        self.instead_of_operator()
                    ))
                });
            }
            return Ok(inner);
        }
        if !self.rest().starts_with('$') {
            return Err(self.error(format!(
                "expected a test such as $.eventName = \"ConsoleLogin\", found {}{}",
                self.found(),
                self.instead_of_test()
            )));
        }
        let offset = self.at;
        let selector = self.selector()?;
        self.skip_space();
        let condition = self.condition()?;
        Ok(Node::Test(PatternTest { offset, selector, condition }))
    }

    fn selector(&mut self) -> Parsed<Path> {
        if !self.eat("$") {
            return Err(self.error("a selector starts with $, as in $.eventName"));
        }
        let mut steps = Vec::new();
        loop {
            // `$.['a.b']` is how AWS writes a key with a dot; `$['a.b']` is accepted alike.
            let dotted = self.eat(".");
            if self.eat("[") {
                steps.push(self.bracket()?);
            } else if dotted && self.eat("*") {
                steps.push(Step::AnyField);
            } else if dotted {
                let name = self.take_while(|character| u8::try_from(character).is_ok_and(is_name_byte));
                if name.is_empty() {
                    return Err(self.error(
                        "a field name is missing after the dot; names with other characters are written $['name']",
                    ));
                }
                steps.push(Step::Field(name.to_owned()));
            } else {
                break;
            }
        }
        if steps.is_empty() {
            return Err(self.error("a selector names a field, as in $.eventName"));
        }
        Ok(Path::new(steps))
    }

    fn bracket(&mut self) -> Parsed<Step> {
        let step = if self.eat("*") {
            Step::AnyElement
        } else if let Some(quote) = self.rest().chars().next().filter(|quote| matches!(quote, '\'' | '"')) {
            self.at += 1;
            let name = self.take_while(|character| character != quote);
            let name = name.to_owned();
            if !self.eat(&quote.to_string()) {
                return Err(self.error("the quote around the field name is never closed"));
            }
            Step::Field(name)
        } else {
            let start = self.at;
            let digits = self.take_while(|character| character.is_ascii_digit());
            let index = digits.parse().map_err(|_| {
                PatternError::new(start, "brackets hold an index, a * or a quoted name: [0], [*], ['a.b']")
            })?;
            Step::Index(index)
        };
        if self.eat("]") { Ok(step) } else { Err(self.error("the closing ] is missing")) }
    }

    fn condition(&mut self) -> Parsed<Condition> {
        let start = self.at;
        if self.eat("!=") {
            return Ok(Condition::Differs(self.operand()?));
        }
        if self.eat("==") {
            return Err(PatternError::new(start, "equality is written with a single ="));
        }
        if self.eat("=~") {
            return Err(PatternError::new(
                start,
                "a regular expression stands between % signs, as in = %^Delete%",
            ));
        }
        if self.eat("=") {
            return Ok(Condition::Equals(self.operand()?));
        }
        if self.eat("<>") {
            return Err(PatternError::new(start, "inequality is written !="));
        }
        for (operator, order) in
            [("<=", Order::AtMost), (">=", Order::AtLeast), ("<", Order::Less), (">", Order::Greater)]
        {
            if self.eat(operator) {
                return Ok(Condition::Compare(order, self.limit(operator)?));
            }
        }
        self.keywords(start)
    }

    /// The next word in capitals; none if something else comes.
    fn keyword(&mut self) -> String {
        self.skip_space();
        self.take_while(|character| character.is_ascii_alphabetic()).to_ascii_uppercase()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|character| !wanted(character)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// What stands here, for a message: a word or a sign, cut short if it is long.
    fn found(&self) -> String {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return "the end".to_owned() };
        let is_word = |character: char| !ends_word(character);
        let is_like_first =
            |character: char| is_word(character) == is_word(first) && !character.is_whitespace();
        let token: String = rest.chars().take_while(|&character| is_like_first(character)).take(24).collect();
        format!("{token:?}")
    }

    fn error(&self, message: impl Into<String>) -> PatternError {
        PatternError::new(self.at, message)
    }
}
