/** What the editor's own parts say, by the names they know it by. */
import { t } from "../../i18n";

export function phrases(): Record<string, string> {
  const { search } = t.editor;
  return {
    Column: t.editor.column,
    Find: search.find,
    Replace: search.replace,
    next: search.next,
    previous: search.previous,
    close: t.common.close,
    "match case": search.matchCase,
    "by word": search.wholeWords,
    regexp: search.pattern,
    replace: search.replaceOne,
    "replace all": search.replaceAll,
    "with replacement": search.withReplacement,
    "no results": search.none,
    "not a pattern": search.notPattern,
    "$1 of $2": search.position,
    "current match": search.current,
    "on line": search.onLine,
    "replaced match on line $": search.replacedOne,
    "replaced $ matches": search.replacedAll,
    "Go to line": search.goToLine,
    go: search.go,
  };
}
