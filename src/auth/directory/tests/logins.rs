use super::*;

#[test]
fn a_login_is_its_tokens_while_it_lasts() {
    let mut kept = Kept::new();
    kept.say(sign_in(BEN, 1));
    let who = |kept: &Kept, byte| kept.directory.identify(&token(byte), kept.now_ms);
    let Ok(Identity::Account { id, name, .. }) = who(&kept, 1) else { panic!("Ben is signed in") };
    assert_eq!((id, name.as_str()), (BEN, "ben"));
    assert_eq!(who(&kept, 2), Err(Denied::Unauthenticated));
    let mut bytes = [1; TOKEN_BYTES];
    bytes[TOKEN_BYTES - 1] = 0;
    let forged = kept.directory.identify(&Token::from_random(bytes), kept.now_ms);
    assert_eq!(forged, Err(Denied::Unauthenticated), "its id alone opens nothing");

    let listed = |kept: &Kept| [BEN, CAT].map(|who| kept.directory.logins(who, kept.now_ms).count());
    assert_eq!(listed(&kept), [1, 0]);
    kept.after(limits::LOGIN_UNUSED_FOR);
    assert_eq!(listed(&kept), [0, 0]);
    assert_eq!(who(&kept, 1), Err(Denied::Expired));
    assert_eq!(kept.try_to(Command::Seen(token::<LoginId>(1).id())), Err(Refusal::NoLogin));
}

/// Disabling an account ends its logins too; but if one were left, it would not count.
#[test]
fn a_login_of_a_disabled_account_is_none() {
    let mut kept = Kept::new();
    kept.say(sign_in(BEN, 1));
    assert!(kept.directory.identify(&token(1), kept.now_ms).is_ok());
    let ben = kept.directory.account(BEN).expect("Ben").clone();
    kept.directory.apply(Record::Account(Account { disabled: true, ..ben }));
    assert_eq!(kept.directory.identify(&token(1), kept.now_ms), Err(Denied::Unauthenticated));
}

#[test]
fn an_id_that_is_taken_is_not_given_again() {
    let mut kept = Kept::new();
    let taken = Err(Refusal::IdTaken);
    kept.say(sign_in(BEN, 1));
    assert_eq!(kept.try_to(sign_in(CAT, 1)), taken, "or Ben would be signed in as Cat");
    kept.say(invite(2));
    assert_eq!(kept.try_to(invite(2)), taken);
    kept.say(Command::Own { document: PLAN, owner: ANN });
    kept.say(share(3, Role::Viewer, None));
    assert_eq!(kept.try_to(share(3, Role::Editor, None)), taken);
    let enrol = Command::Enrol { account: new_account(BEN, "dan"), by: None };
    assert_eq!(kept.try_to(enrol), taken);
}

#[test]
fn a_used_login_lasts_on_but_not_for_ever() {
    let mut kept = Kept::new();
    kept.say(sign_in(BEN, 1));
    let began_ms = kept.now_ms;
    let lasted = |kept: &Kept| std::time::Duration::from_millis(kept.now_ms - began_ms);
    let seen = || Command::Seen(token::<LoginId>(1).id());
    assert_eq!(kept.try_to(seen()), Ok(0), "nothing to write down yet");
    while kept.after(limits::LOGIN_SEEN_EVERY * 24).try_to(seen()).is_ok() {
        assert!(kept.directory.identify(&token(1), kept.now_ms).is_ok());
        assert!(lasted(&kept) < limits::LOGIN_FOR, "it lasts for ever");
    }
    assert_eq!(lasted(&kept), limits::LOGIN_FOR);
}

#[test]
fn signing_in_is_never_refused_for_being_signed_in_elsewhere() {
    let mut kept = Kept::new();
    let many = u8::try_from(limits::LOGINS_PER_ACCOUNT).expect("few") + 3;
    for byte in 0..many {
        kept.say(sign_in(BEN, byte));
        kept.now_ms += 1;
    }
    let signed_in: Vec<u8> =
        (0..many).filter(|&byte| kept.directory.identify(&token(byte), kept.now_ms).is_ok()).collect();
    assert_eq!(signed_in, (3..many).collect::<Vec<_>>(), "the first three gave way");
}

#[test]
fn a_new_password_or_a_disabled_account_ends_logins() {
    let mut kept = Kept::new();
    let hash = || {
        let salted =
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
        PasswordHash::try_from(salted.to_owned()).expect("a hash")
    };
    for byte in [1, 2] {
        kept.say(sign_in(BEN, byte));
    }
    kept.say(sign_in(CAT, 3));
    let id = token::<LoginId>(2).id();
    kept.say(change(BEN, Change::Password { hash: hash(), keep: Some(id) }));
    let open = |kept: &Kept| [1, 2, 3].map(|byte| kept.directory.identify(&token(byte), kept.now_ms).is_ok());
    assert_eq!(open(&kept), [false, true, true]);
    assert_eq!(kept.directory.password_of(&account_name("ben")), Some((BEN, hash())));
    kept.say(change(BEN, Change::Disabled(true)));
    assert_eq!(open(&kept), [false, false, true]);
    assert_eq!(kept.directory.password_of(&account_name("ben")), None);
    kept.say(change(BEN, Change::Disabled(false)));
    assert_eq!(open(&kept), [false, false, true], "they do not come back");
    kept.say(change(BEN, Change::Disabled(true)));
    assert_eq!(kept.try_to(sign_in(BEN, 4)), Err(Refusal::Disabled(BEN)));
    kept.say(Command::SignOut(token::<LoginId>(3).id()));
    assert_eq!(open(&kept), [false; 3]);
}
