#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Compiled code is kept between runs, in this user's own cache folder and not in a shared temporary one: what lies there runs.
if (process.env['NODE_DISABLE_COMPILE_CACHE'] === undefined && process.env['NODE_COMPILE_CACHE'] === undefined) {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'assay', 'compile');
  enableCompileCache(folder);
  process.env['NODE_COMPILE_CACHE'] = folder; // for the inspecting processes
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return; // a reader that has gone (`| head`) has what it wanted
    if (stream === process.stdout) process.stderr.write(`assay: the result cannot be written: ${error.code ?? error.message}\n`);
    process.exit(4);
  });
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

if (process.argv[2] === 'scan' && process.argv.length > 3 && !process.argv.includes('--help')) (await import('./run/child.ts')).startEarly();
const { run } = await import('./commands/program.ts');
process.exitCode = await run(process.argv.slice(2));
