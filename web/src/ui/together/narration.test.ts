import { describe, expect, test } from "vitest";
import { GREETING_MS, LASTS_MS, Narration, PEOPLE_MS, SAVING_MS, type Sight } from "./narration";

/** What is said of a series of sights, each with its time in milliseconds; asked again as the page would. */
function heard(...sights: [at: number, Partial<Omit<Sight, "people">> & { people?: string[] }][]): string[] {
  const narration = new Narration();
  const said: string[] = [];
  let sight: Sight = { status: "synced", saved: true, storageProblem: false, people: new Map() };
  for (const [index, [at, { people, ...changes }]] of sights.entries()) {
    const here = people
      ? new Map(people.map((name) => [name.toLowerCase(), name.replace(/\d/, "")]))
      : sight.people;
    sight = { ...sight, ...changes, people: here };
    const end = sights[index + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    for (let now = at; ; ) {
      const { remarks, again_ms } = narration.hear(sight, now);
      for (const remark of remarks)
        said.push("names" in remark ? `${remark.say} ${remark.names}` : remark.say);
      if (again_ms === null || now + again_ms >= end) break;
      expect(again_ms).toBeGreaterThan(0);
      now += again_ms;
    }
  }
  return said;
}

/** When the first people of a connection have been heard of. */
const LATER = GREETING_MS + 1;

describe("people", () => {
  test("who are here already are not said to join", () => {
    expect(
      heard([0, { people: [] }], [200, { people: ["Ann", "Bob"] }], [900, { people: ["Ann", "Bob", "Cem"] }]),
    ).toEqual([]);
  });

  test("are said together when they come and go together", () => {
    expect(
      heard(
        [0, { people: ["Ann"] }],
        [LATER, { people: ["Ann", "Bob"] }],
        [LATER + 300, { people: ["Ann", "Bob", "Cem"] }],
        [LATER + PEOPLE_MS - 1, { people: ["Bob", "Cem", "Dora"] }],
      ),
    ).toEqual(["joined Bob,Cem,Dora", "left Ann"]);
  });

  test("who come and go within a moment are not said at all", () => {
    expect(heard([0, { people: [] }], [LATER, { people: ["Ann"] }], [LATER + 700, { people: [] }])).toEqual(
      [],
    );
  });

  test("who load the page anew neither left nor joined", () => {
    expect(
      heard([0, { people: ["Ann1"] }], [LATER, { people: [] }], [LATER + 700, { people: ["Ann2"] }]),
    ).toEqual([]);
  });

  test("are not said to go and come when the connection does", () => {
    const back = LATER + 10_000;
    expect(
      heard(
        [0, { people: ["Ann", "Bob"] }],
        [LATER, { status: "offline" }],
        [LATER + 100, { people: [] }],
        [back, { status: "synced" }],
        [back + 100, { people: ["Ann"] }],
        [back + 900, { people: ["Ann", "Cem"] }],
        [back + LATER, { people: ["Ann", "Cem", "Dora"] }],
      ),
    ).toEqual(["offline", "backSaved", "joined Dora"]);
  });
});

describe("the connection", () => {
  test("is not spoken of while it is made for the first time", () => {
    expect(heard([0, { status: "connecting" }], [9000, { status: "synced" }])).toEqual([]);
  });

  test("that is lost and found at once is not spoken of", () => {
    expect(
      heard([0, {}], [5000, { status: "offline" }], [5000 + LASTS_MS - 1, { status: "synced" }]),
    ).toEqual([]);
  });

  test("that is lost is spoken of once, however often it is tried again", () => {
    expect(
      heard(
        [0, {}],
        [5000, { status: "offline" }],
        [6000, { status: "connecting" }],
        [6100, { status: "offline" }],
        [9000, { status: "connecting" }],
        [9100, { status: "offline" }],
      ),
    ).toEqual(["offline"]);
  });

  test("is spoken of together with what is saved, when it is back", () => {
    const lost: Parameters<typeof heard> = [
      [0, {}],
      [5000, { status: "offline", saved: false }],
    ];
    expect(heard(...lost, [9000, { status: "synced" }], [9100, { saved: true }])).toEqual([
      "offline",
      "backSaved",
    ]);
    expect(heard(...lost, [9000, { status: "synced" }], [9000 + SAVING_MS + 500, { saved: true }])).toEqual([
      "offline",
      "back",
      "allSaved",
    ]);
  });

  test("that ends for good is spoken of at once", () => {
    expect(heard([0, {}], [5000, { status: "refused" }])).toEqual(["refused"]);
  });
});

test("typing, which is saved all the time, is not spoken of", () => {
  expect(
    heard(
      [0, {}],
      [5000, { saved: false }],
      [5300, { saved: true }],
      [9000, { saved: false }],
      [20_000, { saved: true }],
    ),
  ).toEqual([]);
});

test("that everything is saved is said after the server could not store anything", () => {
  expect(
    heard(
      [0, {}],
      [5000, { storageProblem: true, saved: false }],
      [9000, { storageProblem: false, saved: true }],
    ),
  ).toEqual(["allSaved"]);
});
