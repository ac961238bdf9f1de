// Says, when a Node process or worker ends, from which files its modules were loaded.
//
// Copied to a folder of the test run and required before all else, by NODE_OPTIONS; node >= 12, where
// modules of `import` are heard of from 22.15 on. Writes beside itself a line `NUL file` for each one
// outside node_modules. Whatever goes wrong here is silent: the tests must not notice.
'use strict';
try {
  const fs = require('node:fs');
  const Module = require('node:module');
  const { threadId } = require('node:worker_threads');
  const { fileURLToPath } = require('node:url');
  const imported = new Set();
  if (Module.registerHooks) {
    Module.registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        if (found.url.startsWith('file:')) imported.add(found.url);
        return found;
      },
    });
  }
  process.on('exit', () => {
    try {
      const files = [...Object.keys(Module._cache), ...[...imported].map((url) => fileURLToPath(url))];
      const own = new Set(files.filter((file) => file !== __filename && !file.includes('/node_modules/')));
      const lines = [...own].map((file) => `\0${file}\n`);
      if (lines.length) fs.writeFileSync(`${__dirname}/${process.pid}-${threadId}.loaded`, lines.join(''));
    } catch {}
  });
} catch {}
