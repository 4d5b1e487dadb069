//! Images of documents, from being added to a running server until they are gone with their document.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use cowrite::Server;
use cowrite::cli::{Backup, Restore, folder};
use cowrite::config::{Config, DataFlags};
use cowrite::ids::{ImageFormat, ImageName};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Five rows of seven red pixels.
pub const RED: &[u8] = include_bytes!("../fixtures/images/red.png");

const CAMERA: &[u8] = include_bytes!("../fixtures/images/sideways.jpg");

/// A server of this process in a data folder, on a free port.
struct Running {
    documents: String,
    http: Client,
    stop: oneshot::Sender<()>,
    running: actix_web::rt::task::JoinHandle<anyhow::Result<()>>,
}

impl Running {
    fn start(data: &Path) -> Running {
        Running::with(Config { data: data.to_owned(), ..Config::default() })
    }

    fn with(config: Config) -> Running {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::start(&Config { listen, workers: Some(2), ..config }).expect("it starts");
        let documents = format!("{}api/v1/documents", server.url());
        let (stop, stopped) = oneshot::channel::<()>();
        let running = actix_web::rt::spawn(server.run(async {
            let _ = stopped.await;
        }));
        Running { documents, http: Client::new(), stop, running }
    }

    async fn stop(self) {
        self.stop.send(()).expect("it runs");
        self.running.await.expect("it ends").expect("well");
    }

    async fn make(&self, id: &str, text: &str) {
        let new = json!({"id": id, "text": text, "again": true});
        let answer = self.http.post(&self.documents).json(&new).send().await.expect("an answer");
        assert_eq!(answer.status(), 201);
    }

    async fn add(&self, id: &str, image: &[u8]) -> (u16, Value) {
        let request = self.http.post(format!("{}/{id}/images", self.documents)).body(image.to_vec());
        // What it says of itself is nobody's concern.
        let answer = request.header("content-type", "text/html").send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}/{path}", self.documents)).send().await.expect("an answer")
    }

    async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }

    async fn ask(&self, method: &str, path: &str) -> u16 {
        let method = method.parse().expect("a method");
        let request = self.http.request(method, format!("{}/{path}", self.documents)).json(&json!({}));
        request.send().await.expect("an answer").status().as_u16()
    }
}

fn red() -> String {
    ImageName::of(RED, ImageFormat::Png).address()
}

/// The files below `images` of a data folder.
fn kept(data: &Path) -> Vec<PathBuf> {
    let entries = |dir: &Path| match fs::read_dir(dir) {
        Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
        Err(_) => Vec::new(),
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in entries(&data.join("images")) {
        files.extend(if entry.is_dir() { entries(&entry) } else { vec![entry] });
    }
    files.sort();
    files
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

#[actix_web::test]
async fn an_image_is_there_for_good_and_for_its_document_only() {
    let data = TempDir::new().expect("a folder");
    let server = Running::start(data.path());
    server.make("plan", "a plan").await;
    server.make("other", "something else").await;
    let (status, made) = server.add("plan", RED).await;
    assert_eq!((status, &made["width"], &made["height"]), (201, &7.into(), &5.into()));
    assert_eq!((&made["bytes"], made["address"].as_str()), (&RED.len().into(), Some(&*red())));
    assert_eq!(format!("images/{}", made["name"].as_str().expect("a name")), red());
    assert_eq!(server.add("plan", RED).await, (200, made), "it is the same image");
    let (_, upright) = server.add("plan", CAMERA).await;
    assert_eq!((&upright["width"], &upright["height"]), (&5.into(), &7.into()), "as it is shown");
    assert_eq!(server.add("missing", RED).await.0, 404);

    server.stop().await;
    let server = Running::start(data.path());
    let answer = server.get(&format!("plan/{}", red())).await;
    assert_eq!(answer.status(), 200);
    let name = &red()["images/".len()..];
    let tag = format!("\"{}\"", &name[..64]);
    for (header_name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", &*format!("inline; filename=\"{name}\"")),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("etag", &tag),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(header(&answer, header_name), value);
    }
    assert_eq!(answer.bytes().await.expect("a body"), RED);
    let address = format!("{}/plan/{}", server.documents, red());
    let head = server.http.head(&address).send().await.expect("an answer");
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, &*RED.len().to_string()));
    let again = server.http.get(&address).header("if-none-match", &tag).send().await.expect("an answer");
    assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, &*tag));
    assert!(again.bytes().await.expect("no body").is_empty());

    // The name alone opens nothing.
    for path in [&format!("other/{}", red()), "plan/images/none.png", "plan/images/..%2f..%2fFORMAT"] {
        assert_eq!(server.status(path).await, 404, "{path}");
    }
    server.stop().await;
}

