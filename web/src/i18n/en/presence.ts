/** Who is here, where, and what they do. */
import { lazily, numerals } from "../intl";

const number = numerals("en");
const list = lazily(() => new Intl.ListFormat("en"));

/** "Ann", "Ann and Bob", "Ann, Bob and Cem", "Ann and 3 others". */
function crowd(names: readonly string[]): string {
  if (names.length <= 3) return list().format(names);
  return `${names[0]} and ${number(names.length - 1)} others`;
}

export const presence = {
  alsoHere: "Also here",
  everybody: (count: number) => (count === 1 ? "1 other is here" : `${number(count)} others are here`),
  anonymous: "Anonymous",
  guest: "guest",
  asGuest: (name: string) => `${name} (guest)`,
  asYou: (name: string) => `${name} (you)`,
  you: "you, elsewhere",
  times: (name: string, count: number) => `${name}, ${number(count)} times`,
  goTo: (name: string, doing: string | null) => `${name}${doing ? `, ${doing}` : ""}: go to their cursor`,
  followHint: "(with Shift: follow them)",
  noCursor: (name: string) => `${name} has no cursor in the text right now.`,

  typing: "typing…",
  isTyping: (names: readonly string[]) =>
    names.length > 2
      ? "Several people are typing…"
      : `${list().format(names)} ${names.length === 1 ? "is" : "are"} typing…`,
  idle: "idle",
  line: (line: number) => `line ${number(line)}`,
  notInText: "not in the text",

  follow: "Follow",
  followWhom: (name: string) => `Follow ${name}`,
  following: (name: string) => `Following ${name}`,
  sayFollowing: (name: string) => `Following ${name}. Press Escape to stop.`,
  stop: "Stop",
  stopped: (name: string) => `No longer following ${name}.`,
  followedLeft: (name: string) => `${name} left. You are no longer following them.`,

  joined: (names: readonly string[]) => `${crowd(names)} joined`,
  left: (names: readonly string[]) => `${crowd(names)} left`,

  askName: "What should the others call you?",
  yourName: "Your name",
  yourColour: "Your colour",
  colour: (index: number) => `Colour ${index}`,
  seenByOthers: "Others see this next to your cursor.",
  fromAccount: "Your name comes from your account.",
  fromApplication: "Your name comes from the application that you use.",
  onDevice: "It is kept on this device.",
};
