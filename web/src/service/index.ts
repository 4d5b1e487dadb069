/** The server's REST interface as functions, and what this device remembers. Everything the user interface may use is listed here. */
export {
  type Account,
  changeAccount,
  type Invitation,
  invite,
  listAccounts,
  listInvitations,
  removeAccount,
  withdrawInvitation,
} from "./accounts";
export { addressOf, pathOf, socketOf } from "./addresses";
export {
  createDocument,
  type DocumentInfo,
  deleteForGood,
  type ExportFormat,
  exportAddress,
  fetchExport,
  getDocument,
  type Kind,
  listDocuments,
  parseKind,
  renameDocument,
  restoreDocument,
  trashDocument,
  uploadDocument,
} from "./documents";
export {
  acceptInvitation,
  changeMe,
  endOtherSessions,
  endSession,
  getMe,
  type Identity,
  listSessions,
  type Me,
  type Mode,
  type NewAccount,
  type Session,
  setUp,
  signIn,
  signOut,
  USER,
  userOf,
} from "./identity";
export { keepLink, linkOf, takeLink } from "./links";
export { ApiError, messageOf } from "./request";
export { GIVEN_ROLES, type GivenRole, type GrantedRole } from "./roles";
export {
  type Access,
  createLink,
  type Grant,
  getAccess,
  grant,
  type Holder,
  revokeLink,
  type ShareLink,
  setOwner,
  ungrant,
  unlock,
} from "./sharing";
export { recall, remember } from "./storage";