#[actix_web::test]
async fn only_pixels_are_kept_and_they_are_served_as_what_they_are() {
    let data = TempDir::new().expect("a folder");
    let server =
        Running::with(Config { data: data.path().to_owned(), image_bytes: 2_000, ..Config::default() });
    server.make("plan", "a plan").await;
    for (image, seems) in [
        (&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], "an SVG image"),
        (b"<html><script>alert(1)</script>", "a text file"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC image"),
        (b"", "an empty file"),
        (b"MZ\x90\0", "this file"),
    ] {
        let (status, problem) = server.add("plan", image).await;
        let detail = problem["detail"].as_str().expect("a sentence");
        assert_eq!(
            (status, &problem["type"]),
            (415, &"urn:problem-type:cowrite:unsupported-media-type".into())
        );
        assert!(
            detail.to_lowercase().starts_with(&seems.to_lowercase()) && detail.contains("PNG"),
            "{detail}"
        );
    }
    let large = [RED, &[0; 2_000]].concat();
    let (status, problem) = server.add("plan", &large).await;
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(status == 413 && detail.contains("image_bytes") && detail.contains("not kept"), "{problem}");
    assert!(kept(data.path()).is_empty());

    // A page for whoever does not look closely: the image has an end, and what stands behind it is none of it.
    let page = [RED, b"<html><script>alert(document.domain)</script></html>"].concat();
    let (status, made) = server.add("plan", &page).await;
    assert_eq!((status, &made["width"]), (201, &7.into()));
    let answer = server.get(&format!("plan/{}", made["address"].as_str().expect("an address"))).await;
    assert_eq!(header(&answer, "content-type"), "image/png");
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert!(header(&answer, "content-security-policy").contains("sandbox"));
    assert_eq!(answer.bytes().await.expect("a body"), RED);

    // What makes no sense could hold anything.
    let (status, problem) = server.add("plan", &RED[..14]).await;
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(status == 422 && detail.contains("from byte 8 on") && detail.contains("not added"), "{problem}");
    assert_eq!(kept(data.path()).len(), 1);
    server.stop().await;
}

/// A photograph with a place in it, from the upload to the disk: the place is nowhere, and the picture is the one that it was.
#[actix_web::test]
async fn a_picture_keeps_no_place() {
    const PLACE: &[u8] = b"52.5163N 13.3777E";
    let data = TempDir::new().expect("a folder");
    let server = Running::start(data.path());
    server.make("plan", "a plan").await;
    let comment = [&[0xff, 0xfe, 0, PLACE.len() as u8 + 2][..], PLACE].concat();
    let photograph = [&CAMERA[..2], &comment, &CAMERA[2..]].concat();
    let (status, made) = server.add("plan", &photograph).await;
    assert_eq!((status, &made["width"], &made["height"]), (201, &5.into(), &7.into()), "it is upright");
    assert_eq!(made["bytes"], CAMERA.len(), "of what is kept");
    assert_eq!(
        made["address"],
        ImageName::of(CAMERA, ImageFormat::Jpeg).address(),
        "named after what is kept"
    );
    let answer = server.get(&format!("plan/{}", made["address"].as_str().expect("an address"))).await;
    assert_eq!(answer.bytes().await.expect("a body"), CAMERA);
    assert_eq!(server.add("plan", CAMERA).await, (200, made), "it is the same picture");
    for file in kept(data.path()) {
        let bytes = fs::read(file).expect("a file");
        assert!(!bytes.windows(PLACE.len()).any(|window| window == PLACE));
    }
    server.stop().await;
}

