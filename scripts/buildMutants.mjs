// Builds Stryker's copy of the project. The build reads node_modules in its own folder, and Stryker links it later.
import { symlinkSync } from 'node:fs';
import path from 'node:path';

symlinkSync(path.resolve('../../../../node_modules'), 'node_modules', 'junction');
process.argv.push('--tests');
await import('../esbuild.mjs');
