/** The copy on this device, and the app without a network. */
export const offline = {};
