mod access;
mod content;
mod filing;
mod glimpse;
mod images;
mod making;
mod memory;
mod search;
mod tags;

use std::cell::Cell;

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use serde_json::{Value, json};

use self::memory::Memory;
use super::*;
use crate::store::Health;

/// A service and whoever asks it.
struct Client {
    api: web::Data<Api>,
    memory: Arc<Memory>,
    /// What a form's parts are told apart by; another one for each form.
    boundary: Cell<u32>,
}

impl Client {
    fn new() -> Client {
        Client::with(None)
    }

    fn searching(search: Search) -> Client {
        Client::with(Some(search))
    }

    fn with(search: Option<Search>) -> Client {
        let memory = Arc::new(Memory::default());
        let api = web::Data::new(Api {
            documents: memory.clone(),
            access: crate::access::Access::open(),
            search,
            upload_bytes: 1000,
            image_bytes: 1000,
            uploads: Uploads::default(),
            texts: Texts::default(),
            streams: Streams::default(),
        });
        Client { api, memory, boundary: Cell::new(0) }
    }

    async fn send(&self, request: TestRequest) -> ServiceResponse {
        let service = init_service(App::new().configure(routes(self.api.clone()))).await;
        call_service(&service, request.to_request()).await
    }

    /// Status and JSON of an answer.
    async fn ask(&self, request: TestRequest) -> (u16, Value) {
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let problem = header(&response, "content-type") == "application/problem+json";
        assert_eq!(problem, status >= 400 && status != 503, "a problem document for every error but readyz");
        let bytes = to_bytes(response.into_body()).await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(TestRequest::get().uri(path)).await
    }

    async fn post(&self, json: Value) -> (u16, Value) {
        self.ask(TestRequest::post().uri(DOCUMENTS).set_json(json)).await
    }

    /// A form as browsers send it; a part's name may carry a file's name after a colon.
    fn form(&self, parts: Parts) -> TestRequest {
        self.boundary.set(self.boundary.get() + 1);
        let boundary = format!("cut-{}", self.boundary.get());
        let mut body = Vec::new();
        for (name, content) in parts {
            let (name, file) = name.split_once(':').unwrap_or((name, ""));
            let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        TestRequest::post().uri(DOCUMENTS).insert_header(("Content-Type", kind)).set_payload(body)
    }

    async fn text(&self, id: &str) -> String {
        let path = format!("{DOCUMENTS}/{id}/export?format=txt");
        let response = self.send(TestRequest::get().uri(&path)).await;
        assert_eq!(response.status(), 200);
        String::from_utf8(to_bytes(response.into_body()).await.expect("a body").to_vec()).expect("UTF-8")
    }
}

/// Names and contents of a form's fields.
type Parts<'a> = &'a [(&'a str, &'a [u8])];

const DOCUMENTS: &str = "/api/v1/documents";

fn header<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

#[actix_web::test]
async fn an_export_is_a_download_that_can_do_no_harm() {
    let client = Client::new();
    client.post(json!({"id": "a", "title": "Zwölf", "text": "# 12"})).await;
    let response = client.send(TestRequest::get().uri("/api/v1/documents/a/export?format=html")).await;
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"Zw_lf.html\"; filename*=UTF-8''Zw%C3%B6lf.html"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:",
        ),
    ] {
        assert_eq!(header(&response, name), value);
    }
    let (status, problem) = client.get("/api/v1/documents/a/export?format=odt").await;
    assert_eq!(status, 400);
    assert!(problem["detail"].as_str().expect("a detail").contains("txt, md, html, docx, json and yjs"));
    assert_eq!(client.get("/api/v1/documents/a/export").await.0, 400);
    assert_eq!(client.get("/api/v1/documents/b/export?format=md").await.0, 404);
}

#[actix_web::test]
async fn a_route_says_what_it_knows() {
    let client = Client::new();
    for (request, allow) in [
        (TestRequest::put().uri(DOCUMENTS), "GET, HEAD, POST"),
        (TestRequest::post().uri("/api/v1/documents/a"), "GET, HEAD, PATCH, DELETE"),
        (TestRequest::delete().uri("/api/v1/documents/a/export"), "GET, HEAD"),
    ] {
        let response = client.send(request).await;
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, allow));
        assert_eq!(header(&response, "content-type"), "application/problem+json");
    }
    assert_eq!(client.get("/api/v2/documents").await.0, 404);
    assert_eq!(client.get("/api").await.0, 404);
    let head = client.send(TestRequest::default().method(Method::HEAD).uri(DOCUMENTS)).await;
    assert_eq!(head.status(), 200);
}

