//! A service's error in the protocol of the request: XML, JSON or CBOR.

use ciborium::Value;
use serde_json::json;

use crate::http::{Request, Response};

/// A service's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The service's word for it.
    pub code: String,
    /// Further headers, such as `retry-after`.
    pub headers: Vec<(String, String)>,
}

impl Refusal {
    /// An error of this status and code.
    pub fn new(status: u16, code: &str) -> Self {
        Self { status, code: code.to_owned(), headers: Vec::new() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The answer to a request in the request's own protocol.
    pub(super) fn to(&self, request: &Request) -> Response {
        let code = &self.code;
        let message = format!("{code}, as the test has it");
        let (kind, body) = if request.header("smithy-protocol").is_some() {
            ("application/cbor", cbor(code, &message))
        } else if request.header("x-amz-target").is_some() {
            let body = json!({ "__type": format!("com.amazonaws#{code}"), "message": message });
            ("application/x-amz-json-1.0", body.to_string().into_bytes())
        } else {
            let xml = format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>EXAMPLE1234567RQ</RequestId></Error>"#
            );
            ("application/xml", xml.into_bytes())
        };
        let mut headers =
            vec![("content-type", kind), ("x-amzn-requestid", "6f1ff9a3-0000-4000-8000-000000000000")];
        if kind == "application/cbor" {
            headers.push(("smithy-protocol", "rpc-v2-cbor"));
        }
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Response::new(self.status, &headers, body)
    }
}

fn cbor(code: &str, message: &str) -> Vec<u8> {
    let shape = format!("com.amazonaws.cloudwatch#{code}");
    let fields = [("__type", shape.as_str()), ("message", message)];
    let map = fields.iter().map(|(name, value)| (Value::from(*name), Value::from(*value))).collect();
    let mut body = Vec::new();
    // Writing to memory cannot fail; an empty body would still carry the status.
    drop(ciborium::into_writer(&Value::Map(map), &mut body));
    body
}
