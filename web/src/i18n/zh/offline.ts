import type { Dictionary } from "..";

export const offline: Dictionary["offline"] = {
  kept: "已保存在本设备",
  keptShort: "已存本机",
  keptWhy: "服务器尚未收到您最近的更改。它们保存在本设备上，关闭页面也不会丢失，连上服务器后会自动同步。",
  noCopy: "此浏览器无法保留副本。您可以继续输入；请不要关闭页面，直到显示“已保存”。",
  notCleared: "无法移除本设备上的文档副本。请在浏览器设置中清除此网站的数据。",
  update: "新版本已就绪。",
  reload: "重新加载",
};
