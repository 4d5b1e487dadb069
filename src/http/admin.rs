//! What whoever runs the server asks: does it live, and should it get traffic?

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::{Api, Entrance};
use crate::document::Registry;
use crate::metrics;
use crate::store::Health;

/// 200 as long as the process answers at all.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// What the process has done and holds, in Prometheus' text format.
pub async fn metrics(registry: web::Data<Registry>, entrance: web::Data<Entrance>) -> HttpResponse {
    let mut gauges = vec![
        ("cowrite_live_documents", "Documents in memory.", registry.live_documents() as u64),
        ("cowrite_connections", "Connections open at present.", entrance.connections() as u64),
    ];
    if let Some(bytes) = metrics::heap_bytes() {
        gauges.push(("cowrite_heap_bytes", "Bytes allocated and not freed.", bytes));
    }
    let text = metrics::render(&gauges);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

/// 200 when changes can be made and saved, else 503 with every reason.
pub async fn readyz(api: web::Data<Api>) -> HttpResponse {
    let mut reasons = Vec::new();
    if api.documents.draining() {
        reasons.push("the server is shutting down".to_owned());
    }
    if let Health::ReadOnly(reason) = api.documents.health() {
        reasons.push(format!("storage is read-only: {reason}"));
    }
    match reasons.is_empty() {
        true => HttpResponse::Ok().json(json!({"ready": true})),
        false => HttpResponse::ServiceUnavailable().json(json!({"ready": false, "reasons": reasons})),
    }
}
