//! The command line, as people and programs use it: in a folder, and at a server that runs.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use cowrite::Server;
use cowrite::auth::Mode;
use cowrite::config::Config;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

const PASSWORD: &str = "correct horse battery";

fn cowrite(line: &str, stdin: &str, token: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cowrite"));
    command.args(line.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("COWRITE_TOKEN").envs(token.map(|token| ("COWRITE_TOKEN", token)));
    let mut child = command.spawn().expect("it runs");
    // It may end without having read anything.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// What it prints, when it has to go well.
fn good(line: &str, stdin: &str, token: Option<&str>) -> String {
    let output = cowrite(line, stdin, token);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {stderr}");
    assert!(!stderr.contains(PASSWORD) && !stderr.contains("cws_"), "{stderr}");
    String::from_utf8(output.stdout).expect("text").trim_end().to_owned()
}

/// What it complains, when it has to go wrong.
fn bad(line: &str, stdin: &str, token: Option<&str>) -> String {
    let output = cowrite(line, stdin, token);
    assert!(!output.status.success(), "{line}");
    assert!(output.stdout.is_empty(), "{line}");
    String::from_utf8(output.stderr).expect("text")
}

fn at_rest(data: &Path, file: &Path) {
    let (data, file) = (data.display(), file.display());
    good(&format!("user add ann --administrator --data {data}"), PASSWORD, None);
    good(&format!("user add ben --data {data}"), PASSWORD, None);
    let taken = bad(&format!("user add ben --data {data}"), PASSWORD, None);
    assert!(taken.contains("has the name ben already"), "{taken}");
    let short = bad(&format!("user add eve --data {data}"), "swordfish\n", None);
    assert!(short.contains("12") && !short.contains("swordfish"), "{short}");
    let people = good(&format!("user list --json --data {data}"), "", None);
    let people: serde_json::Value = serde_json::from_str(&people).expect("JSON");
    assert_eq!((&people[0]["name"], &people[0]["administrator"]), (&"ann".into(), &true.into()));
    assert_eq!((people.as_array().map(Vec::len), &people[1]["name"]), (Some(2), &"ben".into()));
    let id = good(&format!("import {file} --data {data}"), "", None);
    assert_eq!(good(&format!("export {id} --data {data}"), "", None), "a plan");
    assert!(good(&format!("token create ann --data {data}"), "", None).starts_with("cws_"));
}

fn at_a_server(server: &str, data: &Path, file: &Path) {
    let (data, file) = (data.display(), file.display());
    let locked = bad(&format!("user list --data {data}"), "", None);
    assert!(locked.contains("--server"), "{locked}");
    let ann = good(&format!("token create ann --server {server}"), PASSWORD, None);
    let ben = good(&format!("token create ben --server {server}"), PASSWORD, None);
    let wrong = bad(&format!("token create ben --server {server}"), "incorrect horse batter", None);
    assert!(!wrong.contains("incorrect horse"), "{wrong}");

    let made = good(&format!("import {file} --id shared --server {server}"), "", Some(&ann));
    assert_eq!(made, format!("{server}/d/shared"));
    assert_eq!(good(&format!("export shared --server {server}"), "", Some(&ann)), "a plan");
    let list = |token: &str| good(&format!("documents --json --server {server}"), "", Some(token));
    assert!(list(&ann).contains("\"shared\""));
    assert!(!list(&ben).contains("\"shared\""), "it is not his");
    bad(&format!("export shared --server {server}"), "", Some(&ben));
    bad(&format!("user list --server {server}"), "", Some(&ben));
    let unknown = bad(&format!("user list --server {server}"), "", None);
    assert!(unknown.contains("--token-file"), "{unknown}");

    let invitation = good(&format!("user invite --server {server}"), "", Some(&ann));
    assert!(invitation.starts_with(&format!("{server}/join#cwi_")), "with the base path");
    let logins = good(&format!("token list --json --server {server}"), "", Some(&ben));
    let logins: serde_json::Value = serde_json::from_str(&logins).expect("JSON");
    let login = logins[0]["id"].as_str().expect("an id");
    good(&format!("token revoke {login} --server {server}"), "", Some(&ben));
    bad(&format!("token list --server {server}"), "", Some(&ben));
    good(&format!("user remove ben --server {server}"), "", Some(&ann));
    assert!(!good(&format!("user list --server {server}"), "", Some(&ann)).contains("ben"));
}

#[actix_web::test]
async fn the_command_line_works_in_a_folder_and_at_a_server() {
    let folder = TempDir::new().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("plan.md"));
    std::fs::write(&file, "a plan").expect("written");
    let (rest, one) = (data.clone(), file.clone());
    spawn_blocking(move || at_rest(&rest, &one)).await.expect("it works in a folder");

    let config = Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: data.clone(),
        access: Some(Mode::Accounts),
        base_path: "/team".to_owned(),
        workers: Some(2),
        ..Config::default()
    };
    let server = Server::start(&config).expect("it starts");
    let url = server.url().trim_end_matches('/').to_owned();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = actix_web::rt::spawn(server.run(async {
        let _ = stopped.await;
    }));
    spawn_blocking(move || at_a_server(&url, &data, &file)).await.expect("it works at a server");
    stop.send(()).expect("it runs");
    running.await.expect("it ends").expect("well");
}
