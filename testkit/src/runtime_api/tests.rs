//! A function in a dozen lines of shell goes through every outcome.

use std::process::Command;

use anyhow::Result;
use serde_json::json;

use super::{ErrorReport, Function, Invocation};

const FUNCTION: &str = r#"
api=${AWS_LAMBDA_RUNTIME_API}
request() {
    exec 3<>"/dev/tcp/${api%:*}/${api#*:}"
    printf '%s /2018-06-01/runtime/%s HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %s\r\n\r\n%s' "$1" "$2" "${#3}" "$3" >&3
    cat <&3
}
if [ -n "$BROKEN" ]; then
    request POST init/error '{"errorType":"Settings","errorMessage":"no bucket"}' >/dev/null
    exit 1
fi
while answer=$(request GET invocation/next ''); do
    echo "{\"level\":\"INFO\",\"name\":\"$AWS_LAMBDA_FUNCTION_NAME\"}"
    id=$(printf '%s' "$answer" | sed -n 's/^Lambda-Runtime-Aws-Request-Id: \([-0-9]*\).*/\1/p')
    case "$answer" in
    *crash*) exit 3 ;;
    *fail*) request POST "invocation/$id/error" '{"errorType":"Failed","errorMessage":"as asked"}' >/dev/null ;;
    *) request POST "invocation/$id/response" "$(printf '%s' "$answer" | tail -n 1)" >/dev/null ;;
    esac
done
"#;

fn function(env: &[(&str, &str)]) -> Result<Function> {
    let mut command = Command::new("bash");
    command.arg("-c").arg(FUNCTION);
    Function::start_command(command, env)
}

#[test]
fn answers_errors_logs_and_memory_are_told() -> Result<()> {
    let function = function(&[("AWS_LAMBDA_FUNCTION_NAME", "echo")])?;
    assert_eq!(function.wait_until_ready()?, None);
    let event = json!({"Records": []});
    assert_eq!(function.invoke(&event)?, Invocation::Response(event.clone()));
    let report = ErrorReport { error_type: "Failed".to_owned(), message: "as asked".to_owned() };
    assert_eq!(function.invoke_bytes(b"fail, if you please")?, Invocation::Error(report));
    assert_eq!(function.invoke(&event)?.response()?, event);
    assert_eq!(function.json_logs()[0]["name"], "echo");
    assert!(function.peak_resident_bytes()? > 500_000);
    Ok(())
}

#[test]
fn a_crash_is_an_end_and_no_hang() -> Result<()> {
    let function = function(&[("NOTHING", "")])?;
    let Invocation::Exited(status) = function.invoke(&json!("crash"))? else {
        anyhow::bail!("it lived on");
    };
    assert_eq!(status.code(), Some(3));
    assert!(matches!(function.invoke(&json!({}))?, Invocation::Exited(_)));
    Ok(())
}

#[test]
fn a_failed_start_is_reported_as_such() -> Result<()> {
    let function = function(&[("BROKEN", "yes")])?;
    let report = ErrorReport { error_type: "Settings".to_owned(), message: "no bucket".to_owned() };
    assert_eq!(function.invoke(&json!({}))?, Invocation::InitError(report.clone()));
    assert_eq!(function.wait_until_ready()?, Some(Invocation::InitError(report)));
    Ok(())
}

#[test]
fn the_process_ends_with_its_handle() -> Result<()> {
    let function = function(&[("NOTHING", "")])?;
    let path = format!("/proc/{}/cmdline", function.id());
    assert_eq!(function.wait_until_ready()?, None);
    assert!(std::fs::exists(&path)?);
    drop(function);
    assert!(!std::fs::exists(&path)?);
    Ok(())
}
