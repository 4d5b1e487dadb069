use actix_web::App;
use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};

use actix_web::middleware::from_fn;

use super::*;
use crate::http::origin;

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

/// The script within the page, as a content security policy names it: `openssl dgst -sha256 -binary | base64`.
const WITHIN: &str = "sha256-k2Yc/nlIAr72F8DW7mzkVS5IseKkGrmipJ5Nhpv+WsI=";

async fn ask<E: Embed + 'static>(request: TestRequest) -> ServiceResponse {
    beneath::<E>("", request).await
}

/// The app under a path.
async fn beneath<E: Embed + 'static>(base: &str, request: TestRequest) -> ServiceResponse {
    let app = web::scope("")
        .wrap(from_fn(origin::check))
        .wrap(from_fn(headers::secure))
        .route("/", web::to(page::<E>))
        .route("/d/{id}", web::to(document::<E>))
        .default_service(web::to(file::<E>));
    let service = init_service(App::new().service(web::scope(base).service(app))).await;
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
        assert_eq!(header(&response, "etag"), "", "each has a nonce of its own");
        assert!(text(response).await.contains(SCRIPT.trim_start_matches('/')));
    }
}

#[actix_web::test]
async fn each_page_has_a_nonce_of_its_own_and_a_policy_that_takes_it() {
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let request = TestRequest::get().uri("/").insert_header(("host", "notes.example:8443"));
        let response = ask::<Built>(request).await;
        let policy = header(&response, "content-security-policy").to_owned();
        let page = text(response).await;
        let (_, behind) = page.split_once("nonce=\"").expect("a nonce");
        let nonce = behind.split('"').next().expect("its end");
        assert_eq!(nonce.len(), 24);
        assert_eq!(
            policy,
            format!(
                "default-src 'none'; script-src 'self' '{WITHIN}'; style-src 'self' 'nonce-{nonce}'; \
                 img-src 'self' https: data: blob:; font-src 'self'; \
                 connect-src 'self' ws://notes.example:8443 wss://notes.example:8443; worker-src 'self'; \
                 manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
            )
        );
        assert!(!page.contains(NONCE));
        nonces.insert(nonce.to_owned());
    }
    assert_eq!(nonces.len(), 3);
}

#[actix_web::test]
async fn the_page_knows_the_folder_it_is_in() {
    for base in ["", "/notes", "/team/notes"] {
        let at = |path: &str| TestRequest::get().uri(&format!("{base}{path}"));
        for path in ["/", "/d/plan"] {
            let page = text(beneath::<Built>(base, at(path)).await).await;
            assert!(page.contains(&format!("<base href=\"{base}/\">")), "{page}");
        }
        assert_eq!(beneath::<Built>(base, at(SCRIPT)).await.status(), 200);
        let notice = text(beneath::<Built>(base, at("/nope")).await).await;
        assert!(notice.contains(&format!("href=\"{base}/\"")), "{notice}");
        assert!(notice.contains(&format!("href=\"{base}/notice.css\"")), "{notice}");
        assert_eq!(beneath::<Built>(base, at("/notice.css")).await.status(), 200);
    }
    let response = beneath::<Built>("/notes", TestRequest::get().uri("/notes")).await;
    assert_eq!((response.status().as_u16(), header(&response, "location")), (307, "/notes/"));
    for outside in ["/", "/d/plan", "/notesabout/", SCRIPT] {
        assert_eq!(beneath::<Built>("/notes", TestRequest::get().uri(outside)).await.status(), 404);
    }
    // The scope of another application may have anything in it.
    let odd = TestRequest::get().uri("/%22%3E%3Cscript%3E/");
    let page = text(beneath::<Built>("/{tenant}", odd).await).await;
    assert!(page.contains("<base href=\"/%22%3E%3Cscript%3E/\">"), "{page}");
}

/// The page has in it what its build put there, and nothing that we say besides has scripts or styles within.
#[actix_web::test]
async fn only_the_page_has_something_inline() {
    let at = |path: &str| TestRequest::get().uri(path);
    let notices = [
        ask::<Built>(at("/d/a%3Cscript%3E")).await,
        ask::<Built>(at("/nope")).await,
        ask::<NotBuilt>(at("/")).await,
        ask::<NotBuilt>(at("/d/plan")).await,
    ];
    for notice in notices {
        let page = text(notice).await;
        assert!(["<script", "<style", "style="].iter().all(|inline| !page.contains(inline)), "{page}");
    }
    let page = text(get("/d/plan").await).await;
    let nonce = page.split_once("nonce=\"").expect("a nonce").1;
    let nonce = nonce.split('"').next().expect("its end");
    for style in page.split("<style").skip(1) {
        assert!(style.starts_with(&format!(" nonce=\"{nonce}\">")), "{page}");
    }
    let scripts = page.split("<script").skip(1).filter(|script| !script.contains(" src="));
    assert_eq!(scripts.count(), 1, "the one that the policy names");
}

#[actix_web::test]
async fn whoever_opens_an_address_without_a_page_is_told_by_the_app() {
    for (path, status) in [("/nope", 404), ("/index.html", 404), ("/d/a%3Cscript%3E", 400)] {
        let request = TestRequest::get().uri(path).insert_header(("sec-fetch-mode", "navigate"));
        let response = ask::<Built>(request).await;
        assert_eq!(response.status(), status);
        assert!(header(&response, "content-security-policy").contains("nonce-"), "{path}");
        assert!(text(response).await.contains("<div id=\"app\">"), "{path}");
    }
    // What a page of ours asks for and is not there is no page.
    let request = TestRequest::get().uri("/assets/gone.js").insert_header(("sec-fetch-mode", "cors"));
    let answer = text(ask::<Built>(request).await).await;
    assert!(!answer.contains("<div id=\"app\">"), "{answer}");
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

/// What makes the app installable and lets it start without a network. A worker may do as much as its own policy says, and looks after the
/// folder that it is in.
#[actix_web::test]
async fn a_service_worker_and_a_manifest_come_from_the_build() {
    const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'";
    for base in ["", "/notes"] {
        let at = |name: &str| TestRequest::get().uri(&format!("{base}/{name}"));
        let worker = beneath::<Built>(base, at("sw.js").insert_header(("service-worker", "script"))).await;
        assert_eq!(worker.status(), 200, "{base}");
        assert_eq!(header(&worker, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&worker, "cache-control"), "no-cache");
        assert_eq!(header(&worker, "content-security-policy"), POLICY);
        let known = at("sw.js").insert_header(("if-none-match", header(&worker, "etag")));
        let again = beneath::<Built>(base, known).await;
        assert_eq!(again.status(), 304, "{base}");
        assert_eq!(header(&again, "cache-control"), "no-cache");
        assert_eq!(header(&again, "content-security-policy"), POLICY);

        let manifest = beneath::<Built>(base, at("manifest.webmanifest")).await;
        assert_eq!(header(&manifest, "content-type"), "application/manifest+json");
        assert_eq!(header(&manifest, "cache-control"), "no-cache");
        let icon = beneath::<Built>(base, at("icon-192.png")).await;
        assert_eq!(header(&icon, "content-type"), "image/png");
        assert_eq!(header(&icon, "cache-control"), "no-cache");
        assert!(!header(&icon, "content-security-policy").contains("script"));
    }
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
