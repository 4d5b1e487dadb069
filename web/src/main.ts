/** The entry: puts the app into #app, beside the skeleton, once it has its words. */
import "./ui/styles/controls.css";
import { mount } from "svelte";
import { speak } from "./i18n";
import { languageFor } from "./i18n/language";
import { recall } from "./service";
import App from "./ui/App.svelte";
import { fitViewport } from "./ui/viewport";

start();

async function start() {
  const target = document.getElementById("app");
  if (!target) throw new Error("index.html has no #app");
  fitViewport();
  await speak(languageFor([recall("language") ?? "", ...navigator.languages]));
  mount(App, { target });
  if (import.meta.env.PROD && "serviceWorker" in navigator) afterLoad(keepApp);
}

/** The app is on its way to this device only when the page has all that it needs itself. */
function afterLoad(act: () => void) {
  const idle = () =>
    typeof requestIdleCallback === "function" ? requestIdleCallback(act) : setTimeout(act, 2_000);
  if (document.readyState === "complete") idle();
  else addEventListener("load", idle, { once: true });
}

function keepApp() {
  import("./ui/offline/worker").then(
    ({ startWorker }) => startWorker(),
    () => {},
  );
}
