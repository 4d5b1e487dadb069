//! Every bound of the service in one place: its name, its default and its reason. What happens at each, and which test
//! proves it, is on the page `docs/limits.md`.
//!
//! A bound that is hit is always told to somebody: a close code, a problem document or a log line.

use std::time::Duration;

/// Largest WebSocket message a client may send, in bytes, summed over its continuation frames. A paste of a whole book or
/// a day of offline work arrives as one message.
pub const MESSAGE_BYTES: usize = 8 * 1024 * 1024;

/// How long a request may take until its head is whole: nothing is known of its sender before that.
pub const REQUEST_HEAD_FOR: Duration = Duration::from_secs(10);

/// How long a TLS handshake may take, waiting for its turn included.
pub const HANDSHAKE_FOR: Duration = Duration::from_secs(10);

/// TLS handshakes at once. The next wait for their turn: after a restart everybody comes back in the same second.
pub const HANDSHAKES: usize = 1_024;

/// How often the files of the certificate and its key are looked at.
pub const CERTIFICATE_EVERY: Duration = Duration::from_secs(5);

/// Largest file of a certificate or a key, in bytes: chains have a few thousand.
pub const CERTIFICATE_BYTES: u64 = 256 * 1024;

/// Connections that the kernel keeps until they are accepted: thousands come back at once after a restart.
pub const BACKLOG: i32 = 2_048;

/// Largest body of an HTTP request that uploads a document, in bytes.
pub const UPLOAD_BYTES: usize = 8 * 1024 * 1024;

/// Largest image that is added to a document, in bytes: what a telephone's camera makes.
pub const IMAGE_BYTES: usize = 8 * 1024 * 1024;

/// Images of one document, in bytes: all of them come along when it is duplicated, and in a backup …
pub const IMAGES_BYTES: u64 = 256 * 1024 * 1024;

/// … and in number: whoever adds one waits until the others were counted.
pub const IMAGES: usize = 1_000;

/// Space on the disk that images leave to texts, in bytes. Snapshots stop at half of it.
pub const IMAGES_LEAVE_BYTES: u64 = 128 * 1024 * 1024;

/// Images that may be on their way at once. Each is in memory until it is on disk.
pub const IMAGE_UPLOADS: usize = 64;

/// Largest document, in bytes of its encoded state: about what a browser still opens without making anybody wait for long.
pub const DOCUMENT_BYTES: usize = 64 * 1024 * 1024;

/// How often a large document that is almost full is encoded to see what deletions gave back.
pub const MEASURE_EVERY: Duration = Duration::from_secs(1);

/// Messages that may wait in a document's mailbox before its connections stop reading.
pub const MAILBOX: usize = 1024;

/// Updates applied in one transaction: a transaction's cost grows with the square of their number.
pub const BATCH_UPDATES: usize = 256;

/// Bytes of updates that are merged into one. Larger ones gain nothing by it.
pub const MERGED_BYTES: usize = 64 * 1024;

/// Bytes of updates that one connection may have on the way to the disk. Past it, its socket is not read.
pub const UNSAVED_BYTES: usize = 2 * MESSAGE_BYTES;

/// Bytes that wait for a reader who did not ask for them, past which it counts as lagging: it gets nothing more until it has taken
/// them, and then one difference in place of all it missed. Frames are shared, so a thousand laggards cost little more than one.
pub const LAGGING_BYTES: usize = 256 * 1024;

/// Bytes of updates that one document keeps in memory for a disk that is full. Past it, whoever sends more is closed with 1013: a
/// connection that comes back has fresh permits, so they alone would not bound it.
pub const UNSAVED_DOCUMENT_BYTES: usize = 2 * UNSAVED_BYTES;

/// Bytes that wait for a client, asked for or not, past which it is not read: who asks again and again and takes no answer fills no
/// memory. One answer more is always given, for a document may be larger.
pub const UNTAKEN_BYTES: usize = 2 * MESSAGE_BYTES;

/// How long a reader may lag, or one frame wait for it, before its connection is closed with 4408.
pub const STALLED_FOR: Duration = Duration::from_secs(10);

/// Bytes that the kernel takes for a reader before the network has room for them. By itself it takes megabytes: memory that
/// nobody counts, and a reader that stalls would count as lagging only once it is full.
pub const UNSENT_BYTES: u32 = 256 * 1024;

