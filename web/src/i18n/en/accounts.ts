/** Signing in, invitations, people. */
export const accounts = {
  signIn: "Sign in",
  signOut: "Sign out",
  yourAccount: "Your account",
  people: "People",
  name: "Name",
  password: "Password",
  oneMoment: "One moment…",
  toDocuments: "Go to the documents",
  stillSignedIn: (why: string) => `You are still signed in. ${why}`,

  own: {
    yourName: "Your name, as others see it",
    change: "Change",
    nameChanged: "Your name is changed.",
    before: "The present one",
    next: "The new one",
    passwordChanged: "Your password is changed.",
    notYours: "This is not your password.",
    where: "Where you are signed in",
    here: "Here",
    elsewhere: "Elsewhere",
    signedIn: (when: string) => `Signed in ${when}`,
    lastSeen: (when: string) => `last seen ${when}`,
    signOutThere: "Sign out there",
    signOutElsewhere: "Sign out everywhere else",
  },

  enter: {
    signingIn: "Signing in…",
    noAccounts: "There are no accounts here",
    elsewhere: "The application that uses this server signs people in. Open your document from there.",
    open: "Whoever reaches this server may read and write its documents.",
    signedInAs: (name: string) => `You are signed in as ${name}. Go on, or sign in as somebody else.`,
    goOn: "Go on",
    nobodyYet: "Nobody has an account yet.",
    setUpFirst: "Set up the first one",
    without: "Without an account, ask an administrator for an invitation.",
  },

  join: {
    title: "You are invited",
    note: "Choose how you sign in, and you can write here.",
    submit: "Join",
    missing: "The invitation is missing",
    missingWhy:
      "The address of an invitation ends with “#cwi_…”. Copy all of it, and open it again. If the page was reloaded, open the invitation once more: it is good until it is used.",
    signInInstead: "Sign in instead",
  },

  setup: {
    title: "Set up Cowrite",
    note: "This makes the first account, an administrator’s. It can invite the others.",
    submit: "Make the account",
    nothing: "There is nothing to set up",
    nothingWhy: "This server keeps no accounts.",
    done: "This server is set up",
    doneWhy: "It has its first account. An administrator can invite you.",
  },

  fresh: {
    token: "Token",
    tokenHint: "The server printed it where it was started.",
    displayName: "Your name",
    displayNameHint: "As others see it.",
    name: "Name to sign in with",
    nameHint: "Others use it to share documents with you.",
    passwordHint: "Long is better than complicated: a few words do.",
  },

  list: {
    refused: "This page is for administrators",
    notYou: "Your account is not one. Nothing was shown or changed.",
    nobody: "Sign in with an administrator’s account to see who is here.",
    invite: "Invite somebody",
    you: "You",
    administrator: "Administrator",
    disabled: "Disabled",
    whatToDo: (name: string) => `What to do with ${name}`,
    demote: "No longer an administrator",
    promote: "Make an administrator",
    enable: "Let in again",
    disable: "Disable: sign out everywhere, keep documents",
    remove: "Remove…",
    failed: (why: string) => `The list could not be loaded. ${why}`,
    loading: "Loading…",
    invitations: "Invitations that nobody has used yet",
    invitation: "Invitation",
    goodUntil: (when: string) => `Good until ${when}`,
    goodUntilUsed: "Good until it is used",
    withdraw: "Withdraw",
  },

  invitation: {
    note: "Send this address to one person. Whoever opens it first makes an account of their own.",
    onlyNow: "It is shown only now; if it gets lost, withdraw the invitation and make another.",
    address: "Address of the invitation",
  },

  remove: {
    title: (name: string) => `Remove ${name}?`,
    note: "They are signed out everywhere and can no longer sign in. This cannot be undone.",
    heir: "Their documents go to",
    remove: "Remove",
    removing: "Removing…",
    keep: "Keep",
    removed: (name: string) => `${name} was removed.`,
  },

  wrongPassword:
    "This name and password do not belong together. Nothing else is told, so that nobody can find out who has an account.",
  tooManyAttempts: (wait: string) =>
    `There were too many attempts. Try again in ${wait}; until then not even the right password is taken.`,
  aMoment: "a moment",
  seconds: (count: number) => (count === 1 ? "1 second" : `${count} seconds`),
  minutes: (count: number) => (count === 1 ? "1 minute" : `${count} minutes`),
  /** What a refusal of the server's means. Its own sentences are English, and know more than its kind says. */
  refusal: (_kind: string, _status: number, said: string) => said,
};
