/** Shows dialogs, whose code comes when the first of its kind is wanted. */
import { type Component, mount, unmount } from "svelte";
import { t, whole } from "../i18n";
import { notices } from "./notices.svelte";

/**
 * @param load the dialog's module; the component is also given `onclose`, and is to call it when it is done
 */
export async function openDialog<Props extends Record<string, unknown>>(
  load: () => Promise<{ default: Component<Props & { onclose: () => void }> }>,
  props: Props,
) {
  const loaded = await whole(load).catch(() => null);
  if (loaded === null) {
    notices.problem(t.common.partFailed);
    return;
  }
  const onclose = () => {
    unmount(shown);
  };
  const shown = mount(loaded.default, { target: document.body, props: { ...props, onclose } });
}
