//! How documents come to be: of nothing, of JSON, of files.

use super::*;

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
