export { xmlLanguage } from "@codemirror/lang-xml";
