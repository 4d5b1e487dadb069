import type { Dictionary } from "..";

export const common: Dictionary["common"] = {
  product: "Cowrite",
  untitled: "未命名",
  close: "关闭",
  cancel: "取消",
  dismiss: "关闭提示",
  undo: "撤销",
  tryAgain: "重试",
  yourDocuments: "我的文档",
  loadFailed: "页面未能加载",
  loadFailedWhy: "可能是网络中断，或者应用刚刚更新。",
  partFailed: "这部分未能加载。请在联网后重新加载页面。",
};
