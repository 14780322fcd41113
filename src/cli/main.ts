#!/usr/bin/env node
/**
 * The `ic` command: the same kernel for scripts, hooks and agents (`docs/design/commandLine.md`). This part only makes
 * it start fast.
 */
import path from 'node:path';
import { runCached } from '../host/wasm/codeCache';

runCached(path.join(__dirname, 'ic-program.js'));
