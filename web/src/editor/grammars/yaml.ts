export { yamlLanguage } from "@codemirror/lang-yaml";