/// How long a connection that was closed is kept for a peer that has not taken the goodbye: it stands behind all that was sent, and
/// who reads again meanwhile is told why it was sent away. Nothing more is queued for it by then.
pub const FAREWELL_FOR: Duration = Duration::from_secs(30);

/// Connections that are kept so at once. For more than these there are two seconds each.
pub const FAREWELLS: usize = 1_000;

/// How long the kernel keeps a connection whose peer takes nothing: [`STALLED_FOR`], [`FAREWELL_FOR`], and time for what was under way
/// before either began.
pub const UNREACHABLE_FOR: Duration = Duration::from_secs(50);

/// Updates that came early (their dependencies are missing) and are held for one connection.
pub const EARLY_UPDATES: usize = 64;

/// Bytes of such updates.
pub const EARLY_BYTES: usize = MESSAGE_BYTES;

/// Keys and values of facts that become durable together, in bytes: more than ten thousand documents that change their owner at once.
pub const NOTE_BYTES: usize = 8 * 1024 * 1024;

/// How long early updates are held before the connection is asked to resync (4408).
pub const EARLY_FOR: Duration = Duration::from_secs(5);

/// Clients whose changes one update may bring. An old document has thousands.
pub const UPDATE_CLIENTS: usize = 65_536;

/// Structs and deleted ranges that one update may bring, runs of typing counted once. Each takes yrs about 200 bytes of memory,
/// for as few as four in the update; the editing of a book leaves some ten thousand.
pub const UPDATE_BLOCKS: usize = 262_144;

/// Items of one update between neighbours that nothing shows to have touched, times the blocks they might have to be
/// compared with. Each step takes yrs up to 0.1 us. Honest items are next to their neighbours; a thousand people who began to
/// type at one place, unseen by one another, come to a million.
pub const CONFLICT_STEPS: usize = 50_000_000;

/// Structs and deleted ranges from which on applying an update happens off the threads that serve sockets.
pub const HEAVY_BLOCKS: usize = 2_048;

/// Steps of about 20 ns at worst that applying updates may take on a thread that serves sockets.
pub const HEAVY_STEPS: usize = 250_000;

/// A stored document of more bytes than this is brought to life off the threads that serve sockets.
pub const HEAVY_TO_WARM_BYTES: usize = 16 * 1024;

/// Deepest nesting of shared types: deleting one recurses into what it holds, here and in every browser.
pub const TYPE_DEPTH: u16 = 256;

/// Deepest nesting of values and of JSON in an update. Real documents stay below ten, and parsers recurse.
pub const VALUE_DEPTH: usize = 48;

/// How often the connections of a document hear of changes of presence, when there are many: as often as an eye follows.
pub const PRESENCE_EVERY: Duration = Duration::from_millis(50);

/// Awareness clients one connection may speak for.
pub const AWARENESS_CLIENTS: usize = 8;

/// Largest awareness state of one client, in bytes of JSON.
pub const AWARENESS_BYTES: usize = 16 * 1024;

/// Connections to one document.
pub const CONNECTIONS_PER_DOCUMENT: usize = 1_000;

/// Connections from one address. Generous: a whole company may sit behind one, and everybody behind a proxy does.
pub const CONNECTIONS_PER_ADDRESS: usize = 20_000;

/// Longest that somebody who is refused again and again waits before the close that says so. A stock client takes 30 s without a word
/// for a dead connection.
pub const REFUSED_FOR: Duration = Duration::from_secs(8);

/// Quiet after which one refusal is forgotten.
pub const REFUSAL_FORGOTTEN_AFTER: Duration = Duration::from_secs(15);

/// Addresses and documents whose refusals are remembered. For more than these nobody waits.
pub const REFUSALS: usize = 4_096;

/// Connections that wait to be refused at once. The next are refused without a wait.
pub const REFUSALS_WAITING: usize = 1_000;

/// Updates a second that one connection may send for long. Far above what people type and programs replay; past it the socket is read
/// more slowly.
pub const UPDATES_PER_SECOND: u64 = 250_000;

/// Bytes of messages a second, likewise.
pub const BYTES_PER_SECOND: u64 = 64 * 1024 * 1024;

/// How often a live document may end by accident before it is opened for reading only.
pub const CRASHES_BEFORE_QUARANTINE: u32 = 2;

