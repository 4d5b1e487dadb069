// Who is too fast or too many is held back, and nobody else notices.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshCopy } from '../lib/client.mjs'
import { LightClient } from '../lib/light.mjs'
import { compare, every, metrics, size } from '../lib/measure.mjs'
import { startServer } from '../lib/server.mjs'
import { sleep, until } from '../lib/until.mjs'

/** Quiet and loud rounds take turns, this long each. */
const SECONDS = size('SOAK_PRESSURE_SECONDS', 2)
const ROUNDS = size('SOAK_PRESSURE_ROUNDS', 3)
const HAMMERS = size('SOAK_HAMMERS', 20)

/** Somebody who types, somebody who reads it, and how long it takes. */
class Bystanders {
  /** @param {import('node:test').TestContext} t @param {import('../lib/server.mjs').Server} server @param {string} id */
  constructor(t, server, id) {
    this.typist = new LightClient(server, id)
    this.reader = new LightClient(server, id, { watch: true })
    t.after(() => [this.typist, this.reader].forEach((client) => client.disconnect()))
  }

  async begin() {
    await Promise.all([this.typist.connect(), this.reader.connect()])
    this.stop = every(10, () => this.typist.write())
    await sleep(1_000) // what is opened for the first time is slower
    this.reader.latencies = []
  }

  /**
   * Compare the quiet with the time that `disturb` takes.
   *
   * @param {() => Promise<unknown>} disturb
   */
  async compare(disturb) {
    /** @type {number[][]} */
    const quiet = []
    /** @type {number[][]} */
    const loud = []
    for (let n = 0; n < ROUNDS; n++) {
      quiet.push(await this.#measure(() => sleep(SECONDS * 1_000)))
      loud.push(await this.#measure(disturb))
    }
    return compare(quiet, loud)
  }

  /** @param {() => Promise<unknown>} during */
  async #measure(during) {
    this.reader.latencies = []
    await during()
    return this.reader.latencies
  }

  async end() {
    this.stop?.()
    await until('the reader has all that was typed', () => this.reader.seen.size === this.typist.tokens)
    for (const { closed } of [this.typist, this.reader]) assert.equal(closed, null)
  }
}

for (const [where, id] of [['on the same document', 'flood'], ['on another document', 'elsewhere']]) {
  test(`a flood is read slowly and loses nothing, and others ${where} do not wait`, { timeout: 120_000 }, async (t) => {
    const rate = 1_000
    const server = await startServer(t, { args: ['--updates-per-second', String(rate)] })
    const others = new Bystanders(t, server, id)
    await others.begin()
    const each = rate * (SECONDS + 1)
    let took_s = 0
    const compared = await others.compare(async () => {
      const flood = new LightClient(server, 'flood')
      t.after(() => flood.disconnect())
      await flood.connect()
      const started = performance.now()
      for (let sent = 0; sent < each; sent += 100) {
        flood.flood(100)
        await sleep(1) // who measures lives in the same process
      }
      await flood.allSaved(60_000)
      took_s += (performance.now() - started) / 1_000
      assert.equal(flood.closed, null)
    })
    await others.end()
    const slowed = (await metrics(server)).cowrite_slowed_total
    t.diagnostic(`${ROUNDS} × ${each} updates took ${took_s.toFixed(1)} s, slowed ${slowed} times; ${compared}`)

    assert.ok(took_s > SECONDS * ROUNDS * 0.9, 'one second passes at once, the rest at the rate')
    assert.ok(slowed > 0)
    const text = (await freshCopy(server, 'flood')).getText('content').toString()
    assert.equal(text.split('x').length - 1, ROUNDS * each)
    assert.ok(compared.ratio <= 2, String(compared))
  })
}

test('an address has so many connections; the next are told, the earlier stay', { timeout: 60_000 }, async (t) => {
  const limit = 20
  const server = await startServer(t, { args: ['--connections-per-address', String(limit)] })
  const join = (/** @type {string | undefined} */ from) => {
    const client = new LightClient(server, 'crowd', { watch: true, from })
    t.after(() => client.disconnect())
    return client
  }
  const early = Array.from({ length: limit }, () => join(undefined))
  await Promise.all(early.map((client) => client.connect()))
  const late = Array.from({ length: 10 }, () => join(undefined))
  await Promise.all(late.map((client) => assert.rejects(client.connect())))
  for (const { closed } of late) {
    assert.equal(closed?.code, 1013)
    assert.match(String(closed?.reason), /address has 20 connections/)
  }
  assert.equal((await metrics(server)).cowrite_connections_refused_total, late.length)
  const elsewhere = join('127.0.0.2')
  await elsewhere.connect()
  const token = early[0].write()
  await until('the others got it', () => [elsewhere, ...early.slice(1)].every((client) => client.seen.has(token)))
  early[0].disconnect()
  await until('there is room again', () => late[0].connect().then(() => true))
})

test(`${HAMMERS} connections that send nonsense do not disturb who types`, { timeout: 120_000 }, async (t) => {
  const server = await startServer(t)
  const others = new Bystanders(t, server, 'hammered')
  await others.begin()
  const nonsense = [[42, 1, 2, 3], [0, 2, 100, 1, 2, 3], [0, 2, 4, 1, 1, 5, 0], [1, 5, 1, 5, 1, 1, 0x7b], []]
  let sent = 0
  const hammer = async (/** @type {number} */ n, /** @type {number} */ end) => {
    while (performance.now() < end) {
      // From ever another address, or it would wait longer and longer before each close.
      const from = `127.1.${(sent >> 8) & 0xff}.${sent & 0xff}`
      const client = new LightClient(server, 'hammered', { cowrite: n % 2 === 0, from })
      await client.connect()
      client.raw(Uint8Array.from(nonsense[sent++ % nonsense.length]))
      const { code } = await client.gone()
      assert.equal(code, 4422)
      await sleep(50)
    }
  }
  const compared = await others.compare(() => {
    const end = performance.now() + SECONDS * 1_000
    return Promise.all(Array.from({ length: HAMMERS }, (_, n) => hammer(n, end)))
  })
  await others.end()
  t.diagnostic(`${sent} malformed messages; ${compared}`)
  assert.ok((await metrics(server))['cowrite_closed_total{code="4422"}'] >= sent)
  assert.ok(compared.ratio <= 2, String(compared))
})
