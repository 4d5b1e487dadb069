// Runs before the first paint; see boot.ts.
(() => {
  const root = document.documentElement;
  const documents = new URL("d/", document.baseURI).pathname;
  const page = location.pathname.startsWith(documents) ? "document" : "home";
  root.dataset.page = page;
  let languages = navigator.languages;
  try {
    const theme = localStorage.getItem("cowrite.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    languages = [localStorage.getItem("cowrite.language") ?? "", ...languages];
  } catch {
    // Storage may be forbidden; the system's theme and the browser's languages it is.
  }
  // As `languageFor` in src/i18n has it; a wrong guess here costs a request and no more.
  const language = /^zh\b/i.test(languages.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? "") ? "zh" : "en";
  for (const chunk of [page, language]) {
    const href = document.currentScript?.dataset[chunk];
    if (!href) continue;
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = href;
    document.head.append(link);
  }
})();
