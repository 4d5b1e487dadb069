mod access;
mod content;
mod glimpse;
mod images;
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
async fn a_document_is_made_and_found() {
    let client = Client::new();
    let body = json!({"kind": "text", "title": " Plan ", "text": "a\r\nb 🦊", "id": "plan"});
    let response = client.send(TestRequest::post().uri(DOCUMENTS).set_json(body)).await;
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "location"), "/api/v1/documents/plan");
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");

    let (status, found) = client.get("/api/v1/documents/plan").await;
    assert_eq!(status, 200);
    assert_eq!(
        found,
        json!({
            "id": "plan", "kind": "text", "title": "Plan",
            "created": "2026-05-04T12:00:00.001Z", "updated": "2026-05-04T12:00:00.001Z", "role": "editor",
            "tags": [], "trashed": null,
            "links": {
                "self": "/api/v1/documents/plan", "page": "/d/plan", "ws": "/ws/plan",
                "export": {
                    "txt": "/api/v1/documents/plan/export?format=txt",
                    "md": "/api/v1/documents/plan/export?format=md",
                    "html": "/api/v1/documents/plan/export?format=html",
                    "docx": "/api/v1/documents/plan/export?format=docx",
                    "json": "/api/v1/documents/plan/export?format=json",
                    "yjs": "/api/v1/documents/plan/export?format=yjs",
                },
            },
        })
    );
    assert_eq!(client.text("plan").await, "a\nb 🦊");
}

#[actix_web::test]
async fn everything_may_be_left_out() {
    let client = Client::new();
    let (status, made) = client.post(json!({})).await;
    assert_eq!((status, &made["kind"], &made["title"]), (201, &json!("markdown"), &json!("")));
    let id = made["id"].as_str().expect("an id");
    assert_eq!(id.len(), 22);
    assert_eq!(client.text(id).await, "");
}

#[actix_web::test]
async fn a_file_becomes_a_document() {
    let client = Client::new();
    let (status, made) = client.ask(client.form(&[("file:Plan B.md", b"\xef\xbb\xbf# B\r\n")])).await;
    assert_eq!((status, &made["kind"], &made["title"]), (201, &json!("markdown"), &json!("Plan B")));
    assert_eq!(client.text(made["id"].as_str().expect("an id")).await, "# B\n");

    let form = client.form(&[("title", "Mine".as_bytes()), ("id", b"mine"), ("file:x.txt", b"text")]);
    let (status, made) = client.ask(form).await;
    assert_eq!((status, &made["id"], &made["title"]), (201, &json!("mine"), &json!("Mine")));
}

#[actix_web::test]
async fn a_form_that_is_wrong_says_what_is() {
    let client = Client::new();
    let long = [b'x'; 1001];
    let cases: [(Parts, u16, &str); 9] = [
        (&[], 422, "no field \"file\""),
        (&[("file:a.docx", b"x")], 415, "Files that end in \".docx\" cannot be imported"),
        (&[("file:a.md", b"ab\xff")], 422, "the byte at offset 2"),
        (&[("file:a.md", b"a\0")], 422, "a NUL at byte 1"),
        (&[("file:a.md", &long)], 413, "An upload may have 1000 at most"),
        (&[("file:a.md", b"x"), ("file:b.md", b"x")], 422, "one file at a time"),
        (&[("color", b"red")], 422, "no \"color\""),
        (&[("id", b"a/b"), ("file:a.md", b"x")], 400, "this one contains '/'"),
        (&[("title", &[b't'; 201]), ("file:a.md", b"x")], 422, "200 characters at most"),
    ];
    for (parts, status, words) in cases {
        let (found, problem) = client.ask(client.form(parts)).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(found == status && detail.contains(words), "{words}: {found} {detail}");
    }
    let cut = client.form(&[("file:a.md", b"x")]).set_payload("--cut-1\r\nnonsense");
    assert_eq!(client.ask(cut).await.0, 400);
    assert_eq!(client.get(DOCUMENTS).await.1["documents"], json!([]), "nothing was made");
}

#[actix_web::test]
async fn a_page_of_another_site_cannot_send_forms() {
    let client = Client::new();
    let form = client.form(&[("file:a.md", b"x")]).insert_header(("Sec-Fetch-Site", "cross-site"));
    assert_eq!(client.ask(form).await.0, 403);
    let form = client.form(&[("file:a.md", b"x")]).insert_header(("Sec-Fetch-Site", "same-origin"));
    assert_eq!(client.ask(form).await.0, 201);
}

