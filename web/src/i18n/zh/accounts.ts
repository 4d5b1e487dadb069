import type { Dictionary } from "..";
import { refusal } from "./refusal";

export const accounts: Dictionary["accounts"] = {
  signIn: "登录",
  signOut: "退出登录",
  yourAccount: "我的账号",
  people: "成员",
  name: "用户名",
  password: "密码",
  oneMoment: "请稍候…",
  toDocuments: "前往文档",
  stillSignedIn: (why) => `未能退出登录。${why}`,

  own: {
    yourName: "显示名称（其他人看到的名字）",
    change: "修改",
    nameChanged: "显示名称已修改。",
    before: "当前密码",
    next: "新密码",
    passwordChanged: "密码已修改。",
    notYours: "当前密码不正确。",
    where: "已登录的设备",
    here: "当前设备",
    elsewhere: "其他设备",
    signedIn: (when) => `${when}登录`,
    lastSeen: (when) => `最近活动：${when}`,
    signOutThere: "退出该设备",
    signOutElsewhere: "退出其他所有设备",
  },

  enter: {
    signingIn: "正在登录…",
    noAccounts: "此服务器不使用账号",
    elsewhere: "登录由使用本服务器的应用负责，请从该应用中打开文档。",
    open: "能访问这台服务器的人都可以阅读和编辑其中的文档。",
    signedInAs: (name) => `你已登录为 ${name}。可以直接继续，也可以换一个账号登录。`,
    goOn: "继续",
    nobodyYet: "这里还没有任何账号。",
    setUpFirst: "创建第一个账号",
    without: "没有账号？请向管理员索取邀请。",
  },

  join: {
    title: "你收到了邀请",
    note: "设置登录方式后，就可以在这里写作了。",
    submit: "加入",
    missing: "缺少邀请信息",
    missingWhy:
      "邀请链接以“#cwi_…”结尾，请复制完整的链接后重新打开。如果刚刚刷新过页面，再打开一次邀请链接即可：邀请在使用之前一直有效。",
    signInInstead: "直接登录",
  },

  setup: {
    title: "设置 Cowrite",
    note: "这里创建的第一个账号是管理员账号，可以邀请其他人。",
    submit: "创建账号",
    nothing: "无需设置",
    nothingWhy: "这台服务器不使用账号。",
    done: "服务器已设置完成",
    doneWhy: "第一个账号已经创建，请让管理员邀请你。",
  },

  fresh: {
    token: "令牌",
    tokenHint: "服务器启动时会在终端中显示。",
    displayName: "显示名称",
    displayNameHint: "其他人看到的名字。",
    name: "用户名",
    nameHint: "用于登录，其他人也用它与你分享文档。",
    passwordHint: "长比复杂更重要：几个词连在一起就很好。",
  },

  list: {
    refused: "此页面仅供管理员使用",
    notYou: "你的账号不是管理员。没有显示或更改任何内容。",
    nobody: "请使用管理员账号登录后查看成员。",
    invite: "邀请成员",
    you: "我",
    administrator: "管理员",
    disabled: "已停用",
    whatToDo: (name) => `管理 ${name}`,
    demote: "取消管理员身份",
    promote: "设为管理员",
    enable: "重新启用",
    disable: "停用：退出所有设备，保留文档",
    remove: "移除…",
    failed: (why) => `列表未能加载。${why}`,
    loading: "正在加载…",
    invitations: "尚未使用的邀请",
    invitation: "邀请",
    goodUntil: (when) => `有效期至 ${when}`,
    goodUntilUsed: "使用之前一直有效",
    withdraw: "撤回",
  },

  invitation: {
    note: "请把此链接只发给一个人。第一个打开它的人可以创建自己的账号。",
    onlyNow: "链接只在此刻显示一次；如果遗失，请撤回邀请后重新创建。",
    address: "邀请链接",
  },

  remove: {
    title: (name) => `移除 ${name}？`,
    note: "此人将在所有设备上退出登录，并且无法再次登录。此操作无法撤销。",
    heir: "将其文档转交给",
    remove: "移除",
    removing: "正在移除…",
    keep: "保留",
    removed: (name) => `已移除 ${name}。`,
  },

  wrongPassword: "用户名或密码不正确。为避免他人探知哪些账号存在，这里不作更多说明。",
  tooManyAttempts: (wait) => `尝试次数过多，请在${wait}后重试；在此之前，即使密码正确也不会被接受。`,
  aMoment: "片刻",
  seconds: (count) => ` ${count} 秒`,
  minutes: (count) => ` ${count} 分钟`,
  refusal,
};