#[actix_web::test]
async fn images_come_and_go_with_their_document() {
    let data = TempDir::new().expect("a folder");
    let server = Running::start(data.path());
    server.make("plan", &format!("![red]({})", red())).await;
    server.add("plan", RED).await;
    let copy = server.http.post(format!("{}/plan/duplicate", server.documents)).json(&json!({"id": "copy"}));
    assert_eq!(copy.send().await.expect("an answer").status(), 201);
    assert_eq!(kept(data.path()).len(), 2);

    let (here, copied) = (format!("plan/{}", red()), format!("copy/{}", red()));
    assert_eq!(server.ask("DELETE", "plan").await, 204);
    assert_eq!((server.status(&here).await, server.add("plan", CAMERA).await.0), (410, 410), "in the trash");
    assert_eq!(server.ask("POST", "plan/restore").await, 200);
    assert_eq!(server.status(&here).await, 200);
    assert_eq!(server.ask("DELETE", "plan?for_good=true").await, 204);
    assert_eq!((server.status(&here).await, server.status(&copied).await), (410, 200));
    assert_eq!(kept(data.path()).len(), 1);
    server.stop().await;

    // Whoever deleted a document may have ended before its images were gone; of others nobody knows whether they may go.
    let (gone, unknown) = (data.path().join("images/1"), data.path().join("images/4"));
    let image = kept(data.path()).pop().expect("one is left");
    for folder in [&gone, &unknown] {
        fs::create_dir(folder).expect("a folder");
        fs::copy(&image, folder.join(image.file_name().expect("a name"))).expect("a copy");
    }
    fs::write(data.path().join("images/2-abc.png.part"), "half an").expect("written");
    let server = Running::start(data.path());
    assert!(!gone.exists() && unknown.exists() && kept(data.path()).len() == 2);
    // The second is the first for which the number of that folder would be next.
    for id in ["plan", "next"] {
        server.make(id, "another text").await;
        assert_eq!(
            server.status(&format!("{id}/{}", red())).await,
            404,
            "it goes by the document, not by its id"
        );
    }
    server.stop().await;
}

#[actix_web::test]
async fn a_page_that_leaves_has_its_images_in_it() {
    let data = TempDir::new().expect("a folder");
    let server = Running::start(data.path());
    let text = format!("![red]({}) and ![none](images/none.png)", red());
    for id in ["plan", "other"] {
        server.make(id, &text).await;
    }
    server.add("plan", RED).await;
    let page = server.get("plan/export?format=html").await.text().await.expect("a page");
    assert!(page.contains("<img src=\"data:image/png;base64,iVBOR"), "{page}");
    assert!(page.contains("<img src=\"images/none.png\""), "{page}");
    let page = server.get("other/export?format=html").await.text().await.expect("a page");
    assert!(!page.contains("data:image") && page.contains(&red()), "another's are not shown: {page}");
    server.stop().await;
}

fn verify(dir: &Path) -> (bool, String) {
    let mut out = Vec::new();
    let sound = folder::verify(dir, &mut out).expect("it can be read");
    (sound, String::from_utf8(out).expect("text"))
}

fn backup(from: &Path, to: &Path) -> (bool, String) {
    let mut out = Vec::new();
    let command = Backup { to: to.to_owned(), data: DataFlags::default() };
    let sound = folder::backup(from, &command, &mut out).expect("a backup");
    (sound, String::from_utf8(out).expect("text"))
}

fn restore(from: &Path, to: &Path, until: Option<u64>) -> String {
    let mut out = Vec::new();
    let command = Restore { from: from.to_owned(), until, data: DataFlags::default() };
    assert!(folder::restore(to, &command, &mut out).expect("it is restored"));
    String::from_utf8(out).expect("text")
}

