// Runs before the first paint; see boot.ts.
(() => {
  const root = document.documentElement;
  const documents = new URL("d/", document.baseURI).pathname;
  const page = location.pathname.startsWith(documents) ? "document" : "home";
  root.dataset.page = page;
  const recall = (name) => {
    try {
      return localStorage.getItem(`cowrite.${name}`);
    } catch {
      // Storage may be forbidden; the system's theme and the browser's languages it is.
      return null;
    }
  };
  // What a reader chose and the first paint shows, as src/ui/settings.svelte.ts goes on with it.
  for (const name of ["theme", "contrast", "size", "width", "toolbar"]) {
    const choice = recall(name);
    if (choice) root.dataset[name] = choice;
  }
  if (!root.dataset.contrast && matchMedia("(prefers-contrast: more)").matches)
    root.dataset.contrast = "more";
  // As `languageFor` in src/i18n has it; a wrong guess here costs a request and no more.
  const languages = [recall("language") ?? "", ...navigator.languages];
  const language = /^zh\b/i.test(languages.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? "") ? "zh" : "en";
  const { dataset = {} } = document.currentScript ?? {};
  const wanted = [dataset[page], dataset[language], page === "home" ? dataset[`${language}Rest`] : ""];
  for (const href of new Set(wanted.join(" ").split(" "))) {
    if (!href) continue;
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = href;
    document.head.append(link);
  }
})();
