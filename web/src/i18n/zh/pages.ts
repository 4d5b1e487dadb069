import type { Dictionary } from "..";

const salvage = "你可以下载一份副本，或用它新建文档。";
const elsewhere = "请从你使用的应用中打开此文档。";

export const pages: Dictionary["pages"] = {
  home: "Cowrite，我的文档",
  missing: "这里什么都没有",
  missingWhy: "地址可能有误。文档的地址形如：",
  toDocuments: "前往我的文档",
  embedded: "请从你的应用中打开",
  embeddedWhy: "打开文档时由应用说明你的身份，仅凭此页面无法做到。",

  signIn: "登录",
  reload: "重新加载",
  restore: "恢复文档",
  notRestored: (why) => `未能恢复。${why}`,
  stillHere: "文字仍在此页面上",
  notSaved: "，但从现在起不再保存。",
  stranded: "你不能再在这里编辑",
  strandedWhy: "最后的更改来得太晚，没有发送。",
  strandedHere: "它们仍在此页面上",
  strandedHelp: "，但别人看不到。请保留一份副本；如果页面打开期间恢复了编辑权限，它们会自动发送。",
  copyToNew: "复制到新文档",
  copying: "正在复制…",
  openCopy: "打开新文档",
  notCopied: (why) => `未能创建副本。${why}`,
  downloadCopy: "下载副本",
  password: "链接密码",
  unlock: "打开",
  unlocking: "请稍候…",
  wrongPassword: "这不是此链接的密码。请向给你链接的人确认。",

  refusals: {
    missing: {
      title: "此文档不存在",
      happened: "它可能已被删除，或者地址有误。",
      advice: salvage,
    },
    deleted: {
      title: "此文档已被删除",
      happened: "它已被永久删除，无法恢复。",
      advice: salvage,
    },
    replaced: {
      title: "文档已被替换",
      happened: "此页面持有旧副本期间，文档被删除后重建，或恢复到了较早的版本。两者没有混合。",
      advice: `${salvage}然后重新加载，查看文档的当前内容。`,
    },
    tooLarge: {
      title: "更改内容过大",
      happened: "这次更改或加上它之后的文档超出了服务器的上限，因此没有保存。",
      advice: `请重新加载后分批添加，或先删除一些内容。${salvage}`,
    },
    malformed: {
      title: "无法识别更改内容",
      happened: "服务器无法理解此页面发送的内容，因此没有保存。",
      advice: `请重新加载，从上次保存的状态继续。${salvage}`,
    },
    unknown: {
      title: "服务器断开了连接",
      happened: "服务器没有说明原因。",
      advice: salvage,
    },
    unauthenticated: {
      title: "请先登录",
      happened: "此文档仅对已登录的人或持有链接的人开放。",
      advice: "登录后即可带着已写的内容在此继续。",
    },
    embedded: {
      title: "请从你的应用中打开",
      happened: `打开文档时由应用说明你的身份，仅凭此页面无法做到。${elsewhere}`,
      advice: elsewhere,
    },
    linkExpired: {
      title: "此链接已失效",
      happened: "创建者为它设置了有效期，现已过期。",
      advice: `请向给你链接的人索取新链接。${salvage}`,
    },
    expired: {
      title: "你已退出登录",
      happened: "登录的有效期已过。",
      advice: "重新登录后即可带着已写的内容在此继续。",
    },
    embeddedExpired: {
      title: "你已退出登录",
      happened: `证明你身份的凭据已过期。${elsewhere}`,
      advice: elsewhere,
    },
    locked: {
      title: "此链接需要密码",
      happened: "密码由给你链接的人掌握。",
      advice: "输入密码后即可在此继续。",
    },
    linkRevoked: {
      title: "你不再拥有访问权限",
      happened: "你所用的链接已被撤回。",
      advice: `请再次向所有者申请访问权限。${salvage}`,
    },
    revoked: {
      title: "你不再拥有访问权限",
      happened: "此文档不再与你共享。",
      advice: `请再次向所有者申请访问权限。${salvage}`,
    },
    trashed: {
      title: "此文档在回收站中",
      happened: "它已被删除，所有者可在一段时间内恢复。",
      advice: salvage,
    },
    forbidden: {
      title: "你没有此文档的访问权限",
      happened: "所有者没有与你共享，或已停止共享。",
      advice: `请向所有者申请权限后重试。${salvage}`,
    },
  },

  problems: {
    unreached: "无法连接到服务器。",
    unauthenticated: "你已退出登录。",
    expired: "你已退出登录。",
    forbidden: "你没有权限执行此操作。",
    revoked: "你不再有权限执行此操作。",
    trashed: "它在回收站中。",
    missing: "它已不存在。",
    tooLarge: "它超出了服务器的上限。",
    readOnly: "服务器目前无法保存任何内容，请稍后再试。",
    overloaded: "服务器繁忙，请稍后再试。",
    internal: "服务器出现错误，请稍后再试。",
  },
};
