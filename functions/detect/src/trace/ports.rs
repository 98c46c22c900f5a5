//! The pipeline's ports with a span around what takes time.

use trailmeter_detection::finding::{Finding, SummaryLine};
use trailmeter_pipeline::{
    Datum, Effect, FindingError, FindingSink, MetricSink, ObjectBody, ObjectRef, ObjectStore, ObjectVersion,
    PutError, ReadError,
};

use super::{Span, Tracer};

/// A port whose calls are traced.
#[derive(Debug)]
pub struct Traced<P> {
    port: P,
    tracer: Tracer,
}

impl<P> Traced<P> {
    /// Traces the calls of `port`.
    pub fn new(port: P, tracer: &Tracer) -> Self {
        Self { port, tracer: tracer.clone() }
    }
}

impl<S: ObjectStore + Sync> ObjectStore for Traced<S> {
    type Body = TracedBody<S::Body>;

    async fn open(&self, object: &ObjectRef) -> Result<Self::Body, ReadError> {
        let mut span = self.tracer.span("read object");
        span.note("object", object.to_string());
        match self.port.open(object).await {
            Ok(body) => {
                // What is dropped before its end was not read: it was counted before, or is no log.
                span.annotate("outcome", "left");
                Ok(TracedBody { body, bytes: 0, span })
            }
            Err(error) => {
                span.fail(error.problem.reason());
                Err(error)
            }
        }
    }
}

/// A body that is traced until its end, or until nobody wants more of it.
#[derive(Debug)]
pub struct TracedBody<B> {
    body: B,
    bytes: usize,
    span: Span,
}

impl<B: ObjectBody + Send> ObjectBody for TracedBody<B> {
    type Chunk = B::Chunk;

    fn version(&self) -> &str {
        self.body.version()
    }

    fn length(&self) -> Option<usize> {
        self.body.length()
    }

    async fn next_chunk(&mut self) -> Result<Option<Self::Chunk>, ReadError> {
        let chunk = self.body.next_chunk().await;
        match &chunk {
            Ok(Some(chunk)) => self.bytes += chunk.as_ref().len(),
            Ok(None) => {
                self.span.annotate("outcome", "read");
                self.span.annotate("bytes", self.bytes);
            }
            Err(error) => self.span.fail(error.problem.reason()),
        }
        chunk
    }
}

impl<M: MetricSink + Sync> MetricSink for Traced<M> {
    async fn put(&self, data: &[Datum]) -> Result<(), PutError> {
        let mut span = self.tracer.span("put metrics");
        span.annotate("metrics", data.len());
        let put = self.port.put(data).await;
        match &put {
            Ok(()) => span.annotate("outcome", "put"),
            Err(PutError { effect: Effect::NotApplied, .. }) => span.fail("not-taken"),
            Err(PutError { effect: Effect::Uncertain, .. }) => span.fail("uncertain"),
        }
        put
    }
}

impl<F: FindingSink + Sync> FindingSink for Traced<F> {
    fn tell(&self, finding: &Finding<'_>) {
        self.port.tell(finding);
    }

    fn sum_up(&self, summary: &SummaryLine) {
        self.port.sum_up(summary);
    }

    async fn keep(&self, object: &ObjectVersion, findings: &[Finding<'_>]) -> Vec<FindingError> {
        let mut span = self.tracer.span("keep findings");
        span.note("object", object.object.to_string());
        span.annotate("findings", findings.len());
        let errors = self.port.keep(object, findings).await;
        match errors.first() {
            None => span.annotate("outcome", "kept"),
            Some(error) => span.fail(error.place),
        }
        errors
    }
}
