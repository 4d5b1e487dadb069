/** What a page shows of the others. It is loaded when the text is here, for nobody has to wait for it. */
export { default as Avatars } from "./Avatars.svelte";
export { Company } from "./company.svelte";
export { default as Following } from "./Following.svelte";
export { default as Narrator } from "./Narrator.svelte";
