#!/usr/bin/env node
/** The `ic` command: the same kernel for scripts, hooks and agents (design §11). This part only starts it fast. */
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runCached } from '../host/codeCache';

// A command is over long before optimised WASM could pay for its making, which takes half the time of a short one.
setFlagsFromString('--wasm-tiering-budget=2000000000');

runCached(path.join(__dirname, 'ic-program.js'));