#[actix_web::test]
async fn json_that_is_wrong_says_what_is() {
    let client = Client::new();
    for (body, status, words) in [
        (json!({"kind": "poem"}), 400, "Unknown variant `poem`"),
        (json!({"id": "a/b"}), 400, "this one contains '/'"),
        (json!({"titel": "x"}), 400, "Unknown field `titel`"),
        (json!({"title": "a\nb"}), 422, "cannot contain '\\n'"),
        (json!({"text": "a\0"}), 422, "a NUL at byte 1"),
        (json!({"text": "x".repeat(1001)}), 413, "1000 at most"),
        (json!({"text": "x".repeat(4000)}), 413, "1000 at most"),
    ] {
        let (found, problem) = client.post(body).await;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(found == status && detail.contains(words), "{words}: {found} {detail}");
    }
    let plain = TestRequest::post().uri(DOCUMENTS).insert_header(("Content-Type", "text/plain"));
    assert_eq!(client.ask(plain.set_payload("{}")).await.0, 415);
    let broken = TestRequest::post().uri(DOCUMENTS).insert_header(("Content-Type", "application/json"));
    let (status, problem) = client.ask(broken.set_payload("{\"kind\":")).await;
    assert_eq!(status, 400);
    assert_eq!(problem["type"], "urn:problem-type:cowrite:bad-request");
    assert_eq!(problem["status"], 400);
}

#[actix_web::test]
async fn an_id_is_taken_once_and_again_only_on_purpose() {
    let client = Client::new();
    assert_eq!(client.post(json!({"id": "a"})).await.0, 201);
    assert_eq!(client.post(json!({"id": "a"})).await.0, 409);
    let delete = || TestRequest::delete().uri("/api/v1/documents/a?for_good=true");
    assert_eq!(client.ask(delete()).await.0, 204);
    assert_eq!(client.get("/api/v1/documents/a").await.0, 410);
    assert_eq!(client.ask(delete()).await.0, 410);
    assert_eq!(client.post(json!({"id": "a"})).await.0, 410);
    assert_eq!(client.post(json!({"id": "a", "again": true})).await.0, 201);
    assert_eq!(client.get("/api/v1/documents/nope").await.0, 404);
    assert_eq!(client.get("/api/v1/documents/a%2Fb").await.0, 400);
}

#[actix_web::test]
async fn a_title_can_be_changed() {
    let client = Client::new();
    client.post(json!({"id": "a"})).await;
    let patch =
        |title: &str| TestRequest::patch().uri("/api/v1/documents/a").set_json(json!({"title": title}));
    let (status, entry) = client.ask(patch("Zwölf")).await;
    assert_eq!((status, &entry["title"]), (200, &json!("Zwölf")));
    assert_eq!(client.ask(patch(&"x".repeat(201))).await.0, 422);
}

#[actix_web::test]
async fn a_document_goes_to_the_trash_and_comes_back_or_not() {
    let client = Client::new();
    client.post(json!({"id": "a", "text": "kept"})).await;
    let ask = |method, path: &str| TestRequest::default().method(method).uri(&format!("{DOCUMENTS}/a{path}"));
    let listed = async |query: &str| {
        let (_, page) = client.get(&format!("{DOCUMENTS}{query}")).await;
        page["documents"].as_array().expect("a list").clone()
    };
    assert_eq!(client.ask(ask(Method::DELETE, "")).await.0, 204);
    for path in ["", "/export?format=txt"] {
        let (status, problem) = client.ask(ask(Method::GET, path)).await;
        assert_eq!((status, &problem["type"]), (410, &json!("urn:problem-type:cowrite:trashed")), "{path}");
    }
    assert_eq!(client.ask(ask(Method::PATCH, "").set_json(json!({"title": "x"}))).await.0, 410);
    assert_eq!(client.ask(ask(Method::DELETE, "")).await.0, 410);
    assert_eq!(client.post(json!({"id": "a", "again": true})).await.0, 410);
    assert_eq!(listed("").await.len(), 0);
    let trash = listed("?trash=true").await;
    assert!(trash.len() == 1 && trash[0]["trashed"].is_string(), "{trash:?}");

    let (status, restored) = client.ask(ask(Method::POST, "/restore")).await;
    assert_eq!((status, &restored["trashed"]), (200, &Value::Null));
    assert_eq!((client.text("a").await.as_str(), listed("?trash=true").await.len()), ("kept", 0));
    for path in ["", "?for_good=true"] {
        assert_eq!(client.ask(ask(Method::DELETE, path)).await.0, 204, "from the trash as well");
    }
    assert_eq!(client.ask(ask(Method::POST, "/restore")).await.0, 410);
    assert_eq!(listed("?trash=true").await.len(), 0);
}

