//! The two places of a line with quotes.
//!
//! AWS puts quotes around what a client sent and escapes none in it: a client that calls itself `x" - "y` writes just
//! that. So a quote alone says nothing, and what stands behind it decides. A request's first line has no spaces within
//! its address, so the first quote with a status behind it ends it. The names of pages and programs may have both, and
//! nothing quoted stands behind them, so the last quote ends them. A client cannot forge a field that way.

use super::line::{Fields, known};
use crate::record::Malformed;

/// `"GET /a HTTP/1.1" 200 - 113 - 7 -`
pub(super) struct Request<'l> {
    pub(super) uri: Option<&'l str>,
    pub(super) http_status: Option<u64>,
    pub(super) error_code: Option<&'l str>,
    pub(super) bytes_sent: Option<u64>,
    pub(super) object_size: Option<u64>,
    pub(super) total_time: Option<u64>,
    pub(super) turn_around_time: Option<u64>,
    /// What stands behind.
    pub(super) rest: &'l str,
}

impl<'l> Request<'l> {
    pub(super) fn parse(text: &'l str) -> Result<Self, Malformed> {
        let Some(quoted) = text.strip_prefix('"') else {
            let mut rest = Fields(Some(text));
            let uri = rest.field()?;
            return Self::answer(uri, rest);
        };
        for (end, _) in quoted.match_indices("\" ") {
            let behind = &quoted[end + 2..];
            let status = behind.split(' ').next().unwrap_or_default();
            if status == "-" || (status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit())) {
                return Self::answer(known(&quoted[..end]), Fields(Some(behind)));
            }
        }
        Err(Malformed::BrokenQuotes)
    }

    fn answer(uri: Option<&'l str>, mut rest: Fields<'l>) -> Result<Self, Malformed> {
        Ok(Self {
            uri,
            http_status: rest.number()?,
            error_code: rest.field()?,
            bytes_sent: rest.number()?,
            object_size: rest.number()?,
            total_time: rest.number()?,
            turn_around_time: rest.number()?,
            rest: rest.0.ok_or(Malformed::TooFewFields)?,
        })
    }
}

/// `"referer" "user agent"`
pub(super) struct Client<'l> {
    pub(super) referer: Option<&'l str>,
    pub(super) user_agent: Option<&'l str>,
    /// What stands behind.
    pub(super) rest: &'l str,
}

impl<'l> Client<'l> {
    pub(super) fn parse(text: &'l str) -> Result<Self, Malformed> {
        if let Some(quoted) = text.strip_prefix('"') {
            let end = last_quote(quoted)?;
            let (both, rest) = (&quoted[..end], behind(quoted, end)?);
            // Both are the client's own, so it forges nothing by where the one ends and the other begins.
            return match both.split_once("\" \"") {
                Some((referer, user_agent)) => {
                    Ok(Self { referer: known(referer), user_agent: known(user_agent), rest })
                }
                None => Self::unquoted_user_agent(known(both), rest),
            };
        }
        let mut fields = Fields(Some(text));
        let referer = fields.field()?;
        let rest = fields.0.ok_or(Malformed::TooFewFields)?;
        match rest.strip_prefix('"') {
            None => Self::unquoted_user_agent(referer, rest),
            Some(quoted) => {
                let end = last_quote(quoted)?;
                Ok(Self { referer, user_agent: known(&quoted[..end]), rest: behind(quoted, end)? })
            }
        }
    }

    fn unquoted_user_agent(referer: Option<&'l str>, rest: &'l str) -> Result<Self, Malformed> {
        let mut fields = Fields(Some(rest));
        let user_agent = fields.field()?;
        Ok(Self { referer, user_agent, rest: fields.0.ok_or(Malformed::TooFewFields)? })
    }
}

fn behind(quoted: &str, end: usize) -> Result<&str, Malformed> {
    quoted.get(end + 2..).filter(|rest| !rest.is_empty()).ok_or(Malformed::TooFewFields)
}

/// The fields from the version of the object to that of TLS, which every line has had since 2019.
const FIELDS_BEHIND: usize = 7;

/// Where the quote stands that ends the user agent.
///
/// The last one, unless AWS should one day add a quoted field at the end. Then it is the last one behind which all the
/// fields stand that today's lines have. Lines from before those fields have no others.
fn last_quote(quoted: &str) -> Result<usize, Malformed> {
    let ends = || memchr::memmem::rfind_iter(quoted.as_bytes(), b"\" ").take(MOST_QUOTES);
    let last = ends().next().ok_or_else(|| {
        if quoted.ends_with('"') { Malformed::TooFewFields } else { Malformed::BrokenQuotes }
    })?;
    Ok(ends().find(|&end| has_all_fields(&quoted[end + 2..])).unwrap_or(last))
}

/// Nobody adds that many fields, and a line of nothing but quotes is not gone over for each.
const MOST_QUOTES: usize = 16;

fn has_all_fields(behind: &str) -> bool {
    let mut fields = Fields(Some(behind));
    let mut is_signature = false;
    let mut field = |at: usize| {
        fields.raw().is_ok_and(|field| {
            is_signature |= at == 2 && (field == "-" || field.starts_with("SigV"));
            !field.contains('"')
        })
    };
    (0..FIELDS_BEHIND).all(&mut field) && is_signature
}
