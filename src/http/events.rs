//! What happens to a document, as server-sent events: that it changed, not what.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::Api;
use super::access::Admitted;
use super::error::{Problem, ProblemView};
use crate::access::Caller;
use crate::auth::{Needs, Target};
use crate::ids::DocId;
use crate::limits;
use crate::store::Entry;
use crate::timestamp::rfc3339;

/// How often the catalogue is looked at. Changes in between are one event.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// A line now and then keeps proxies from taking silence for the end.
const BREATH_EVERY: Duration = Duration::from_secs(15);

/// Places for those who listen.
pub struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Streams {
        Streams(Arc::new(Semaphore::new(limits::EVENT_STREAMS)))
    }
}

/// Hear of changes
///
/// Server-sent events: `change` with the moment of the last change that is on disk, `renamed` with the title, and at last `deleted` or
/// `refused`. Several changes in a short time are one event.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/events", tag = "content", params(("id" = String, Path)),
    responses(
        (status = 200, content_type = "text/event-stream", body = String), (status = 404, body = ProblemView),
        (status = 410, body = ProblemView),
    ),
)]
pub async fn listen(
    api: web::Data<Api>,
    admitted: Admitted,
    id: web::Path<DocId>,
) -> Result<HttpResponse, Problem> {
    let place = api.streams.0.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::crowded("as many programs listen for changes as may"))?;
    let entry = api.documents.find(&id).await?;
    let listener = Listener {
        api: api.clone(),
        caller: admitted.caller,
        id: id.into_inner(),
        known: entry,
        said: Instant::now(),
        first: true,
        _place: place,
    };
    let events = unfold(Some(listener), |listener| async move {
        let mut listener = listener?;
        let (event, goes_on) = listener.next().await;
        Some((Ok::<_, actix_web::Error>(event), goes_on.then_some(listener)))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // What comes little by little is not to be gathered before it is passed on.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(Box::pin(events)))
}

struct Listener {
    api: web::Data<Api>,
    caller: Caller,
    id: DocId,
    known: Entry,
    said: Instant,
    first: bool,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// The next event, and whether there are more after it.
    async fn next(&mut self) -> (Bytes, bool) {
        if std::mem::take(&mut self.first) {
            return (changed(&self.known), true);
        }
        loop {
            sleep(LOOK_EVERY).await;
            if self.api.documents.draining() {
                // Browsers come back by themselves.
                return (Bytes::from_static(b": the server restarts\n\n"), false);
            }
            if let Some(told) = self.look().await {
                self.said = Instant::now();
                return told;
            }
            if self.said.elapsed() >= BREATH_EVERY {
                self.said = Instant::now();
                return (Bytes::from_static(b":\n\n"), true);
            }
        }
    }

    async fn look(&mut self) -> Option<(Bytes, bool)> {
        // What cannot be looked up now may be later.
        let entry = self.api.documents.entry(&self.id).await.ok()?;
        let Some(entry) = entry.filter(|entry| entry.number == self.known.number && entry.is_there()) else {
            return Some((event("deleted", &json!({})), false));
        };
        let target = Target { id: &self.id, number: Some(entry.number) };
        if self.api.access.decide(Needs::Read, &self.caller, Some(target)).is_err() {
            return Some((event("refused", &json!({})), false));
        }
        let before = std::mem::replace(&mut self.known, entry);
        if before.title != self.known.title {
            return Some((event("renamed", &json!({"title": self.known.title})), true));
        }
        (before.updated_ms != self.known.updated_ms).then(|| (changed(&self.known), true))
    }
}

fn changed(entry: &Entry) -> Bytes {
    event("change", &json!({"updated": rfc3339(entry.updated_ms)}))
}

fn event(name: &str, data: &serde_json::Value) -> Bytes {
    format!("event: {name}\ndata: {data}\n\n").into()
}