fn now_ms() -> u64 {
    std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_millis() as u64
}

#[actix_web::test]
async fn a_backup_has_the_images_and_they_come_back() {
    let (data, copy) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let server = Running::start(data.path());
    server.make("plan", "a plan").await;
    server.make("doomed", "for now").await;
    server.add("plan", RED).await;
    server.add("doomed", RED).await;
    let (sound, said) = backup(data.path(), copy.path());
    assert!(sound && said.contains("in 2 images; 0 were there already"), "{said}");
    let before_ms = now_ms();
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    server.make("later", "came later").await;
    server.add("later", CAMERA).await;
    server.ask("DELETE", "doomed?for_good=true").await;
    let (sound, said) = backup(data.path(), copy.path());
    assert!(sound && said.contains("in 1 images; 1 were there already"), "{said}");
    assert_eq!(kept(copy.path()).len(), 2, "what is deleted for good goes from the copy too");
    let (sound, said) = verify(copy.path());
    assert!(sound && said.contains("in 2\n"), "{said}");
    server.stop().await;
    assert!(verify(data.path()).0);

    for (until, images) in [(None, 2), (Some(before_ms), 1)] {
        let fresh = TempDir::new().expect("a folder");
        let said = restore(copy.path(), fresh.path(), until);
        assert!(said.contains(&format!("and {images} images")), "{said}");
        assert!(verify(fresh.path()).0);
        let server = Running::start(fresh.path());
        assert_eq!(server.status(&format!("plan/{}", red())).await, 200);
        let later = ImageName::of(CAMERA, ImageFormat::Jpeg).address();
        let expected = if until.is_none() { 200 } else { 404 };
        assert_eq!(server.status(&format!("later/{later}")).await, expected);
        server.stop().await;
    }
}

#[actix_web::test]
async fn damage_is_found_and_set_aside() {
    let (data, copy) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let server = Running::start(data.path());
    server.make("plan", "a plan").await;
    server.add("plan", RED).await;
    server.add("plan", CAMERA).await;
    assert!(backup(data.path(), copy.path()).0);
    let (damaged, lost) = (data.path().join("images/1").join(&red()[7..]), kept(data.path()));
    let lost = lost.iter().find(|path| **path != damaged).expect("the other one");
    let flipped: Vec<u8> = RED.iter().map(|byte| byte ^ 1).collect();
    fs::write(&damaged, flipped).expect("written");
    let path = format!("plan/{}", red());
    assert_eq!(server.status(&path).await, 500, "damage is told, not served");

    fs::remove_file(lost).expect("removed");
    let (sound, said) = backup(data.path(), copy.path());
    assert!(!sound && said.contains("is lost; the copy has it still"), "{said}");
    let fresh = TempDir::new().expect("a folder");
    let (sound, said) = backup(data.path(), fresh.path());
    assert!(!sound && said.contains("is damaged and was not copied"), "{said}");
    assert!(verify(copy.path()).0 && verify(fresh.path()).0, "copies are sound");
    server.stop().await;

    let (sound, said) = verify(data.path());
    assert!(!sound && said.contains("document plan: its image"), "{said}");
    let mut out = Vec::new();
    assert!(!folder::repair(data.path(), &mut out).expect("a repair"), "something is lost");
    let said = String::from_utf8(out).expect("text");
    assert!(said.contains("lost: plan: its image") && said.contains("1 documents are whole"), "{said}");
    assert!(verify(data.path()).0 && !damaged.exists());
    let aside = fs::read_dir(data.path()).expect("entries").map(|entry| entry.expect("an entry").path());
    let aside = aside
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("damaged-")));
    assert_eq!(aside.map(|path| kept(&path).len()).collect::<Vec<_>>(), [1], "nothing is destroyed");

    let server = Running::start(data.path());
    assert_eq!(server.status(&path).await, 404);
    assert_eq!(server.add("plan", RED).await.0, 201, "it can be added again");
    assert_eq!(server.status(&path).await, 200);
    server.stop().await;
}
