/** An agent kind that runs a scripted agent in a session. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentKind } from '../../../src/contract/agentKinds';
import { ASKING, SCRIPTED_AGENT } from './hostedSession';
import type { AgentScript } from './scriptedAgent';

/** Writes the script and an empty journal into the folder, from which the agent reads and writes them. */
export async function scriptedKind(folder: string, script: AgentScript, name = 'scripted'): Promise<AgentKind> {
  const scriptFile = path.join(folder, `${name}-script.json`);
  const journal = path.join(folder, `${name}-journal`);
  await writeFile(scriptFile, JSON.stringify({ ...ASKING, ...script }));
  await writeFile(journal, '');
  return {
    name,
    command: process.execPath,
    args: [SCRIPTED_AGENT, scriptFile, journal],
    protocol: 'acp',
    session: { askMode: 'ask', usageMeaning: 'turn' },
    promptBy: 'stdin',
    parser: 'acp',
  };
}
