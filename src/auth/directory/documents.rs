//! Owners, grants and links of documents.

use super::accounts::millis;
use super::{Directory, NewLink, Refusal};
use crate::auth::Role;
use crate::auth::record::{Grant, Key, Link, Owner, Record};
use crate::ids::{AccountId, DocNumber, LinkId};
use crate::limits;

impl Directory {
    pub(super) fn own(&self, document: DocNumber, owner: AccountId) -> Result<Vec<Record>, Refusal> {
        self.able(owner)?;
        let mut records = self.ungrant(document, owner);
        records.push(Record::Owner(Owner { document, account: owner }));
        Ok(records)
    }

    pub(super) fn grant(
        &self,
        document: DocNumber,
        account: AccountId,
        role: Role,
        by: Option<AccountId>,
        now_ms: u64,
    ) -> Result<Vec<Record>, Refusal> {
        self.known(account)?;
        if role == Role::Owner {
            return Err(Refusal::OwnerByGrant);
        }
        if self.owner(document).ok_or(Refusal::NoOwner)? == account {
            return Err(Refusal::IsOwner);
        }
        let is_new = !self.grants.contains_key(&(document, account));
        if is_new && self.grants(document).count() >= limits::GRANTS_PER_DOCUMENT {
            let most = limits::GRANTS_PER_DOCUMENT;
            return Err(Refusal::TooMany { what: "people with access to the document", most });
        }
        Ok(vec![Record::Grant(Grant { document, account, role, created_by: by, created_ms: now_ms })])
    }

    /// Taking back what was never given changes nothing.
    pub(super) fn ungrant(&self, document: DocNumber, account: AccountId) -> Vec<Record> {
        let grant = self.grants.get(&(document, account));
        grant.map(|_| Record::Gone(Key::Grant(document, account))).into_iter().collect()
    }

    pub(super) fn share(
        &self,
        document: DocNumber,
        link: NewLink,
        now_ms: u64,
    ) -> Result<Vec<Record>, Refusal> {
        if link.role == Role::Owner {
            return Err(Refusal::OwnerByLink);
        }
        if link.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms) {
            return Err(Refusal::ExpiredBefore);
        }
        self.owner(document).ok_or(Refusal::NoOwner)?;
        if self.links.contains_key(&(document, link.id)) {
            return Err(Refusal::IdTaken);
        }
        let mut records = self.room_for_a_link(document, now_ms)?;
        records.push(Record::Link(Link {
            document,
            id: link.id,
            hash: link.hash,
            role: link.role,
            password: link.password,
            expires_ms: link.expires_ms,
            created_by: link.by,
            created_ms: now_ms,
            revoked_ms: None,
        }));
        Ok(records)
    }

    /// Links that are over give way, the longest over first; those that are open do not.
    fn room_for_a_link(&self, document: DocNumber, now_ms: u64) -> Result<Vec<Record>, Refusal> {
        let count = self.links(document).count();
        let mut over: Vec<(u64, LinkId)> =
            self.links(document).filter_map(|link| Some((link.closed_ms(now_ms)?, link.id))).collect();
        over.sort_unstable();
        let too_many = (count + 1).saturating_sub(limits::LINKS_PER_DOCUMENT);
        if over.len() < too_many {
            return Err(Refusal::TooMany { what: "links to the document", most: limits::LINKS_PER_DOCUMENT });
        }
        Ok(over[..too_many].iter().map(|&(_, id)| Record::Gone(Key::Link(document, id))).collect())
    }

    pub(super) fn revoke(
        &self,
        document: DocNumber,
        id: LinkId,
        now_ms: u64,
    ) -> Result<Vec<Record>, Refusal> {
        let link = self.link(document, id).ok_or(Refusal::NoLink)?;
        if link.revoked_ms.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![Record::Link(Link { revoked_ms: Some(now_ms), ..link.clone() })])
    }

    /// That there is nothing more about a document.
    pub(super) fn about(&self, document: DocNumber) -> Vec<Record> {
        let owner = self.owner(document).map(|_| Key::Owner(document));
        let grants = self.grants(document).map(|grant| Key::Grant(document, grant.account));
        let links = self.links(document).map(|link| Key::Link(document, link.id));
        owner.into_iter().chain(grants).chain(links).map(Record::Gone).collect()
    }
}

impl Link {
    /// Whether it has been over for so long that nobody asks what became of it.
    pub(super) fn is_forgotten(&self, now_ms: u64) -> bool {
        let kept = millis(limits::LINK_KEPT_FOR);
        self.closed_ms(now_ms).is_some_and(|closed_ms| closed_ms.saturating_add(kept) <= now_ms)
    }
}
