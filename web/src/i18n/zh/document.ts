import type { Dictionary } from "..";
import { numerals } from "../intl";
import { outline, preview } from "./reading";

const number = numerals("zh-CN");

export const document: Dictionary["document"] = {
  outline,
  preview,

  tab: (title: string) => `${title} · Cowrite`,
  skip: "跳到正文",
  bar: "文档",
  text: "文档正文",
  startWriting: "开始书写…",
  leaveText: "要用键盘离开正文，请先按 Esc，再按 Tab。",

  me: "您的名字和颜色",
  guestNumber: (count: number) => `访客 ${count}`,

  title: "标题",
  rename: "重命名",
  renameLater: "恢复连接后才能修改标题",
  renameFailed: (why: string) => `标题未能修改。${why}`,

  share: "分享",
  export: "导出",
  more: "更多",

  connection: {
    connecting: "正在连接…",
    connectingWhy: "正在寻找服务器。您可以先输入，稍后会自动发送。",
    reconnecting: "正在重新连接…",
    connected: "已连接",
    connectedWhy: "您的修改会立即同步给所有人。",
    offline: "离线",
    offlineWhy: "您可以继续输入，恢复连接后会自动发送。",
    retrying: "离线，正在重试…",
    retryingShort: "离线…",
    retryIn: (seconds: number) => `离线，${number(seconds)} 秒后重试`,
    retryInShort: (seconds: number) => `离线，${number(seconds)} 秒`,
    retryNow: "立即重试",
    refused: "已断开",
    refusedWhy: "服务器结束了连接。",
    sayOffline: "已离线。您可以继续输入。",
    sayBack: "已恢复连接。",
    sayBackSaved: "已恢复连接，所有内容均已保存。",
    sayRefused: (why: string) => `已断开连接。${why}`,
  },

  saving: {
    saved: "已保存",
    savedWhy: "您写的所有内容都已安全保存在服务器上。",
    saving: "正在保存…",
    savingWhy: "正在等待服务器保存您最近的修改。",
    unsaved: (count: number) => `${number(count)} 处修改尚未保存`,
    unsavedShort: (count: number) => `${number(count)} 处未保存`,
    unsavedWhy: "请不要关闭此页面：这些修改目前只在这里。",
    unconfirmed: "已发送；此服务器不确认保存",
    sayAllSaved: "所有内容均已保存。",
  },

  reading: {
    trashed: "在回收站中",
    trashedWhy: "彻底删除之前可以阅读，还原之后可以修改。",
    comment: "可评论",
    commentWhy: "您可以阅读和评论。文档所有者可以允许您修改正文。",
    readOnly: "只读",
    readOnlyWhy: "您可以阅读和复制此文档。文档所有者可以允许您修改。",
  },

  cannotSave: "您的修改目前无法保存。",
  cannotSaveKept: "请不要关闭此页面：您写的内容仍在这里。",
  full: "此文档已满。",
  fullKept: "您写的内容都还在；请删除一些内容，或",
  fullElsewhere: "在新文档中继续",
  fullEnd: "。",
  fullTyped: "此文档已满：目前只能删除。已有的内容没有变化。",
  almostFull: (used: string) => `此文档即将用满：${used}。`,
  spaceUsed: (percent: string, limit: string) => `已用 ${limit} 中的 ${percent}`,
  copyWhatYouKeep: "请复制您想保留的内容。",
};
