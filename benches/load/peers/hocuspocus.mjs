// Hocuspocus as its documentation starts it, with its SQLite storage: PORT, HOST and the folder DATA come from the environment.

import path from 'node:path'
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const { PORT, HOST, DATA } = process.env

const server = new Server({
  port: Number(PORT),
  address: HOST,
  quiet: true,
  extensions: [new SQLite({ database: path.join(DATA, 'documents.sqlite') })],
})
await server.listen()
