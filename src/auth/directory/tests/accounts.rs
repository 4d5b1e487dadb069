use super::*;

#[test]
fn the_first_account_administers_and_is_founded_once() {
    let mut kept = Kept::default();
    kept.say(Command::Found(new_account(ANN, "ann")));
    assert!(kept.directory.account(ANN).expect("Ann").administrator);
    assert_eq!(kept.try_to(Command::Found(new_account(BEN, "ben"))), Err(Refusal::Founded));
    let mut enrolled = Kept::default();
    enrolled.say(Command::Enrol { account: new_account(BEN, "ben"), by: None });
    assert!(enrolled.directory.account(BEN).expect("Ben").administrator, "the first on the command line too");
}

#[test]
fn an_invitation_makes_one_account_and_no_administrator() {
    let mut kept = Kept::new();
    kept.say(invite(9));
    let accept = |byte, id: u64, name| Command::Accept {
        invitation: token(byte),
        account: NewAccount { administrator: true, ..new_account(AccountId(id), name) },
    };
    assert_eq!(kept.try_to(accept(8, 10, "dan")), Err(Refusal::NoInvitation));
    assert_eq!(kept.try_to(accept(9, 10, "ann")), Err(Refusal::NameTaken(account_name("ann"))));
    kept.say(accept(9, 10, "dan"));
    let dan = kept.directory.account(AccountId(10)).expect("Dan");
    assert_eq!((dan.invited_by, dan.administrator), (Some(ANN), false));
    assert_eq!(kept.try_to(accept(9, 11, "eve")), Err(Refusal::NoInvitation), "it is used up");

    kept.say(invite(5));
    kept.after(limits::INVITATION_FOR);
    assert_eq!(kept.try_to(accept(5, 11, "eve")), Err(Refusal::InvitationExpired));
}

#[test]
fn knowing_an_invitations_id_is_not_having_it() {
    let mut kept = Kept::new();
    kept.say(invite(9));
    let mut bytes = [9; TOKEN_BYTES];
    bytes[TOKEN_BYTES - 1] = 0;
    let forged =
        Command::Accept { invitation: Token::from_random(bytes), account: new_account(AccountId(10), "dan") };
    assert_eq!(kept.try_to(forged), Err(Refusal::NoInvitation));
}

#[test]
fn who_may_not_let_others_in_any_more_does_not_do_it_by_an_old_invitation() {
    for end in [
        change(BEN, Change::Administrator(false)),
        change(BEN, Change::Disabled(true)),
        Command::Remove { account: BEN, heir: None },
    ] {
        let mut kept = Kept::new();
        kept.say(change(BEN, Change::Administrator(true)));
        kept.say(invite_by(BEN, 8));
        kept.say(invite_by(ANN, 9));
        kept.say(change(BEN, Change::DisplayName(DisplayName::parse("Benedict").expect("a name"))));
        assert_eq!(kept.directory.invitations(kept.now_ms).count(), 2);
        kept.say(end);
        let left: Vec<_> = kept.directory.invitations(kept.now_ms).map(|left| left.created_by).collect();
        assert_eq!(left, [Some(ANN)]);
        let again = Command::Accept { invitation: token(8), account: new_account(AccountId(10), "dan") };
        assert_eq!(kept.try_to(again), Err(Refusal::NoInvitation));
    }
}

#[test]
fn invitations_have_an_end_and_what_is_over_makes_room() {
    let mut kept = Kept::new();
    let invite = |n: usize| {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
        let token = Token::<InvitationId>::from_random(bytes);
        Command::Invite(NewInvitation { id: token.id(), hash: token.hash(), by: None })
    };
    for n in 0..limits::INVITATIONS {
        let records = kept.directory.judge(invite(n), kept.now_ms).expect("an invitation");
        records.into_iter().for_each(|record| kept.directory.apply(record));
    }
    let refused = kept.try_to(invite(limits::INVITATIONS));
    assert_eq!(refused, Err(Refusal::TooMany { what: "open invitations", most: limits::INVITATIONS }));
    kept.after(limits::INVITATION_FOR);
    kept.say(invite(limits::INVITATIONS));
    assert_eq!(kept.directory.invitations.len(), 1);
}

#[test]
fn the_last_administrator_stays_one() {
    let mut kept = Kept::new();
    for command in [
        change(ANN, Change::Administrator(false)),
        change(ANN, Change::Disabled(true)),
        Command::Remove { account: ANN, heir: Some(BEN) },
    ] {
        assert_eq!(kept.try_to(command), Err(Refusal::LastAdministrator));
    }
    kept.say(change(BEN, Change::Administrator(true)));
    kept.say(change(BEN, Change::Disabled(true)));
    let demote = change(ANN, Change::Administrator(false));
    assert_eq!(kept.try_to(demote.clone()), Err(Refusal::LastAdministrator), "a disabled one does not count");
    kept.say(change(BEN, Change::Disabled(false)));
    kept.say(demote);
    assert_eq!(kept.try_to(change(BEN, Change::Disabled(true))), Err(Refusal::LastAdministrator));
    kept.say(change(CAT, Change::Disabled(true)));
}

#[test]
fn an_account_that_is_gone_leaves_nothing() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    let before = kept.directory.clone();
    kept.say(Command::Enrol { account: new_account(AccountId(10), "dan"), by: Some(ANN) });
    kept.say(grant(AccountId(10), Role::Editor));
    kept.say(sign_in(AccountId(10), 1));
    kept.say(Command::Remove { account: AccountId(10), heir: None });
    assert_eq!(kept.directory, before);
}

#[test]
fn names_are_one_accounts_and_can_change() {
    let mut kept = Kept::new();
    let taken = Err(Refusal::NameTaken(account_name("ann")));
    assert_eq!(kept.try_to(change(BEN, Change::Name(account_name("Ann")))), taken);
    kept.say(change(ANN, Change::Name(account_name("anna"))));
    kept.say(change(BEN, Change::Name(account_name("ann"))));
    assert_eq!(kept.directory.account_named(&account_name("ann")).map(|account| account.id), Some(BEN));
    assert_eq!(kept.directory.account_named(&account_name("ben")), None);
}

#[test]
fn only_so_many_accounts_are_made() {
    let mut kept = Kept::new();
    let have = kept.directory.accounts().count();
    for id in have..limits::ACCOUNTS - 1 {
        let account = known_account(AccountId(100 + id as u64), &format!("n{id}"));
        kept.directory.apply(Record::Account(account));
    }
    let enrol = |id, name| Command::Enrol { account: new_account(AccountId(id), name), by: None };
    kept.say(enrol(10, "dan"));
    assert_eq!(kept.directory.accounts().count(), limits::ACCOUNTS);
    let refused = Err(Refusal::TooMany { what: "accounts", most: limits::ACCOUNTS });
    assert_eq!(kept.try_to(enrol(11, "eve")), refused);
    kept.say(Command::Remove { account: AccountId(10), heir: None });
    kept.say(enrol(11, "eve"));
}
