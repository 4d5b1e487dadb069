import type { Dictionary } from "..";
import { numerals } from "../intl";

const number = numerals("zh-CN");

function crowd(names: readonly string[]): string {
  if (names.length <= 3) return names.join("、");
  return `${names[0]}等 ${number(names.length)} 人`;
}

export const presence: Dictionary["presence"] = {
  alsoHere: "在线的人",
  everybody: (count: number) => `另有 ${number(count)} 人在线`,
  anonymous: "匿名",
  guest: "访客",
  asGuest: (name: string) => `${name}（访客）`,
  asYou: (name: string) => `${name}（您）`,
  you: "您，在别处",
  times: (name: string, count: number) => `${name}，${number(count)} 处`,
  goTo: (name: string, doing: string | null) => `${name}${doing ? `，${doing}` : ""}：跳到其光标处`,
  followHint: "（按住 Shift 则跟随）",
  noCursor: (name: string) => `${name}目前在正文中没有光标。`,

  typing: "正在输入…",
  isTyping: (names: readonly string[]) =>
    names.length > 2 ? "多人正在输入…" : `${names.join("、")}正在输入…`,
  idle: "暂离",
  line: (line: number) => `第 ${number(line)} 行`,
  notInText: "不在正文中",

  follow: "跟随",
  followWhom: (name: string) => `跟随${name}`,
  following: (name: string) => `正在跟随${name}`,
  sayFollowing: (name: string) => `正在跟随${name}。按 Esc 停止。`,
  stop: "停止",
  stopped: (name: string) => `已停止跟随${name}。`,
  followedLeft: (name: string) => `${name}已离开，跟随已结束。`,

  joined: (names: readonly string[]) => `${crowd(names)}加入了`,
  left: (names: readonly string[]) => `${crowd(names)}离开了`,

  askName: "其他人该怎么称呼您？",
  yourName: "您的名字",
  yourColour: "您的颜色",
  colour: (index: number) => `颜色 ${index}`,
  seenByOthers: "其他人会在您的光标旁看到这些。",
  fromAccount: "名字来自您的账号。",
  fromApplication: "名字来自您使用的应用。",
  onDevice: "仅保存在此设备上。",
};
