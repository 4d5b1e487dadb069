import { expect, test } from "vitest";
import { Saves } from "./saves";

const changes = (saves: Saves, count: number) => {
  for (let i = 0; i < count; i++) saves.changed();
};
const brief = ({ state }: Saves) => [state.unsaved, state.status];

test("nothing made here is nothing unsaved", () => {
  expect(new Saves().state).toEqual({
    unsaved: 0,
    status: "saved",
    storageProblem: null,
    acknowledges: null,
  });
});

test("what the document held at the start is not known to be saved", () => {
  const saves = new Saves(3);
  expect(brief(saves)).toEqual([3, "unsaved"]);
  saves.connected(true);
  expect(brief(saves)).toEqual([3, "unsaved"]);
  saves.sent();
  expect(brief(saves)).toEqual([3, "saving"]);
  saves.saved(0);
  expect(brief(saves)).toEqual([0, "saved"]);
});

test("Saved(n) covers the messages up to n and no more", () => {
  const saves = new Saves();
  saves.connected(true);
  saves.sent(); // sync step 2
  for (let i = 0; i < 5; i++) {
    saves.changed();
    saves.sent();
  }
  saves.saved(0);
  expect(brief(saves)).toEqual([5, "saving"]);
  saves.saved(3);
  expect(brief(saves)).toEqual([2, "saving"]);
  saves.saved(3);
  saves.saved(1);
  expect(brief(saves)).toEqual([2, "saving"]);
  saves.saved(5);
  expect(brief(saves)).toEqual([0, "saved"]);
});

test("what a broken connection had not acknowledged is covered by the next one's first message", () => {
  const saves = new Saves();
  saves.connected(true);
  saves.sent();
  saves.changed();
  saves.sent();
  saves.changed();
  saves.sent();
  saves.saved(1);
  saves.disconnected();
  expect(brief(saves)).toEqual([1, "unsaved"]);
  changes(saves, 4);
  saves.connected(true);
  expect(brief(saves)).toEqual([5, "unsaved"]);
  saves.sent();
  saves.changed();
  saves.sent();
  saves.saved(0);
  expect(brief(saves)).toEqual([1, "saving"]);
});

test("an acknowledgement of what was never sent is not believed", () => {
  const saves = new Saves();
  saves.connected(true);
  expect(() => saves.saved(0)).toThrow(RangeError);
  saves.sent();
  saves.saved(0);
  expect(() => saves.saved(1)).toThrow(RangeError);
});

test("a storage problem is no saving, and a new connection forgets it", () => {
  const saves = new Saves();
  saves.connected(true);
  saves.changed();
  saves.sent();
  saves.storage("disk full");
  expect(saves.state).toMatchObject({ status: "unsaved", storageProblem: "disk full" });
  saves.storage(null);
  expect(brief(saves)).toEqual([1, "saving"]);
  saves.storage("disk full");
  saves.connected(true);
  expect(saves.state.storageProblem).toBeNull();
});

test("a server that never acknowledges never saves", () => {
  const saves = new Saves();
  saves.connected(false);
  saves.sent();
  saves.changed();
  saves.sent();
  expect(saves.state).toMatchObject({ unsaved: 1, status: "unsaved", acknowledges: false });
});
