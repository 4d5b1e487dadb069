use super::*;

#[test]
fn a_document_is_never_left_behind() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: BEN });
    kept.say(grant(CAT, Role::Editor));
    assert_eq!(kept.try_to(Command::Remove { account: BEN, heir: None }), Err(Refusal::OwnsDocuments(1)));
    let to_itself = Command::Remove { account: BEN, heir: Some(BEN) };
    assert_eq!(kept.try_to(to_itself), Err(Refusal::OwnsDocuments(1)));
    let to_nobody = Command::Remove { account: BEN, heir: Some(AccountId(99)) };
    assert_eq!(kept.try_to(to_nobody), Err(Refusal::NoAccount(AccountId(99))));
    kept.say(change(CAT, Change::Disabled(true)));
    let to_disabled = Command::Remove { account: BEN, heir: Some(CAT) };
    assert_eq!(kept.try_to(to_disabled.clone()), Err(Refusal::Disabled(CAT)));
    kept.say(change(CAT, Change::Disabled(false)));
    kept.say(to_disabled);
    assert_eq!(kept.directory.role_of(CAT, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.grants(PLAN).count(), 0, "an owner needs no grant");
    assert_eq!(kept.directory.role_of(BEN, PLAN), None);
}

#[test]
fn only_what_is_somebodys_is_shared_and_ownership_is_not() {
    let mut kept = Kept::new();
    assert_eq!(kept.try_to(grant(BEN, Role::Viewer)), Err(Refusal::NoOwner));
    assert_eq!(kept.try_to(share(1, Role::Viewer, None)), Err(Refusal::NoOwner));
    kept.say(Command::Own { document: PLAN, owner: ANN });
    assert_eq!(kept.try_to(grant(BEN, Role::Owner)), Err(Refusal::OwnerByGrant));
    assert_eq!(kept.try_to(grant(ANN, Role::Viewer)), Err(Refusal::IsOwner));
    assert_eq!(kept.try_to(grant(AccountId(99), Role::Viewer)), Err(Refusal::NoAccount(AccountId(99))));
    assert_eq!(kept.try_to(share(1, Role::Owner, None)), Err(Refusal::OwnerByLink));
    assert_eq!(kept.try_to(share(1, Role::Editor, Some(kept.now_ms))), Err(Refusal::ExpiredBefore));
    kept.say(grant(BEN, Role::Viewer));
    kept.say(grant(BEN, Role::Editor));
    assert_eq!(kept.directory.role_of(BEN, PLAN), Some(Role::Editor));
    kept.say(Command::Own { document: PLAN, owner: BEN });
    assert_eq!(kept.directory.role_of(BEN, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.role_of(ANN, PLAN), None, "who hands it on keeps nothing");
    kept.say(Command::Own { document: PLAN, owner: ANN });
    assert_eq!(kept.directory.role_of(BEN, PLAN), None, "nor what was granted before");
    assert_eq!(kept.try_to(Command::Ungrant { document: PLAN, account: CAT }), Ok(0));
}

#[test]
fn only_who_can_take_a_document_on_is_made_its_owner() {
    let mut kept = Kept::new();
    let nobody = Command::Own { document: PLAN, owner: AccountId(99) };
    assert_eq!(kept.try_to(nobody), Err(Refusal::NoAccount(AccountId(99))));
    kept.say(change(BEN, Change::Disabled(true)));
    let disabled = Command::Own { document: PLAN, owner: BEN };
    assert_eq!(kept.try_to(disabled), Err(Refusal::Disabled(BEN)));
}

#[test]
fn what_nobody_owns_is_the_administrators() {
    let kept = Kept::new();
    assert_eq!(kept.directory.role_of(ANN, PLAN), Some(Role::Owner));
    assert_eq!(kept.directory.role_of(BEN, PLAN), None);
    assert_eq!(kept.directory.ownerless([PLAN]), [PLAN]);
}

#[test]
fn a_link_stays_listed_for_a_while_after_its_end() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    kept.say(share(1, Role::Viewer, None));
    kept.say(share(2, Role::Editor, Some(kept.now_ms + 10)));
    assert_eq!(kept.try_to(revoke(3)), Err(Refusal::NoLink));
    assert_eq!(kept.try_to(revoke(1)), Ok(1));
    assert_eq!(kept.try_to(revoke(1)), Ok(0), "once is enough");
    kept.now_ms += 10;
    assert!(kept.directory.links(PLAN).all(|link| !link.is_open(kept.now_ms)));
    assert_eq!(kept.try_to(Command::Prune), Ok(0));
    kept.after(limits::LINK_KEPT_FOR);
    assert_eq!(kept.try_to(Command::Prune), Ok(2));
    assert_eq!(kept.directory.links(PLAN).count(), 0);
}

#[test]
fn links_have_an_end_and_what_is_over_makes_room() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    let links = u8::try_from(limits::LINKS_PER_DOCUMENT).expect("few");
    for byte in 0..links {
        kept.say(share(byte, Role::Viewer, None));
    }
    let most = limits::LINKS_PER_DOCUMENT;
    let refused = kept.try_to(share(links, Role::Viewer, None));
    assert_eq!(refused, Err(Refusal::TooMany { what: "links to the document", most }));
    // Of two that are over, the one that has been over for longer goes.
    kept.say(revoke(5));
    kept.now_ms += 1;
    kept.say(revoke(4));
    kept.say(share(links, Role::Viewer, None));
    assert_eq!(kept.directory.links(PLAN).count(), most, "what was over made room");
    assert!(kept.directory.link(PLAN, token::<LinkId>(5).id()).is_none());
    assert!(kept.directory.link(PLAN, token::<LinkId>(4).id()).is_some());
}

#[test]
fn only_so_many_people_are_given_access() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    let most = limits::GRANTS_PER_DOCUMENT;
    for id in 100..100 + most as u64 {
        let account = known_account(AccountId(id), &format!("n{id}"));
        kept.directory.apply(Record::Account(account));
        let records = kept.directory.judge(grant(AccountId(id), Role::Viewer), kept.now_ms);
        records.expect("a grant").into_iter().for_each(|record| kept.directory.apply(record));
    }
    let refused = Err(Refusal::TooMany { what: "people with access to the document", most });
    assert_eq!(kept.try_to(grant(BEN, Role::Viewer)), refused);
    kept.say(grant(AccountId(100), Role::Editor));
    kept.say(Command::Ungrant { document: PLAN, account: AccountId(100) });
    kept.say(grant(BEN, Role::Viewer));
}

#[test]
fn a_document_that_is_gone_leaves_nothing() {
    let mut kept = Kept::new();
    kept.say(Command::Own { document: PLAN, owner: ANN });
    kept.say(grant(BEN, Role::Editor));
    kept.say(share(1, Role::Viewer, None));
    let before = Kept::new().directory;
    kept.say(Command::Forget(PLAN));
    assert_eq!(kept.directory, before);
}
