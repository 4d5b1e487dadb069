/** Settings, the command palette and the sheet of shortcuts. */
export const settings = {};
