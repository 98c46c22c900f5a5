//! Texts that try to be something else.

use std::fmt::Write as _;

/// A word that stands in each of them, so that a test can see that it was there at all.
pub(super) const MARK: &str = "mallory";

/// A hostile text: its name in messages, and the inside of a JSON string, as bytes.
pub(super) struct Word {
    pub(super) name: &'static str,
    json: Vec<u8>,
    /// As a text, if it is one.
    pub(super) text: Option<String>,
}

impl Word {
    fn of(name: &'static str, text: &str) -> Self {
        let text = format!("{MARK}{text}");
        let quoted = serde_json::Value::from(text.as_str()).to_string();
        Self { name, json: quoted.as_bytes()[1..quoted.len() - 1].to_vec(), text: Some(text) }
    }

    fn raw(name: &'static str, inside: &[u8]) -> Self {
        Self { name, json: [MARK.as_bytes(), inside].concat(), text: None }
    }

    /// A JSON string of it.
    pub(super) fn quoted(&self) -> Vec<u8> {
        [b"\"", &self.json[..], b"\""].concat()
    }
}

const TEXTS: &[(&str, &str)] = &[
    ("line feed", "\nERROR forged"),
    ("carriage return", "\r\nforged: yes"),
    ("other line ends", "\u{b}\u{c}\u{85}\u{2028}\u{2029}forged"),
    ("NUL", "\0forged"),
    ("colours", "\u{1b}[31mred\u{1b}[0m"),
    ("clears the screen", "\u{1b}[2J\u{1b}[H"),
    ("an introducer of one byte", "\u{9b}31mred"),
    ("title of the window", "\u{1b}]0;forged\u{7}"),
    ("a link", "\u{1b}]8;;https://example.com\u{1b}\\click\u{1b}]8;;\u{1b}\\"),
    ("backspaces and delete", "\u{8}\u{8}\u{8}\u{7f}forged"),
    ("right to left", "\u{202e}lmth.exe\u{2066}\u{2069}\u{200f}"),
    ("without width", "a\u{200b}b\u{200d}c\u{feff}d\u{2060}e"),
    ("tags", "\u{e0001}\u{e0041}\u{e007f}"),
    ("private and unassigned", "\u{e000}\u{fffe}\u{ffff}\u{10ffff}"),
    ("marks upon marks", "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}\u{34f}\u{334}\u{319}\u{324}"),
    ("a formula", "=cmd|' /C calc'!A0"),
    ("another formula", "@SUM(1+1)*cmd|' /C calc'!A0"),
    ("HTML", "<script>alert(1)</script><img src=x onerror=alert(1)>"),
    ("the end of CDATA", "]]><x y='\"&amp;"),
    ("quotes", "\"'`\\\"\\'"),
    ("backslashes", "\\\\\\n\\u0000\\"),
    ("the end of a JSON value", "\"},{\"Records\":["),
    ("a field of a log line", "\",\"level\":\"ERROR\",\"message\":\"forged"),
    ("templates", "${jndi:ldap://example.com/a}{{7*7}}$(reboot)`reboot`%s%n"),
    ("a line of a report", "\nSTART RequestId: forged Version: $LATEST"),
    ("white space", " \t\u{a0}\u{3000} "),
];

/// All of them.
pub(super) fn all() -> Vec<Word> {
    let mut words: Vec<Word> = TEXTS.iter().map(|(name, text)| Word::of(name, text)).collect();
    words.push(Word::of("long", &"x".repeat(20_000)));
    words.push(Word::of("long and wide", &"\u{1f4a9}\u{1b}".repeat(5_000)));
    let every = (0..0x20_u8).fold(String::new(), |mut text, control| {
        let _infallible = write!(text, "{}", char::from(control));
        text
    });
    words.push(Word::of("every control character", &every));
    words.push(Word::raw("no UTF-8", b"\xff\xfe\xc3(\xed\xa0\x80\xf5"));
    words.push(Word::raw("half a pair", br"\ud83d \ude00 \uDBFF\u0041"));
    words.push(Word::raw("escapes", br"\u001b[31m\u000a\u0022\u005c\u202e"));
    words
}

/// Whether a terminal, or whoever looks at it, could take this for more than a character.
pub(super) fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}')
}
