//! How soon what was taken back is gone.

use std::time::{Duration, Instant};

use bytes::Bytes;
use cowrite::auth::{Command, Mode, Role};
use cowrite::protocol::message;

use super::house::{Heard, House, Keys, typed};

const TRIALS: usize = 200;

/// Somebody who is inside by a grant or by a link, and how they are put out.
enum Way {
    Ungrant,
    Revoke,
    SignOut,
    Disable,
}

const WAYS: [Way; 4] = [Way::Ungrant, Way::Revoke, Way::SignOut, Way::Disable];

#[actix_web::test]
async fn who_is_put_out_is_out_within_a_second_and_hears_nothing_more() {
    let house = House::open(Mode::Accounts);
    let ann = house.account("ann", true).await;
    let number = house.document("plan", ann).await;
    let owner = house.login(ann).await;
    let mut writer = house.connect(&owner, "plan").await;
    assert_eq!(writer.hello().await, "owner");
    let (mut took, mut closed): (Vec<Duration>, Vec<_>) = Default::default();
    for trial in 0..TRIALS {
        let way = &WAYS[trial % WAYS.len()];
        let ben = house.account(&format!("ben{trial}"), false).await;
        let (keys, link, login) = match way {
            Way::Revoke => {
                let (link, keys) = house.link(number, Role::Viewer, None).await;
                (keys, Some(link), None)
            }
            _ => {
                house
                    .say(Command::Grant { document: number, account: ben, role: Role::Viewer, by: None })
                    .await;
                let token = house.access.log_in(ben).await.expect("an account");
                let keys = Keys { bearer: Some(token.reveal().reveal().clone()), link: None };
                (keys, None, Some(token.id()))
            }
        };
        let mut reader = house.connect(&keys, "plan").await;
        assert_eq!(reader.hello().await, "viewer");
        // It hears what is written while it may.
        let before = Bytes::from(typed(&format!("before {trial}")));
        writer.send(message::update(&before)).await;
        reader.until(|message| message == message::update(&before)).await;

        let since = Instant::now();
        house
            .say(match way {
                Way::Ungrant => Command::Ungrant { document: number, account: ben },
                Way::Revoke => Command::Revoke { document: number, link: link.expect("a link") },
                Way::SignOut => Command::SignOut(login.expect("a login")),
                Way::Disable => {
                    Command::Change { account: ben, change: cowrite::auth::directory::Change::Disabled(true) }
                }
            })
            .await;
        let (_, code, reason) = reader.goodbye().await;
        took.push(since.elapsed());
        let expected = match way {
            Way::Ungrant | Way::Revoke => 4403,
            Way::SignOut | Way::Disable => 4401,
        };
        assert_eq!(code, expected, "{reason}");
        // What is written from here on is not for them, whatever they do.
        let after = Bytes::from(typed(&format!("after {trial}")));
        writer.send(message::update(&after)).await;
        writer.until(|message| message.first() == Some(&101)).await;
        reader.send(message::sync_step_1(&[0])).await;
        closed.push(reader);
        // Whoever is refused again and again is told later each time, so only the first ones try.
        if trial < WAYS.len() {
            let (said, code, _) = house.connect(&keys, "plan").await.goodbye().await;
            assert_eq!((said.len(), code), (0, expected));
        }
    }
    for mut reader in closed {
        assert!(matches!(reader.next().await, Heard::End), "a socket that was closed says nothing more");
    }
    took.sort();
    let p99 = took[TRIALS * 99 / 100 - 1];
    println!(
        "{TRIALS} people put out: median {:?}, p99 {p99:?}, longest {:?}",
        took[TRIALS / 2],
        took[TRIALS - 1]
    );
    assert!(p99 <= Duration::from_secs(1), "{p99:?}");
}
