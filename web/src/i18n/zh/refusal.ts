/** What the server refuses, in Chinese: by its sentence where one says more than its kind, otherwise by its kind. */

/** As src/auth and src/access of the server word them. */
const SENTENCES: readonly [RegExp, string][] = [
  [/^A name has 1 to (\d+) characters/i, "名称长度应为 1 到 $1 个字符。"],
  [/^A name to sign in with is made of/i, "用户名只能包含小写字母、数字和 . _ - @ + 这些符号。"],
  [/^A name cannot contain/i, "名称中含有不允许的字符。"],
  [/^A password has at least (\d+) characters/i, "密码至少需要 $1 个字符。"],
  [/^A password has at most (\d+) bytes/i, "密码不能超过 $1 个字节。"],
  [/^Somebody has the name (\S+) already/i, "用户名 $1 已被使用。"],
  [/^There are accounts already/i, "已经有账号了；请让管理员邀请你。"],
  [/^There is no account (\S+?)\.? /i, "没有名为 $1 的账号。"],
  [/^The account (\S+) is disabled/i, "账号 $1 已停用。"],
  [/^This is the last administrator/i, "这是最后一位管理员；请先将其他人设为管理员。"],
  [/^The account owns (\d+) documents/i, "该账号拥有 $1 个文档；请指定由谁接收。"],
  [/^The invitation is not known/i, "邀请不存在，可能已被使用。"],
  [/^The invitation has expired/i, "邀请已过期，请重新索取。"],
  [/^There is no such link/i, "该文档没有这个链接。"],
  [/^The document has no owner yet/i, "文档还没有所有者；请先指定一位所有者。"],
  [/^The owner of a document may do everything/i, "文档所有者已经拥有全部权限。"],
  [/^The link would have expired already/i, "链接的到期时间已经过去。"],
  [/^There are (\d+) .* already, which is as many/i, "已有 $1 个，达到了上限。"],
];

/** Those that ui/problems.ts has no words for. */
const KINDS: Record<string, string> = {
  locked: "此链接需要密码。",
  "wrong-password": "密码不正确，请检查后重试。",
  "wrong-code": "令牌不正确，请检查后重试。",
  "too-many-attempts": "尝试次数过多，请稍后重试。",
  full: "文档已满，内容没有写入。",
  "too-costly": "此更改过于庞大，服务器没有接收。",
  "unsupported-media-type": "服务器不支持这种内容。",
  "document-exists": "同名文档已经存在，没有作任何更改。",
  "not-found": "没有找到相应的内容。",
  conflict: "在目前的状态下无法完成此操作，没有作任何更改。",
  invalid: "填写的内容不被接受，没有作任何更改。",
  "bad-request": "服务器无法理解此请求。",
};

export function refusal(kind: string, status: number, said: string): string {
  for (const [pattern, meaning] of SENTENCES) {
    const found = pattern.exec(said);
    if (found) return meaning.replace(/\$(\d)/g, (_, n) => found[Number(n)] ?? "");
  }
  return KINDS[kind] ?? `服务器返回了错误（${status}）。`;
}
