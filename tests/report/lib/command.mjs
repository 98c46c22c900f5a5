// The real command, and logs for it.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";

function binary(name) {
  const path = process.env[name];
  if (!path) throw new Error(`${name} is not set: run \`make report-test\``);
  return path;
}

// A folder that is gone when the tests of the file are done.
export function folder() {
  const made = mkdtempSync(join(tmpdir(), "trailmeter-report-"));
  after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

// Log files as CloudTrail delivers them, in a folder.
export function generated(...options) {
  const made = folder();
  execFileSync(binary("TRAILMETER_GENERATE"), [made, ...options]);
  return join(made, "logs");
}

// A week in which people work by day, and a little happens at night and on Sunday. The logs are in the folder `logs`.
export function week() {
  const made = folder();
  let seed = 0;
  for (let day = 9; day <= 15; day++) {
    const hours = day === 15 ? [2, 11] : [2, 6, 7, 8, 9, 10, 12, 13, 14, 15, 17];
    for (const hour of hours) {
      seed += 1;
      const files = hour === 2 ? 1 : 1 + ((seed * 5) % 4);
      const until = new Date(Date.UTC(2026, 2, day, hour, 50)).toISOString();
      const options = { seed, files, until, records: 40, suspicion: 4, burst: 6, others: 0 };
      execFileSync(binary("TRAILMETER_GENERATE"), [made, ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])]);
    }
  }
  return made;
}

// One log file with these records, in a folder.
export function logOf(records, name = "log.json") {
  const made = folder();
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, name), JSON.stringify({ Records: records }));
  return made;
}

// What `trailmeter scan` says, and the page that `trailmeter report` writes, of the same logs.
export function scan(...options) {
  const run = spawnSync(binary("TRAILMETER_CLI"), ["scan", "--format", "json", ...options], { maxBuffer: 1 << 28 });
  if (run.status !== 0 && run.status !== 3) throw new Error(`scan: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

export function report(...options) {
  return reportIn(undefined, ...options);
}

export function reportIn(cwd, ...options) {
  const page = join(folder(), "report.html");
  const run = spawnSync(resolve(binary("TRAILMETER_CLI")), ["report", "--output", page, ...options], { cwd });
  if (run.status !== 0 && run.status !== 3) throw new Error(`report: ${run.stderr}`);
  return page;
}

// A record that the detector AccessDenied counts.
export function denied(at, others = {}) {
  const { userName = "alice", ...rest } = others;
  return {
    eventVersion: "1.11",
    eventID: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    eventTime: new Date(Date.UTC(2026, 10, 16) + at * 60_000).toISOString().replace(".000Z", "Z"),
    eventSource: "s3.amazonaws.com",
    eventName: "GetObject",
    awsRegion: "eu-west-1",
    sourceIPAddress: "192.0.2.10",
    userAgent: "aws-cli/2",
    errorCode: "AccessDenied",
    errorMessage: "Access Denied",
    eventType: "AwsApiCall",
    eventCategory: "Management",
    managementEvent: true,
    recipientAccountId: "111122223333",
    userIdentity: {
      type: "IAMUser",
      principalId: "AIDAEXAMPLE",
      arn: `arn:aws:iam::111122223333:user/${userName}`,
      accountId: "111122223333",
      userName,
    },
    ...rest,
  };
}
