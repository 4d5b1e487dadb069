use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};

use super::*;

/// What a web build leaves behind, in small.
#[derive(Embed)]
#[folder = "tests/fixtures/web-dist"]
struct Built;

/// A build without the web app.
#[derive(Embed)]
#[folder = "tests/fixtures/no-such-folder"]
#[allow_missing = true]
struct NotBuilt;

const SCRIPT: &str = "/assets/app-1a2b3c.js";

async fn ask<E: Embed + 'static>(request: TestRequest) -> ServiceResponse {
    let routes = |app: &mut web::ServiceConfig| {
        app.route("/", web::to(page::<E>))
            .route("/d/{id}", web::to(document::<E>))
            .default_service(web::to(file::<E>));
    };
    let service = init_service(App::new().configure(routes)).await;
    call_service(&service, request.to_request()).await
}

async fn get(path: &str) -> ServiceResponse {
    ask::<Built>(TestRequest::get().uri(path)).await
}

fn header<'a>(response: &'a ServiceResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

async fn text(response: ServiceResponse) -> String {
    let bytes = to_bytes(response.into_body()).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[actix_web::test]
async fn the_page_is_at_the_root_and_at_every_document() {
    for path in ["/", "/d/notes-1", "/d/a~b.c"] {
        let response = get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer");
        assert!(header(&response, "content-security-policy").contains("script-src 'self';"));
        assert!(text(response).await.contains(SCRIPT));
    }
}

#[actix_web::test]
async fn a_malformed_id_is_told() {
    let response = get("/d/a%3Cscript%3E").await;
    assert_eq!(response.status(), 400);
    let page = text(response).await;
    assert!(page.contains("this one contains '&lt;'") && !page.contains("<script"), "{page}");
    assert_eq!(get(&format!("/d/{}", "x".repeat(129))).await.status(), 400);
}

#[actix_web::test]
async fn hashed_files_are_kept_for_good_and_others_are_asked_for_again() {
    let script = get(SCRIPT).await;
    assert_eq!(header(&script, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
    let icon = get("/favicon.svg").await;
    assert_eq!(header(&icon, "cache-control"), "no-cache");
    assert_eq!(header(&icon, "content-type"), "image/svg+xml; charset=utf-8");
}

#[actix_web::test]
async fn the_best_encoding_that_the_client_takes_is_sent() {
    for (accept, encoding) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", ""),
        ("deflate", ""),
        ("identity", ""),
        ("", ""),
    ] {
        let request = TestRequest::get().uri(SCRIPT).insert_header(("Accept-Encoding", accept));
        let response = ask::<Built>(request).await;
        assert_eq!(header(&response, "content-encoding"), encoding, "{accept:?}");
        assert_eq!(header(&response, "vary"), "Accept-Encoding");
        assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
    }
    let response = get(SCRIPT).await;
    assert_eq!(text(response).await, "console.log(\"app\");\n");
}

#[actix_web::test]
async fn what_the_client_has_is_not_sent_again() {
    let zipped = |request: TestRequest| request.uri(SCRIPT).insert_header(("Accept-Encoding", "gzip"));
    let first = ask::<Built>(zipped(TestRequest::get())).await;
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    assert_ne!(tag, header(&get(SCRIPT).await, "etag"), "another encoding, another tag");

    for tags in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
        let again = ask::<Built>(zipped(TestRequest::get()).insert_header(("If-None-Match", tags))).await;
        assert_eq!(again.status(), 304);
        assert_eq!(header(&again, "etag"), tag);
        assert!(text(again).await.is_empty());
    }
    let other = ask::<Built>(zipped(TestRequest::get()).insert_header(("If-None-Match", "\"x\""))).await;
    assert_eq!(other.status(), 200);
}

#[actix_web::test]
async fn what_is_not_there_is_told_as_a_page() {
    for path in ["/nope", "/assets/app-000000.js", "/../Cargo.toml", "/assets/../../x", "/index.html"] {
        let response = get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert!(text(response).await.contains("There is nothing here"));
    }
    let response = ask::<Built>(TestRequest::post().uri(SCRIPT)).await;
    assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, "GET, HEAD"));
}

#[actix_web::test]
async fn a_build_without_the_web_app_says_how_to_get_it() {
    for path in ["/", "/d/notes"] {
        let response = ask::<NotBuilt>(TestRequest::get().uri(path)).await;
        assert_eq!(response.status(), 501);
        assert!(text(response).await.contains("<code>make build</code>"));
    }
}
