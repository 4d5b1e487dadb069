/** A document's page: its bar, its title, what there is to say about its state. */
export const document = {};