/// A WebSocket ping goes out after this much silence from the peer; one that leaves two unanswered is gone.
pub const PING_EVERY: Duration = Duration::from_secs(20);

/// A stock `y-websocket` client hangs up after hearing nothing for 30 s, so nobody hears nothing for longer than this.
pub const FILLER_AFTER: Duration = Duration::from_secs(15);

/// A document without connections stays in memory this long, for the page that reloads.
pub const IDLE_FOR: Duration = Duration::from_secs(30);

/// A live document is checkpointed once this many bytes of updates stand behind its last snapshot …
pub const CHECKPOINT_BYTES: usize = 256 * 1024;

/// … or this many updates.
pub const CHECKPOINT_UPDATES: usize = 4_096;

/// Encoding or applying more than this many bytes happens off the threads that serve sockets.
pub const HEAVY_BYTES: usize = 256 * 1024;

/// A document whose state has more bytes than this is opened without a glimpse of it in its page.
pub const GLIMPSE_STATE_BYTES: usize = 128 * 1024;

/// Lines of a document that its page has in it already …
pub const GLIMPSE_LINES: usize = 80;

/// … and characters.
pub const GLIMPSE_CHARS: usize = 4_000;

/// How long a document's page waits for the glimpse of it.
pub const GLIMPSE_WITHIN: Duration = Duration::from_millis(100);

/// How long a shutting-down server waits for its documents before it gives up and says so.
pub const DRAIN_FOR: Duration = Duration::from_secs(8);

/// Size at which the journal begins a new file, in bytes: small enough to release old ones by and by, large enough that
/// there are few.
pub const JOURNAL_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Journal that is kept as history although checkpoints cover it, in bytes.
pub const JOURNAL_RETENTION_BYTES: u64 = 1024 * 1024 * 1024;

/// Longest title of a document, in characters: a line, not a chapter.
pub const TITLE_CHARACTERS: usize = 200;

/// Tags of one document: what somebody files it under, not an index of its words.
pub const TAGS: usize = 16;

/// Longest tag, in characters.
pub const TAG_CHARACTERS: usize = 32;

/// How long a document stays in the trash before it is deleted: long enough for whoever comes back from a holiday.
pub const TRASH_FOR: Duration = Duration::from_hours(30 * 24);

/// Documents on one page of the list.
pub const LIST_DOCUMENTS: usize = 1_000;

/// Tags in the list of them, the most used first: more than anybody reads through.
pub const LIST_TAGS: usize = 1_000;

/// Accounts. Signing in looks at all of them.
pub const ACCOUNTS: usize = 10_000;

/// Invitations that wait to be accepted.
pub const INVITATIONS: usize = 1_000;

/// How long an invitation waits. It may lie in a mailbox over a weekend, not over a year.
pub const INVITATION_FOR: Duration = Duration::from_hours(7 * 24);

/// Browsers and programs in which one account is signed in. For the next, the one that was used longest ago is signed out.
pub const LOGINS_PER_ACCOUNT: usize = 32;

/// A login that is not used ends after this long …
pub const LOGIN_UNUSED_FOR: Duration = Duration::from_hours(14 * 24);

/// … and one that is used after this long: a stolen one does not last for ever.
pub const LOGIN_FOR: Duration = Duration::from_hours(90 * 24);

/// How often it is written down that a login is used: a record an hour, not one a request.
pub const LOGIN_SEEN_EVERY: Duration = Duration::from_hours(1);

/// Accounts that one document is shared with by name.
pub const GRANTS_PER_DOCUMENT: usize = 256;

/// Links to one document, those included that are over and still listed.
pub const LINKS_PER_DOCUMENT: usize = 64;

/// How long a link that is over stays on the list, for an owner who wonders what became of it.
pub const LINK_KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// Longest name of a person or an account, in characters.
pub const NAME_CHARACTERS: usize = 64;

/// Shortest password of an account, in characters. NIST SP 800-63B asked for 8 for long and asks for 15 where nothing stands beside the
/// password (revision 4, section 3.1.1.2); here attempts are slowed as well.
pub const PASSWORD_CHARACTERS: usize = 12;

/// Shortest password of a link, in characters: it stands beside 256 random bits.
pub const LINK_PASSWORD_CHARACTERS: usize = 4;

