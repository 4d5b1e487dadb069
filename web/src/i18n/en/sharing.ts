/** The Share dialog. */
export const sharing = {
  title: "Share",
  loading: "Loading…",
  failed: (why: string) => `Who has access could not be found out. ${why}`,
  /** What a role lets somebody do, as one says it to whoever gives it. */
  roles: { viewer: "May read", commenter: "May comment", editor: "May edit" },
  /** The same, to whoever has it. */
  ownRoles: {
    viewer: "You may read this document.",
    commenter: "You may read this document and comment on it.",
    editor: "You may edit this document.",
    owner: "This document is yours.",
  },
  open: "Everybody who reaches this server may read and edit this document. All they need is its address.",
  elsewhere: "The application that you use says who may open this document; share it there.",
  onlyOwner: "Only its owner can share it. Whoever has access already can open this address:",
  address: "Address",
  copy: "Copy",
  copied: "Copied",
  copyByHand: (keys: string) => `Press ${keys} to copy`,
  showQr: "Show as a QR code",
  qr: "The address as a QR code",

  link: {
    role: "Whoever has the link",
    password: "Password, if any",
    ends: "Ends, if ever",
    make: "Make a link",
    made: "The link is made. Copy it now:",
    onlyNow: "its address is not shown again.",
    doubt: "Take this link back?",
    doubtWhy: "Whoever came by it is out at once.",
    keep: "Keep it",
    takeBack: "Take back",
    takeBackAsk: "Take back…",
    takeBackNamed: (role: string, state: string) => `Take back the link “${role}, ${state}”`,
    createdAt: (when: string) => `Made ${when}`,
    withPassword: "with a password",
    endsAt: (when: string) => `ends ${when}`,
    endedAt: (when: string) => `ended ${when}`,
    comma: ", ",
  },

  people: {
    title: "People with access",
    owner: "Owner",
    whatTheyMay: "What they may do",
    whatMay: (name: string) => `What ${name} may do`,
    remove: "Remove",
    removeNamed: (name: string) => `Remove ${name}`,
    byName: "Add somebody by the name they sign in with",
    add: "Add",
  },

  handOn: {
    title: "Hand this document on",
    note: "Its new owner alone shares and deletes it from then on. You keep access as long as they let you.",
    name: "The name the new owner signs in with",
    submit: "Hand on",
  },
};
