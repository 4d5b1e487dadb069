import type { Dictionary } from "..";

export const preview: Dictionary["document"]["preview"] = {
  view: "视图",
  write: "编辑",
  sideBySide: "并排",
  read: "阅读",
  label: "预览",
  divider: "正文与预览的宽度比例",
  dividerHint: "拖动可调整宽度，双击恢复等宽",
  copyCode: "复制代码",
  codeCopied: "代码已复制。",
  linkToSection: "复制本节链接",
  linkCopied: "本节链接已复制。",
  copyFailed: "浏览器不允许复制。请选中文字后自行复制。",
  pictureRefused: "其他网站的图片需使用 https 地址。",
  pictureFailed: "图片无法加载。",
  footnotes: "脚注",
  backToText: (nth) => (nth === 1 ? "返回正文" : `返回正文第 ${nth} 处`),
  preparingPrint: "正在准备页面…",
  printFailed: "无法准备打印内容。请在联网后重新加载页面。",
};

export const outline: Dictionary["document"]["outline"] = {
  title: "大纲",
  show: "显示大纲",
  hide: "隐藏大纲",
  empty: "标题会显示在这里。以 # 加空格开头的行就是标题。",
};