/// Longest password, in bytes. Far beyond what anybody remembers, so that no sentence is too long.
pub const PASSWORD_BYTES: usize = 1_024;

/// Memory that hashing a password takes, in KiB: OWASP's Password Storage Cheat Sheet asks for Argon2id with 19 MiB …
pub const ARGON2_MEMORY_KIB: u32 = 19_456;

/// … two passes over it …
pub const ARGON2_PASSES: u32 = 2;

/// … and one lane. More would bind more processors for the same work.
pub const ARGON2_LANES: u32 = 1;

/// How many times the memory and the passes a stored hash may ask for: room for stronger settings to come from elsewhere, not for
/// a record that binds the machine.
pub const ARGON2_TIMES_AT_MOST: u32 = 16;

/// Texts that were handed out and are remembered, so that what somebody makes of one can be merged …
pub const BASE_TEXTS: usize = 1_024;

/// … in bytes of all of them …
pub const BASE_TEXTS_BYTES: usize = 32 * 1024 * 1024;

/// … and for so long. Whoever takes longer gets the text again.
pub const BASE_TEXT_FOR: Duration = Duration::from_mins(15);

/// Programs that listen for changes at once. Each looks into the catalogue a few times a second.
pub const EVENT_STREAMS: usize = 1_000;

/// Passwords that are hashed or verified at once: each takes a core for some 20 ms, and others want one too.
pub const PASSWORDS_AT_ONCE: usize = 2;

/// Passwords that may be on their way at once, those included: the last of them waits a second or two. Whoever comes then is asked to try again.
pub const PASSWORDS_WAITING: usize = 64;

/// How long a socket may take to say who it is, when neither its address nor its headers do.
pub const TOKEN_FOR: Duration = Duration::from_secs(10);

/// Attempts at a password that do not wait, from one address or for one account or link: everybody mistypes.
pub const FREE_ATTEMPTS: u32 = 5;

/// Longest wait before the next attempt. Longer would let anybody lock out whose name they know.
pub const ATTEMPT_WAIT: Duration = Duration::from_secs(30);

/// Time after which one failed attempt is forgotten.
pub const ATTEMPT_FORGOTTEN_AFTER: Duration = Duration::from_mins(5);

/// Addresses, accounts and links whose failed attempts are remembered. For more, whoever failed least is forgotten.
pub const ATTEMPTS: usize = 4_096;

/// Largest token that an application signs, in bytes: those of large identity providers have two or three thousand.
pub const JWT_BYTES: usize = 8 * 1024;

/// How far the clock of the application that signs tokens may be off.
pub const JWT_LEEWAY: Duration = Duration::from_secs(30);

/// Keys that tokens may be signed with at one time: two while one takes over from another, for several applications.
pub const JWKS_KEYS: usize = 16;

/// Largest set of keys, in bytes, certificates and keys for other things included.
pub const JWKS_BYTES: usize = 256 * 1024;

/// How often a file with keys for tokens is looked at.
pub const KEYS_FILE_EVERY: Duration = Duration::from_secs(5);

/// How often keys are fetched from another machine when nobody waits for new ones: so soon is a key believed no more that was taken away.
pub const KEYS_URL_EVERY: Duration = Duration::from_mins(1);

/// How soon they are looked at again when a token names a key that is not known, or there are none: tokens are anybody's, and a flood of
/// them must not reach that machine.
pub const KEYS_SOONEST: Duration = Duration::from_secs(10);

/// How long that machine has for its answer.
pub const KEYS_FETCH_FOR: Duration = Duration::from_secs(5);

/// Longest subject of a token, in bytes: it goes into the journal as part of an author, which has 255.
pub const SUBJECT_BYTES: usize = 200;

/// Stars in a token's pattern of documents.
pub const PATTERN_STARS: usize = 8;

/// Proxies that one request may have come through: as many entries of `X-Forwarded-For` are read.
pub const PROXIES: usize = 16;

/// Of a document's text so much is found, in bytes: a long novel. What stands behind it is not in the index.
pub const SEARCH_TEXT_BYTES: usize = 1024 * 1024;

/// Longest query of a search, in characters: a sentence.
pub const SEARCH_QUERY_CHARACTERS: usize = 200;

/// Documents on one page of what a search found. A snippet is made of each from its text.
pub const SEARCH_DOCUMENTS: usize = 100;
