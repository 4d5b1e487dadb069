import type { Dictionary } from "..";

export const exports: Dictionary["exports"] = {
  title: "导出",
  more: "更多格式",
  formats: {
    md: "Markdown",
    html: "网页",
    docx: "Word 文档",
    pdf: "PDF",
    txt: "纯文本",
    json: "JSON",
    yjs: "Yjs 文档",
  },
  offline: "当前处于离线状态。Markdown 和纯文本由本页内容直接生成，其他格式需要连接服务器。",
  needsServer: (format) => `${format}由服务器生成，目前无法连接到服务器。`,
  making: (format) => `正在生成${format}…`,
  saving: "正在等待最新内容保存…",
  received: (format, size) => `${format}：已接收 ${size}`,
  failed: (format, why) => `未能生成${format}。${why}`,
  unsaved: "文件已生成，但最后写的内容尚未保存，可能不在其中。",
};
