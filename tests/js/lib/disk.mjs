// A disk of some megabytes that can be filled: a tmpfs in a mount namespace of its own. Nobody else sees it, and the kernel takes it
// away when the last process in it is gone, however the test ended.

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { once } from 'node:events'

const KIB = 1024

/** Why no such disk can be made here, if so. */
export function noSmallDisk() {
  const tried = spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/tmp'])
  if (tried.error) return `unshare cannot be run: ${tried.error.message}`
  return tried.status === 0 ? null : `no file system can be mounted here: ${String(tried.stderr).trim()}`
}

/** Root needs a mount namespace alone; everybody else a user namespace with it. */
const NAMESPACE = process.getuid?.() === 0 ? ['--mount'] : ['--mount', '--user', '--map-root-user']

/**
 * Put a disk of so many MiB on a folder, as far as programs see it that are started with its `prefix`.
 *
 * @param {import('node:test').TestContext} t
 * @param {string} folder
 * @param {number} mib
 */
export async function smallDisk(t, folder, mib) {
  const script = 'mount -t tmpfs -o "size=$1" cowrite-test "$2" && echo mounted && cat'
  const holder = spawn('unshare', [...NAMESPACE, 'sh', '-c', script, 'sh', `${mib}m`, folder])
  t.after(() => holder.kill())
  // It ends by itself too when this process does: nothing keeps its input open then.
  const [said] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')])
  if (!String(said).startsWith('mounted')) throw new Error(`the disk could not be made: ${said}`)
  return new SmallDisk(Number(holder.pid), folder)
}

class SmallDisk {
  /** @param {number} holder @param {string} folder */
  constructor(holder, folder) {
    /** The folder as this process reaches it. */
    this.path = `/proc/${holder}/root${folder}`
    /** What stands before a command that is to see the disk. */
    this.prefix = ['nsenter', '--target', String(holder), '--mount', ...(NAMESPACE.length > 1 ? ['--user'] : [])]
  }

  get ballast() {
    return `${this.path}/ballast`
  }

  freeBytes() {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  /** Write until not a page is left. */
  fill() {
    const file = openSync(this.ballast, 'a')
    try {
      for (let bytes = Buffer.alloc(64 * KIB); ; ) writeSync(file, bytes)
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  makeSpace() {
    rmSync(this.ballast)
  }
}
