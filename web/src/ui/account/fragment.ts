/** The token in the page's fragment. It is taken out of sight, for it is as good as a password until it is used. */
export function takeFragment(): string | null {
  const token = location.hash.slice(1);
  if (token !== "") history.replaceState(history.state, "", location.pathname + location.search);
  return token || null;
}
