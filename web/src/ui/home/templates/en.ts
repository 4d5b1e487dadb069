import type { Template } from ".";
import { longDay, shortDay, weekday, workWeek } from "./dates";

const EN = "en";
const day = (now: Date) => longDay(now, EN);

export const templates: readonly Template[] = [
  {
    id: "blank",
    name: "Blank",
    about: "An empty page",
    kind: "markdown",
    title: () => "",
    text: () => "",
  },
  {
    id: "meeting",
    name: "Meeting notes",
    about: "Agenda, decisions, who does what",
    kind: "markdown",
    title: (now) => `Meeting, ${day(now)}`,
    text: (now) => `# Meeting

- **Date:** ${day(now)}
- **Present:**
- **Notes by:**

## Agenda

1. What has happened since last time
2.
3. Anything else

## Notes

-

## Decisions

-

## To do

- [ ] What, who, by when
- [ ]

## Next meeting

`,
  },
  {
    id: "plan",
    name: "Project plan",
    about: "Goal, milestones, risks",
    kind: "markdown",
    title: () => "Project plan",
    text: (now) => `# Project plan

> In one sentence: what will be different when this is done?

- **Lead:**
- **Begun:** ${day(now)}
- **Status:** on track

## Goal

Who is it for, and how will we know that it worked?

## Not part of it

-

## Milestones

| Milestone | Who | By | Done |
|---|---|---|---|
| First version to look at |  |  |  |
| Tried by others |  |  |  |
| Finished |  |  |  |

## Next steps

- [ ]
- [ ]

## Risks

| What could go wrong | What we do about it |
|---|---|
|  |  |

## Open questions

-
`,
  },
  {
    id: "decision",
    name: "Decision record",
    about: "What was decided, and why",
    kind: "markdown",
    title: () => "Decision: ",
    text: (now) => `# Decision:

- **Date:** ${day(now)}
- **Status:** proposed
- **Decided by:**

## Context

What makes a decision necessary? What do we know, and what not?

## Options

### 1.

- For:
- Against:

### 2.

- For:
- Against:

## Decision

We will …

## Consequences

What becomes easier, what becomes harder, and when do we look at it again?
`,
  },
  {
    id: "week",
    name: "Weekly log",
    about: "Plans, days, a look back",
    kind: "markdown",
    title: (now) => `Week of ${shortDay(workWeek(now)[0] ?? now, EN)}`,
    text: (now) => `# Week of ${day(workWeek(now)[0] ?? now)}

## This week

- [ ]
- [ ]
- [ ]

${workWeek(now)
  .map((each) => `## ${weekday(each, EN)}\n\n-\n`)
  .join("\n")}
## Looking back

- Went well:
- Was hard:
- Next week:
`,
  },
  {
    id: "proposal",
    name: "Proposal",
    about: "A problem, an idea, its price",
    kind: "markdown",
    title: () => "Proposal: ",
    text: (now) => `# Proposal:

- **Author:**
- **Date:** ${day(now)}
- **Comments until:**

## Summary

Two or three sentences for whoever reads no further.

## The problem

Who has it, how often, and what does it cost?

## The idea

How it works, from the point of view of somebody who uses it.

## What else was considered

-

## What it costs

- Time:
- Money:
- What we cannot do meanwhile:

## Open questions

-
`,
  },
  {
    id: "retrospective",
    name: "Retrospective",
    about: "Keep, change, try",
    kind: "markdown",
    title: (now) => `Retrospective, ${day(now)}`,
    text: (now) => `# Retrospective

- **Date:** ${day(now)}
- **About:**

Everybody writes for five minutes; then we talk about what stands here most often.

## Keep

-

## Change

-

## Try

-

## What we agreed on

- [ ] What, who, by when
`,
  },
  {
    id: "problem",
    name: "Problem report",
    about: "What happened, how to see it",
    kind: "markdown",
    title: () => "Problem: ",
    text: (now) => `# Problem:

- **Found by:**
- **Date:** ${day(now)}
- **Version, device, browser:**

## What happened

## What should have happened

## How to see it

1.
2.

## What was found out

-

## What to do

- [ ]
`,
  },
  {
    id: "readme",
    name: "README",
    about: "What it is, how to start",
    kind: "markdown",
    title: () => "README",
    text: () => `# Name

What this is and who it is for, in one or two sentences.

## Getting started

\`\`\`sh
# Install

# Run
\`\`\`

## How to use it

The most common thing first.

## Settings

| Name | Meaning | Default |
|---|---|---|
|  |  |  |

## How to help

1. Tell us what you want to change.
2. Make the change, and a test that fails without it.
3. Ask for a review.

## Licence

`,
  },
];