#[actix_web::test]
async fn readiness_follows_storage_and_shutdown() {
    let client = Client::new();
    assert_eq!(client.get("/readyz").await, (200, json!({"ready": true})));
    {
        let mut state = client.memory.lock();
        (state.draining, state.health) = (true, Health::ReadOnly("the disk is full".into()));
    }
    let reasons = ["the server is shutting down", "storage is read-only: the disk is full"];
    assert_eq!(client.get("/readyz").await, (503, json!({"ready": false, "reasons": reasons})));
    assert_eq!(client.send(TestRequest::get().uri("/healthz")).await.status(), 200);

    let response = client.send(TestRequest::post().uri(DOCUMENTS).set_json(json!({}))).await;
    assert_eq!((response.status().as_u16(), header(&response, "retry-after")), (503, "5"));
}

/// Every answer says what browsers may not do with it, whoever gives it.
#[actix_web::test]
async fn every_answer_has_the_headers_that_keep_browsers_from_harm() {
    let client = Client::new();
    client.post(json!({"id": "a", "text": "x"})).await;
    let cross = ("sec-fetch-site", "cross-site");
    for (request, status) in [
        (TestRequest::get().uri("/healthz"), 200),
        (TestRequest::get().uri("/metrics"), 500),
        (TestRequest::get().uri("/nope"), 404),
        (TestRequest::get().uri("/notice.css"), 200),
        (TestRequest::get().uri("/d/a%2Fb"), 400),
        (TestRequest::get().uri("/api/nope"), 404),
        (TestRequest::get().uri(DOCUMENTS), 200),
        (TestRequest::put().uri(DOCUMENTS), 405),
        (TestRequest::post().uri(DOCUMENTS).insert_header(cross), 403),
        (TestRequest::get().uri("/api/v1/documents/a/export?format=html"), 200),
    ] {
        let response = client.send(request).await;
        let path = response.request().path().to_owned();
        assert_eq!(response.status(), status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(header(&response, name), value, "{path}");
        }
        assert!(header(&response, "permissions-policy").contains("camera=()"), "{path}");
        let policy = header(&response, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("script"), "{path}: {policy}");
        let own = path.ends_with("/export");
        assert!(own || policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
    }
}

#[actix_web::test]
async fn what_an_operator_says_of_frames_and_tls_is_on_every_answer() {
    let frames = crate::auth::FrameAncestors::parse("self,https://intranet.example").expect("origins");
    let surroundings = Surroundings { frames, tls: true, ..Surroundings::default() };
    let api = Client::new().api;
    let app = App::new().app_data(web::Data::new(surroundings)).configure(routes(api));
    let service = init_service(app.default_service(outside())).await;
    for path in ["/", "/healthz", "/nope"] {
        let response = call_service(&service, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(header(&response, "strict-transport-security"), "max-age=31536000");
        assert_eq!(header(&response, "x-frame-options"), "");
        let policy = header(&response, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'self' https://intranet.example"), "{path}: {policy}");
    }
}

#[actix_web::test]
async fn beneath_a_path_everything_says_so() {
    let client = Client::new();
    let app = App::new()
        .service(web::scope("/notes").configure(routes(client.api.clone())))
        .default_service(outside());
    let service = init_service(app).await;
    let made = TestRequest::post().uri("/notes/api/v1/documents").set_json(json!({"id": "plan"}));
    let response = call_service(&service, made.to_request()).await;
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "location"), "/notes/api/v1/documents/plan");
    let bytes = to_bytes(response.into_body()).await.expect("a body");
    let made: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(made["links"]["page"], "/notes/d/plan");
    assert_eq!(made["links"]["ws"], "/notes/ws/plan");
    assert_eq!(made["links"]["self"], "/notes/api/v1/documents/plan");
    assert_eq!(made["links"]["export"]["md"], "/notes/api/v1/documents/plan/export?format=md");
    for (path, status) in [
        ("/notes/healthz", 200),
        ("/notes/readyz", 200),
        ("/healthz", 404),
        ("/api/v1/documents", 404),
        ("/ws/plan", 404),
        ("/notesabout/healthz", 404),
        ("/", 404),
    ] {
        let response = call_service(&service, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
    }
}
