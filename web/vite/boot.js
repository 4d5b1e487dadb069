// Runs before the first paint; see boot.ts.
(() => {
  const root = document.documentElement;
  const documents = new URL("d/", document.baseURI).pathname;
  const page = location.pathname.startsWith(documents) ? "document" : "home";
  root.dataset.page = page;
  try {
    const theme = localStorage.getItem("cowrite.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's theme it is.
  }
  const chunk = document.currentScript?.dataset[page];
  if (chunk) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = chunk;
    document.head.append(link);
  }
})();
