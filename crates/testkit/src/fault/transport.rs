//! A transport that spoils requests as a script says.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::StatusCode;
use turnbuckle_core::http::{Delivery, Limits, Transport, TransportError, TransportErrorKind};

use super::{Fault, Faults, give_way};

/// Plays [`Faults`] in front of any transport.
///
/// It gives way once before a request reaches the inner transport and once after, so that a dropped future has the two
/// places to be dropped at that matter.
#[derive(Debug)]
pub struct FaultTransport {
    inner: Arc<dyn Transport>,
    faults: Faults,
}

impl FaultTransport {
    /// Plays the script in front of this transport.
    pub fn new(inner: Arc<dyn Transport>, faults: Faults) -> Self {
        Self { inner, faults }
    }
}

#[async_trait]
impl Transport for FaultTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let fault = self.faults.meet(request.uri().path());
        give_way().await;
        let Some(fault) = fault else {
            self.faults.deliver(content(&request));
            let answer = self.inner.send(request, limits).await;
            give_way().await;
            return answer;
        };
        if fault.reaches_vendor() {
            self.faults.deliver(content(&request));
            // What the vendor says is lost; that it was asked is the point.
            let _ = self.inner.send(request, limits).await;
            give_way().await;
        }
        spoiled(&fault, limits)
    }
}

fn content(request: &http::Request<Bytes>) -> String {
    let mut text = request.uri().to_string();
    for value in request.headers().values() {
        text.push('\n');
        text += &String::from_utf8_lossy(value.as_bytes());
    }
    text.push('\n');
    text += &String::from_utf8_lossy(request.body());
    text
}

fn spoiled(fault: &Fault, limits: Limits) -> Result<http::Response<Bytes>, TransportError> {
    use TransportErrorKind as Kind;
    let failed = |kind, delivery| Err(TransportError::new(kind, delivery));
    let unreadable = |kind| Err(TransportError::new(kind, Delivery::Answered).with_status(StatusCode::OK));
    match fault {
        Fault::ConnectRefused => failed(Kind::Connect, Delivery::NotSent),
        Fault::ResetBefore | Fault::ResetAfter => failed(Kind::Reset, Delivery::MaybeDelivered),
        Fault::TimeoutBefore | Fault::TimeoutAfter => failed(Kind::Timeout, Delivery::MaybeDelivered),
        Fault::Truncated => unreadable(Kind::Truncated),
        Fault::Compressed => unreadable(Kind::CompressedReply),
        Fault::BadUtf8 => Ok(answer(StatusCode::OK, None, b"{\"id\":\"\xff\xfe\x80\"}".to_vec())),
        Fault::DeepJson => Ok(answer(StatusCode::OK, None, vec![b'['; 10_000])),
        Fault::HtmlBadGateway => {
            let page = b"<html><head><title>502 Bad Gateway</title></head><body></body></html>".to_vec();
            Ok(answer(StatusCode::BAD_GATEWAY, Some(("content-type", "text/html".to_owned())), page))
        }
        // Handed over whole: whoever calls a transport holds it to the limit.
        Fault::Oversized => Ok(answer(StatusCode::OK, None, vec![b' '; limits.max_body.saturating_add(1)])),
        Fault::TooManyRequests { retry_after } => {
            let header = retry_after.map(|seconds| ("retry-after", seconds.to_string()));
            Ok(answer(StatusCode::TOO_MANY_REQUESTS, header, Vec::new()))
        }
        Fault::ServerError { .. } => Ok(answer(StatusCode::INTERNAL_SERVER_ERROR, None, Vec::new())),
        Fault::Redirect { location } => {
            Ok(answer(StatusCode::FOUND, Some(("location", location.clone())), Vec::new()))
        }
    }
}

fn answer(
    status: StatusCode,
    header: Option<(&'static str, String)>,
    body: Vec<u8>,
) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let content_type = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
    if let Some((name, value)) = header
        && let Ok(value) = http::HeaderValue::from_str(&value)
    {
        response.headers_mut().insert(name, value);
    }
    response
}
