/** The headings of the document in front of the reader, in a file of their own: what finds them is loaded with the palette and not before. */
export { headingsOf } from "../../editor";
