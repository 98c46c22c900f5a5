//! One line, split into its fields.

use super::quoted::{Client, Request};
use super::time;
use crate::record::Malformed;

/// The fields of a line, in their order, as they stand there. None: the line has `-` or ends before.
///
/// Lines of 2014 have eighteen fields, those of today twenty-seven, and AWS adds more at the end. What is not known
/// yet is kept as one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub struct Line<'l> {
    pub bucket_owner: Option<&'l str>,
    pub bucket: Option<&'l str>,
    /// What stands between the brackets.
    pub time: &'l str,
    pub remote_ip: Option<&'l str>,
    pub requester: Option<&'l str>,
    pub request_id: Option<&'l str>,
    pub operation: Option<&'l str>,
    /// URL-encoded.
    pub key: Option<&'l str>,
    pub request_uri: Option<&'l str>,
    pub http_status: Option<u64>,
    pub error_code: Option<&'l str>,
    pub bytes_sent: Option<u64>,
    pub object_size: Option<u64>,
    /// Milliseconds.
    pub total_time: Option<u64>,
    /// Milliseconds.
    pub turn_around_time: Option<u64>,
    pub referer: Option<&'l str>,
    pub user_agent: Option<&'l str>,
    pub version_id: Option<&'l str>,
    pub host_id: Option<&'l str>,
    pub signature_version: Option<&'l str>,
    pub cipher_suite: Option<&'l str>,
    pub authentication_type: Option<&'l str>,
    pub host_header: Option<&'l str>,
    pub tls_version: Option<&'l str>,
    pub access_point_arn: Option<&'l str>,
    pub acl_required: Option<&'l str>,
    pub source_region: Option<&'l str>,
    /// Everything behind the fields that are known.
    pub unknown: Option<&'l str>,
}

impl<'l> Line<'l> {
    /// Splits a line, which has no line break.
    ///
    /// Lenient where nothing is lost by it, and never guessing: a line whose fields cannot be told apart is malformed.
    pub fn parse(line: &'l str) -> Result<Self, Malformed> {
        let mut rest = Fields(Some(line));
        let bucket_owner = rest.field()?;
        let bucket = rest.field()?;
        let time = rest.time()?;
        let remote_ip = rest.field()?;
        let (requester, request_id, operation) = rest.requester_to_operation()?;
        let key = rest.field()?;
        let request = Request::parse(rest.0.ok_or(Malformed::TooFewFields)?)?;
        let client = Client::parse(request.rest)?;
        let mut tail = Fields(Some(client.rest));
        Ok(Self {
            bucket_owner,
            bucket,
            time,
            remote_ip,
            requester,
            request_id,
            operation,
            key,
            request_uri: request.uri,
            http_status: request.http_status,
            error_code: request.error_code,
            bytes_sent: request.bytes_sent,
            object_size: request.object_size,
            total_time: request.total_time,
            turn_around_time: request.turn_around_time,
            referer: client.referer,
            user_agent: client.user_agent,
            version_id: tail.field()?,
            host_id: tail.optional(),
            signature_version: tail.optional(),
            cipher_suite: tail.optional(),
            authentication_type: tail.optional(),
            host_header: tail.optional(),
            tls_version: tail.optional(),
            access_point_arn: tail.optional(),
            acl_required: tail.optional(),
            source_region: tail.optional(),
            unknown: tail.0.filter(|rest| !rest.is_empty()),
        })
    }
}

/// Fields that single spaces divide. None: the line has ended.
pub(super) struct Fields<'l>(pub(super) Option<&'l str>);

impl<'l> Fields<'l> {
    /// The next field as it stands there.
    pub(super) fn raw(&mut self) -> Result<&'l str, Malformed> {
        let rest = self.0.filter(|rest| !rest.is_empty()).ok_or(Malformed::TooFewFields)?;
        let Some(end) = memchr::memchr(b' ', rest.as_bytes()) else {
            self.0 = None;
            return Ok(rest);
        };
        self.0 = Some(&rest[end + 1..]);
        if end == 0 { Err(Malformed::EmptyField) } else { Ok(&rest[..end]) }
    }

    /// The next field, which has to be there.
    pub(super) fn field(&mut self) -> Result<Option<&'l str>, Malformed> {
        self.raw().map(known)
    }

    /// The next field of those that older lines do not have.
    fn optional(&mut self) -> Option<&'l str> {
        self.raw().ok().and_then(known)
    }

    /// The next field, which is a number.
    pub(super) fn number(&mut self) -> Result<Option<u64>, Malformed> {
        number(self.raw()?)
    }

    /// `[06/Feb/2019:00:00:38 +0000]`
    fn time(&mut self) -> Result<&'l str, Malformed> {
        let rest = self.0.ok_or(Malformed::TooFewFields)?;
        let rest = rest.strip_prefix('[').ok_or(Malformed::BadTime)?;
        let (time, rest) = rest.split_once("] ").ok_or(Malformed::BadTime)?;
        self.0 = Some(rest);
        if time::is_time(time) { Ok(time) } else { Err(Malformed::BadTime) }
    }

    /// The three fields behind the address.
    ///
    /// Names of origin access identities have spaces (`arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity
    /// E2QWRUHEXAMPLE`), and they are not quoted. So where no operation stands where one should, the next word that is
    /// one is looked for.
    #[expect(clippy::type_complexity, reason = "three fields and no more")]
    fn requester_to_operation(
        &mut self,
    ) -> Result<(Option<&'l str>, Option<&'l str>, Option<&'l str>), Malformed> {
        let start = self.0.unwrap_or_default();
        let (requester, request_id, operation) = (self.field()?, self.field()?, self.field()?);
        if operation.is_none_or(is_operation) {
            return Ok((requester, request_id, operation));
        }
        let mut ahead = Fields(self.0);
        let mut request_id_at = start.len() - operation.map_or(0, |odd| odd.len() + 1 + len(self.0));
        for _ in 0..MOST_WORDS {
            let Ok(word) = ahead.raw() else { break };
            let at = start.len() - len(ahead.0) - word.len() - usize::from(ahead.0.is_some());
            if is_operation(word) {
                // Each ends a space before the next begins.
                let requester = &start[..request_id_at - 1];
                let request_id = &start[request_id_at..at - 1];
                *self = ahead;
                return Ok((Some(requester), known(request_id), Some(word)));
            }
            request_id_at = at;
        }
        Ok((requester, request_id, operation))
    }
}

/// How many words more a requester may have.
const MOST_WORDS: usize = 8;

fn len(rest: Option<&str>) -> usize {
    rest.map_or(0, str::len)
}

/// `REST.GET.OBJECT` and its like.
fn is_operation(word: &str) -> bool {
    ["REST.", "WEBSITE.", "BATCH.", "S3.", "SOAP."].iter().any(|family| word.starts_with(family))
}

/// A field that is not `-`.
pub(super) fn known(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

pub(super) fn number(field: &str) -> Result<Option<u64>, Malformed> {
    let Some(digits) = known(field) else { return Ok(None) };
    // `parse` would take a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::WrongType);
    }
    digits.parse().map(Some).map_err(|_| Malformed::WrongType)
}
