/** Has the service worker keep the app on this device, and offers a new version of it once that is here. */
import { t } from "../../i18n";
import { addressOf } from "../../service";
import { notices } from "../notices.svelte";

/** Whoever leaves a page open for days is told of a new version all the same. */
const LOOK_EVERY_MS = 60 * 60_000;

/** Nothing of this matters so much that it may fail aloud: without a worker the app needs its server, as it always did. */
export async function startWorker(): Promise<void> {
  try {
    const { serviceWorker } = navigator;
    const registration = await serviceWorker.register(addressOf("/sw.js"), { scope: addressOf("/") });
    follow(serviceWorker, registration);
    lookNowAndThen(registration);
    // What parts of the app load when they are wanted is kept beforehand too.
    await whenActive(registration);
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    if (!connection?.saveData) registration.active?.postMessage("fill");
  } catch (error) {
    console.info(error);
  }
}

function follow(workers: ServiceWorkerContainer, registration: ServiceWorkerRegistration) {
  const offer = (worker: ServiceWorker | null) => {
    // The first worker replaces nothing.
    if (worker === null || !registration.active) return;
    notices.offer(t.offline.update, { label: t.offline.reload, run: () => agree(worker) });
  };
  let agreed = false;
  function agree(worker: ServiceWorker) {
    agreed = true;
    if (worker.state === "installed") worker.postMessage("take over");
    else location.reload();
  }
  offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") offer(worker);
    });
  });
  workers.addEventListener("controllerchange", () => {
    // Somebody agreed, here or in another tab. What is written is in the copy on this device; where it is not, leaving asks.
    if (agreed || document.visibilityState === "hidden") location.reload();
    else notices.offer(t.offline.update, { label: t.offline.reload, run: () => location.reload() });
  });
}

function lookNowAndThen(registration: ServiceWorkerRegistration) {
  let looked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" || Date.now() - looked < LOOK_EVERY_MS) return;
    looked = Date.now();
    registration.update().catch(() => {});
  });
}

function whenActive(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  if (!worker || registration.active) return Promise.resolve();
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
    });
  });
}
