/**
 * Keeps the app as high as what can be seen. Where `interactive-widget=resizes-content` works, 100dvh already is that;
 * Safari on phones lays its keyboard over the page and only the visual viewport tells.
 */
export function fitViewport() {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const fit = () => {
    // A pinch zoom also shrinks the visual viewport; the layout should not follow that.
    const covered = window.innerHeight - viewport.height;
    const keyboard = viewport.scale === 1 && covered > 80;
    const root = document.documentElement;
    if (keyboard) root.style.setProperty("--app-height", `${viewport.height}px`);
    else root.style.removeProperty("--app-height");
    if (keyboard) window.scrollTo(0, 0);
  };
  viewport.addEventListener("resize", fit);
}
