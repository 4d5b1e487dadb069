import type { Dictionary } from "..";

export const device: Dictionary["device"] = {
  discardTitle: "放弃您的更改？",
  discardWhy: "您在此处写下、但服务器尚未收到的内容将从本设备移除。如需保留，请先取消并另存一份副本。",
  discard: "放弃并重新加载",
  leaveTitle: "还有未保存的更改，仍要退出登录？",
  leaveWhy: "以下文档包含服务器尚未收到的更改。退出登录会将它们从本设备移除。",
  leaveAdvice: "如需保留，请先不要退出；联网后逐一打开这些文档，等到显示“已保存”。",
  leave: "退出并放弃更改",
  unsavedHeading: "在本设备上，尚未保存",
  unsavedNote: "联网时打开文档，其中的更改就会同步到服务器。",
  localHeading: "在本设备上",
  localNote: "暂时无法连接服务器。这些文档仍可阅读和编辑。",
  changes: (count: number) => `${count} 处未保存的更改`,
};
