// Makes the README's pictures from the real app: two people in one document, by day and by night, on a desk and on a
// phone. `npm run pictures` writes docs/images/*.png.

import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { launch, Person } from './lib/browser.mjs'
import { REPOSITORY, Server } from './lib/server.mjs'
import { sleep, until } from './lib/until.mjs'

const FOLDER = path.join(REPOSITORY, 'docs/images')

const TEXT = `# Harbour festival

We open the quay on **Saturday at noon**. What is settled stands here, the rest is discussed below.

## Who does what

- [x] Ask the harbour master about the crane
- [x] Borrow 40 benches
- [ ] Paint the signs
- [ ] Find somebody for the *lantern walk*

## Programme

| When | What | Where |
| --- | --- | --- |
| 12:00 | Opening, brass band | Pier 3 |
| 14:00 | Rowing race | Inner basin |
| 21:30 | Lantern walk | From the old crane |

> If it rains, everything but the race moves into the \`net loft\`.

`

const SHOTS = /** @type {const} */ ([
  { name: 'desktop-light', colorScheme: 'light', viewport: { width: 1280, height: 760 } },
  { name: 'desktop-dark', colorScheme: 'dark', viewport: { width: 1280, height: 760 } },
  { name: 'phone-light', colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
])

const server = new Server(0)
const browser = await launch()
try {
  await server.start()
  mkdirSync(FOLDER, { recursive: true })
  for (const { name, ...look } of SHOTS) {
    const { id } = await server.create({ title: 'Harbour festival', text: TEXT })
    const heron = await visitAs('Blue Heron', '#2b63c6', id, look)
    const fox = await visitAs('Quiet Fox', '#b3412b', id, {})
    if (!('isMobile' in look)) await heron.get('view-split').click()
    await heron.typeAtEnd('The band plays until midnight.')
    await fox.goToLine(8)
    await fox.type(', 12 of them', 40)
    await until('the caret of the other shows', () => heron.page.locator('.cm-peer-caret').count())
    await until('both are saved', async () => (await heron.save()) === 'saved' && (await fox.save()) === 'saved')
    await heron.page.evaluate(() => document.querySelector('.cm-scroller')?.scrollTo(0, 0))
    await sleep(300) // for transitions to end
    await heron.page.screenshot({ path: path.join(FOLDER, `${name}.png`), scale: 'css' })
    console.log(`docs/images/${name}.png`)
    await heron.page.context().close()
    await fox.page.context().close()
  }
} finally {
  await browser.close()
  await server.dispose()
}

/**
 * @param {string} name
 * @param {string} color one of the app's own
 * @param {string} id
 * @param {import('playwright-core').BrowserContextOptions} look
 */
async function visitAs(name, color, id, look) {
  const context = await browser.newContext(look)
  await context.addInitScript((who) => Object.assign(localStorage, who), {
    'cowrite.name': name,
    'cowrite.color': color,
  })
  const person = new Person(await context.newPage())
  await person.page.goto(`${server.url}/d/${id}`)
  await person.becomes('synced', 'saved', 20_000)
  return person
}
