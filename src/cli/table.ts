/** The closed table of `ic` commands: parser, help, completion and docs/cli.md are made from it. */
import type { CliCommand } from './command';
import { COMPAT_COMMANDS } from './nouns/compat';
import { completionCommand, DATABASE_COMMANDS } from './nouns/database';
import { DISPATCH_RECORD_COMMANDS } from './nouns/dispatchRecords';
import { DISPATCH_COMMANDS } from './nouns/dispatches';
import { DISCOVERY_COMMANDS } from './nouns/discoveries';
import { DISCOVERY_UPKEEP_COMMANDS } from './nouns/discoveryUpkeep';
import { EVENT_COMMANDS } from './nouns/events';
import { GATE_COMMANDS } from './nouns/gates';
import { INTERSPECT_COMMANDS } from './nouns/interspect';
import { LOCK_COMMANDS } from './nouns/locks';
import { PORTFOLIO_COMMANDS } from './nouns/portfolios';
import { RUN_FLOW_COMMANDS } from './nouns/runFlow';
import { RUN_RECORD_COMMANDS } from './nouns/runRecords';
import { RUN_COMMANDS } from './nouns/runs';
import { SENTINEL_COMMANDS, STATE_COMMANDS } from './nouns/state';

export const COMMANDS: readonly CliCommand[] = [
  ...DATABASE_COMMANDS,
  ...RUN_COMMANDS,
  ...RUN_FLOW_COMMANDS,
  ...RUN_RECORD_COMMANDS,
  ...GATE_COMMANDS,
  ...DISPATCH_COMMANDS,
  ...DISPATCH_RECORD_COMMANDS,
  ...EVENT_COMMANDS,
  ...PORTFOLIO_COMMANDS,
  ...DISCOVERY_COMMANDS,
  ...DISCOVERY_UPKEEP_COMMANDS,
  ...INTERSPECT_COMMANDS,
  ...STATE_COMMANDS,
  ...SENTINEL_COMMANDS,
  ...LOCK_COMMANDS,
  ...COMPAT_COMMANDS,
  completionCommand(() => COMMANDS),
];
