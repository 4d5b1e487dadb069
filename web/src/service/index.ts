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
  type DocumentPage,
  deleteForGood,
  duplicateDocument,
  type ExportFormat,
  exportAddress,
  type FoundDocument,
  type FoundPage,
  fetchExport,
  getDocument,
  type Kind,
  LIMITS,
  listDocuments,
  listTags,
  parseKind,
  renameDocument,
  restoreDocument,
  type Snippet,
  type Sort,
  searchDocuments,
  tagDocument,
  trashDocument,
  uploadDocument,
  type Wanted,
} from "./documents";
export { bringExport } from "./exports";
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
export {
  fetchImage,
  IMAGE_TYPES,
  imageAddress,
  MAX_IMAGE_BYTES,
  type UploadedImage,
  uploadImage,
} from "./images";
export { keepLink, linkIn, linkOf, takeLink } from "./links";
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
