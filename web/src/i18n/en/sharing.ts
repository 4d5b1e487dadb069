/** The Share dialog. */
export const sharing = {};
