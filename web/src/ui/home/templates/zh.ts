import type { Template } from ".";
import { longDay, shortDay, weekday, workWeek } from "./dates";

const ZH = "zh-CN";
const day = (now: Date) => longDay(now, ZH);

export const templates: readonly Template[] = [
  {
    id: "blank",
    name: "空白",
    about: "一张空白页",
    kind: "markdown",
    title: () => "",
    text: () => "",
  },
  {
    id: "meeting",
    name: "会议纪要",
    about: "议程、决定、待办",
    kind: "markdown",
    title: (now) => `会议纪要 ${day(now)}`,
    text: (now) => `# 会议纪要

- **日期：** ${day(now)}
- **参会人：**
- **记录人：**

## 议程

1. 上次会议以来的进展
2.
3. 其他事项

## 讨论

-

## 决定

-

## 待办

- [ ] 事项、负责人、截止日期
- [ ]

## 下次会议

`,
  },
  {
    id: "plan",
    name: "项目计划",
    about: "目标、里程碑、风险",
    kind: "markdown",
    title: () => "项目计划",
    text: (now) => `# 项目计划

> 用一句话说明：完成之后会有什么不同？

- **负责人：**
- **开始日期：** ${day(now)}
- **状态：** 进展顺利

## 目标

为谁而做？怎样算成功？

## 不包括的内容

-

## 里程碑

| 里程碑 | 负责人 | 日期 | 完成 |
|---|---|---|---|
| 可以演示的第一版 |  |  |  |
| 他人试用 |  |  |  |
| 正式完成 |  |  |  |

## 下一步

- [ ]
- [ ]

## 风险

| 可能出现的问题 | 应对办法 |
|---|---|
|  |  |

## 待解决的问题

-
`,
  },
  {
    id: "decision",
    name: "决策记录",
    about: "决定了什么，为什么",
    kind: "markdown",
    title: () => "决策：",
    text: (now) => `# 决策：

- **日期：** ${day(now)}
- **状态：** 提议中
- **决策人：**

## 背景

为什么需要做这个决定？已知什么，未知什么？

## 可选方案

### 方案一

- 优点：
- 缺点：

### 方案二

- 优点：
- 缺点：

## 决定

我们将……

## 影响

哪些事情会变得更容易，哪些会更难？何时回顾？
`,
  },
  {
    id: "week",
    name: "每周日志",
    about: "计划、每日记录、回顾",
    kind: "markdown",
    title: (now) => `周记 ${shortDay(workWeek(now)[0] ?? now, ZH)}`,
    text: (now) => `# 周记（${day(workWeek(now)[0] ?? now)}起）

## 本周计划

- [ ]
- [ ]
- [ ]

${workWeek(now)
  .map((each) => `## ${weekday(each, ZH)}\n\n-\n`)
  .join("\n")}
## 回顾

- 做得好的：
- 遇到的困难：
- 下周重点：
`,
  },
  {
    id: "proposal",
    name: "提案",
    about: "问题、想法与代价",
    kind: "markdown",
    title: () => "提案：",
    text: (now) => `# 提案：

- **作者：**
- **日期：** ${day(now)}
- **意见截止：**

## 摘要

写给只读到这里的人，两三句话即可。

## 问题

谁遇到了这个问题？多久一次？代价是什么？

## 想法

从使用者的角度说明它如何运作。

## 考虑过的其他办法

-

## 代价

- 时间：
- 费用：
- 因此无法做的事：

## 待解决的问题

-
`,
  },
  {
    id: "retrospective",
    name: "复盘",
    about: "保持、改进、尝试",
    kind: "markdown",
    title: (now) => `复盘 ${day(now)}`,
    text: (now) => `# 复盘

- **日期：** ${day(now)}
- **主题：**

每人先写五分钟，再讨论出现最多的内容。

## 保持

-

## 改进

-

## 尝试

-

## 达成的共识

- [ ] 事项、负责人、截止日期
`,
  },
  {
    id: "problem",
    name: "问题报告",
    about: "现象与重现步骤",
    kind: "markdown",
    title: () => "问题：",
    text: (now) => `# 问题：

- **发现人：**
- **日期：** ${day(now)}
- **版本、设备、浏览器：**

## 实际现象

## 预期结果

## 重现步骤

1.
2.

## 调查结果

-

## 处理

- [ ]
`,
  },
  {
    id: "readme",
    name: "README",
    about: "这是什么，如何开始",
    kind: "markdown",
    title: () => "README",
    text: () => `# 名称

用一两句话说明这是什么、适合谁。

## 快速开始

\`\`\`sh
# 安装

# 运行
\`\`\`

## 使用方法

先写最常用的。

## 设置

| 名称 | 含义 | 默认值 |
|---|---|---|
|  |  |  |

## 参与贡献

1. 先说明想改什么。
2. 完成修改，并附上没有它就会失败的测试。
3. 请人审阅。

## 许可

`,
  },
];