#[actix_web::test]
async fn documents_are_filed_under_tags() {
    let client = Client::new();
    client.post(json!({"id": "a", "title": "A"})).await;
    client.post(json!({"id": "b", "title": "B"})).await;
    let patch = |json: Value| TestRequest::patch().uri("/api/v1/documents/a").set_json(json);
    let (status, entry) = client.ask(patch(json!({"tags": [" x y ", "z", "z"]}))).await;
    assert_eq!((status, &entry["tags"], &entry["title"]), (200, &json!(["x y", "z"]), &json!("A")));
    for wrong in [json!({}), json!({"tags": [""]}), json!({"title": "lost", "tags": ["a\nb"]})] {
        assert_eq!(client.ask(patch(wrong)).await.0, 422);
    }
    let (_, page) = client.get(&format!("{DOCUMENTS}?tag=x%20y")).await;
    let titles: Vec<_> = page["documents"].as_array().expect("a list").iter().map(|d| &d["title"]).collect();
    assert_eq!(titles, ["A"]);
}

#[actix_web::test]
async fn a_duplicate_has_the_text_the_kind_and_the_tags() {
    let client = Client::new();
    client.post(json!({"id": "a", "title": "A", "kind": "code", "text": "x = 1 🦊"})).await;
    client.ask(TestRequest::patch().uri("/api/v1/documents/a").set_json(json!({"tags": ["t"]}))).await;
    let duplicate = |json: Value| TestRequest::post().uri("/api/v1/documents/a/duplicate").set_json(json);
    let (status, made) = client.ask(duplicate(json!({"id": "b", "title": "B"}))).await;
    assert_eq!(
        (status, &made["title"], &made["kind"], &made["tags"]),
        (201, &json!("B"), &json!("code"), &json!(["t"]))
    );
    assert_eq!(client.text("b").await, "x = 1 🦊");
    assert_eq!(client.ask(duplicate(json!({"id": "b"}))).await.0, 409);
    let (status, made) = client.ask(duplicate(json!({}))).await;
    assert_eq!((status, &made["title"]), (201, &json!("A")));
}

#[actix_web::test]
async fn each_order_has_cursors_of_its_own() {
    let client = Client::new();
    for (id, title) in [("a", "pear"), ("b", "Äpfel"), ("c", "Apple")] {
        client.post(json!({"id": id, "title": title})).await;
    }
    let mut cursors = Vec::new();
    for (sort, order) in [("updated", "cba"), ("created", "cba"), ("title", "cab")] {
        let (_, first) = client.get(&format!("{DOCUMENTS}?sort={sort}&limit=2")).await;
        let cursor = first["next_cursor"].as_str().expect("there is more").to_owned();
        let (_, second) = client.get(&format!("{DOCUMENTS}?sort={sort}&cursor={cursor}")).await;
        let pages =
            [first, second].map(|page| page["documents"].as_array().expect("a list").clone()).concat();
        let ids: String = pages.iter().map(|document| document["id"].as_str().expect("an id")).collect();
        assert_eq!(ids, order, "{sort}");
        cursors.push((sort, cursor));
    }
    for (sort, _) in &cursors {
        for (_, cursor) in cursors.iter().filter(|(other, _)| other != sort) {
            assert_eq!(client.get(&format!("{DOCUMENTS}?sort={sort}&cursor={cursor}")).await.0, 400);
        }
    }
}

#[actix_web::test]
async fn the_list_has_pages_with_the_last_changed_first() {
    let client = Client::new();
    for id in ["a", "b", "c", "d", "e"] {
        client.post(json!({"id": id})).await;
    }
    client.ask(TestRequest::patch().uri("/api/v1/documents/b").set_json(json!({"title": "x"}))).await;
    let (mut path, mut ids) = (format!("{DOCUMENTS}?limit=2"), Vec::new());
    loop {
        let (status, page) = client.get(&path).await;
        assert_eq!(status, 200);
        let documents = page["documents"].as_array().expect("a list").clone();
        ids.push(documents.iter().map(|d| d["id"].as_str().expect("an id").to_owned()).collect::<String>());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{DOCUMENTS}?limit=2&cursor={cursor}");
    }
    assert_eq!(ids, ["be", "dc", "a"]);
    for wrong in ["limit=0", "limit=1001", "limit=many", "cursor=x", "cursor=1.zz"] {
        assert_eq!(client.get(&format!("{DOCUMENTS}?{wrong}")).await.0, 400, "{wrong}");
    }
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
