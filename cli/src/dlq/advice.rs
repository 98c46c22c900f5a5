//! What to do about a message, by the reason for which it failed.

use trailmeter_pipeline::DecodeError;

use super::failure::{About, Failure};

/// What is said where nothing is known.
pub(super) const UNKNOWN: &str = "nothing says why. Look in the function's log for the time of the message: `Task timed out` or \
    `Runtime exited` is a file that takes the process with it (more FunctionMemory may help), `metrics not put` is \
    CloudWatch, and a detector or a permission to mend. Then send it back";

/// What to do about a failure.
pub(super) fn on(failure: &Failure) -> &'static str {
    match &failure.about {
        About::Message(error) => on_message(*error),
        About::Object(_) => on_object(&failure.reason),
        About::Invocation => {
            "somebody invoked the function directly and it failed three times. Mend what the error names, then send \
             it back: it goes to the queue as what the function was invoked with"
        }
        About::Rule => {
            "EventBridge could not hand the event to the queue. Mend what the error names (the policy of the queue \
             has to let the rule in), then send it back"
        }
    }
}

fn on_message(error: DecodeError) -> &'static str {
    match error {
        DecodeError::NotJson | DecodeError::UnknownShape | DecodeError::TooDeep | DecodeError::NoName => {
            "no notification of S3, SNS, EventBridge or CloudTrail: find out who sends such messages to the queue. \
             Sending it back does not help; delete it in the console of SQS, or let it expire"
        }
        DecodeError::BadKey => {
            "no file of CloudTrail has such a key. Sending it back does not help; delete it in the console of SQS, \
             or let it expire"
        }
        DecodeError::ForeignEvent
        | DecodeError::NoRecord
        | DecodeError::NoEventId
        | DecodeError::EventAndMore => {
            "no single event as the rule of SingleEvents sends it: find out what else sends such messages to the \
             queue. Sending it back does not help, and nothing is lost: the file of the event brings it. Delete it \
             in the console of SQS, or let it expire"
        }
        DecodeError::UnconfirmedSubscription => {
            "open the SubscribeURL of the message (`trailmeter dlq show` prints it) if the topic is one that you \
             expect, and delete the message. Until then the topic sends nothing"
        }
    }
}

/// By the words of the function's log, so one that this version does not know has an answer too.
fn on_object(reason: &str) -> &'static str {
    match reason {
        "access-denied" => {
            "S3 says the same of an object that is gone. If it is there, let the function's role s3:GetObject on it \
             (in another account's bucket the bucket policy as well), then send it back. If it is gone it cannot be \
             counted any more"
        }
        "key-denied" => {
            "let the function's role kms:Decrypt on the key of the object: name it in LogKmsKeyArn, and in another \
             account the key policy has to let this one in. Then send it back"
        }
        "not-found" => {
            "the object is gone, or was never there. Bring it back from an earlier version of it if the bucket keeps \
             them, then send the message back; otherwise it cannot be counted any more"
        }
        "other-bucket" => {
            "the queue hears of a bucket that the stack does not read. Mend the notification that sends it here, or \
             set LogBucketName to that bucket; then send it back"
        }
        "empty" | "truncated-gzip" | "corrupt-gzip" | "trailing-data" | "broken-json" | "truncated-json" => {
            "the object is damaged as it is stored. `aws cloudtrail validate-logs` says whether it is as CloudTrail \
             wrote it; if not, find out who wrote it and bring an earlier version back. A good file under the same \
             key is a delivery of its own; otherwise send the message back then"
        }
        "not-json" | "not-cloudtrail" => {
            "an object with the name of a log file that is none. Find out who writes such objects below AWSLogs/ of \
             the bucket, which only CloudTrail should. Sending it back does not help as long as it is as it is"
        }
        "too-large" => {
            "larger than CloudTrail's own files. If it is one, raise MaxInflatedMiB and send it back; if not, find \
             out who wrote it"
        }
        "throttled" | "interrupted" | "unreadable" => {
            "S3 did not give it, five times. If nothing else of the bucket fails it is over: send it back"
        }
        "out-of-time" => {
            "the function ran out of time before it began with it. Raise FunctionMemory or lower BatchSize, then \
             send it back"
        }
        "held-back" => {
            "the object is good, and came back because of another one of its message: mend that, then send it back"
        }
        "ledger-unavailable" => {
            "the table of counted objects could not be reached. See that it is there, is not throttled, and that the \
             function's role may use it (`trailmeter doctor`), then send it back"
        }
        "claimed-elsewhere" => "another copy of the function had it in hand, each time. Send it back",
        _ => "mend what the error names, then send it back",
    }
}

#[cfg(test)]
mod tests {
    use trailmeter_logs::{Cause, LogFileError};
    use trailmeter_pipeline::{ObjectError, ReadError, ReadProblem};

    use super::*;

    /// Every word that the function has for an object.
    fn reasons() -> Vec<&'static str> {
        let read = [
            ReadProblem::NotFound,
            ReadProblem::AccessDenied,
            ReadProblem::KeyDenied,
            ReadProblem::Throttled,
            ReadProblem::Interrupted,
            ReadProblem::Other,
        ];
        let causes = [
            Cause::Empty,
            Cause::TruncatedGzip,
            Cause::CorruptGzip,
            Cause::TrailingGarbage,
            Cause::TooLarge(1),
            Cause::TooManyRecords(1),
            Cause::NotJson,
            Cause::BrokenJson,
            Cause::TruncatedJson,
            Cause::TrailingData,
            Cause::TopLevelNotAnObject,
            Cause::NoRecords,
            Cause::RecordsNotAnArray,
            Cause::RecordsTwice,
        ];
        let read = read.map(|problem| ObjectError::Read(ReadError { problem, source: "".into() }));
        let files = causes.map(|cause| ObjectError::File(LogFileError { cause, offset: 0 }));
        let others = [ObjectError::OtherBucket, ObjectError::OutOfTime, ObjectError::HeldBack];
        read.into_iter().chain(files).chain(others).map(|error| error.reason()).collect()
    }

    #[test]
    fn every_reason_of_the_function_has_a_word_of_its_own() {
        let unknown = on_object("a reason of a later version");
        for reason in reasons() {
            assert_ne!(on_object(reason), unknown, "{reason}");
        }
    }
}
