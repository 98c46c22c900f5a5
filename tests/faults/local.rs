//! The local cloud, past the proxies: what the test itself puts there and changes.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use trailmeter_testkit::http::{Request, Response, relay};

/// The local cloud lets anyone in but wants to see who it is.
const CREDENTIAL: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// The ledger's table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// `host:port`
    pub(crate) cloud: String,
    pub(crate) name: String,
}

impl Table {
    pub(crate) fn make(&self) -> Result<()> {
        let table = json!({
            "TableName": self.name,
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
        });
        self.call("CreateTable", &table).map(drop)
    }

    /// Sets the lease, and the owner if one is given, of every object that is not done.
    pub(crate) fn set_leases(&self, lease: i64, owner: Option<&str>) -> Result<()> {
        let found = self.call("Scan", &json!({ "TableName": self.name }))?;
        for item in found["Items"].as_array().into_iter().flatten() {
            if item["lease"].is_null() || item["state"]["S"] == "done" {
                continue;
            }
            let owner = owner.or_else(|| item["owner"]["S"].as_str()).unwrap_or_default();
            let update = json!({
                "TableName": self.name,
                "Key": { "id": item["id"] },
                "UpdateExpression": "SET #l = :l, #o = :o",
                "ExpressionAttributeNames": { "#l": "lease", "#o": "owner" },
                "ExpressionAttributeValues": { ":l": { "N": lease.to_string() }, ":o": { "S": owner } },
            });
            self.call("UpdateItem", &update)?;
        }
        Ok(())
    }

    fn call(&self, operation: &str, input: &Value) -> Result<Value> {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.0")];
        let response = call(&self.cloud, "POST", "/", &headers, input.to_string().as_bytes())?;
        Ok(serde_json::from_slice(&response.body)?)
    }
}

/// Puts an object; makes the bucket if the key is empty.
pub(crate) fn put_object(cloud: &str, bucket: &str, key: &str, body: &[u8]) -> Result<()> {
    call(cloud, "PUT", &format!("/{bucket}/{key}"), &[("authorization", CREDENTIAL)], body).map(drop)
}

fn call(cloud: &str, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Result<Response> {
    let headers = [("host", cloud)].into_iter().chain(more.iter().copied());
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (method, target) = (method.to_owned(), path.to_owned());
    let response = relay(cloud, &Request { method, target, headers, body: body.to_vec() })?;
    let text = String::from_utf8_lossy(&response.body);
    ensure!(response.status == 200, "{more:?} {path}: {} {text}", response.status);
    Ok(response)
}
