/**
 * What a wrapper script reports of its running agent: a file named after its pid
 * (`docs/design/agents.md#progress-of-a-wrapper`).
 */
import * as z from 'zod';
import { knownStorages } from '../../host/state/storages';
import { proven, readStarted } from '../../host/launcher/launchRecord';
import { readSmallFile } from '../../host/files/smallFile';
import { findDispatchFiles } from '../../host/launcher/dispatchFiles';
import type { Dispatch } from '../../kernel/dispatch/model';
import { recordProgress } from '../../kernel/dispatch/service';
import type { Session } from '../command/session';

const count = z.int().min(0);
const wrapperState = z.object({ turns: count, commands: count, messages: count });

/** Stores the figures, if there are any. Files with other content are ignored. */
export async function recordWrapperProgress(
  session: Session,
  dispatch: Dispatch,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const files = await findDispatchFiles(await knownStorages(env), dispatch.id);
  const started = files === undefined ? undefined : proven(await readStarted(files));
  const pid = started?.agent?.pid ?? dispatch.pid;
  if (pid === null) return;
  const figures = await stateOf(pid);
  if (figures !== undefined) await session.write((unit) => recordProgress(unit, dispatch.id, figures));
}

async function stateOf(pid: number): Promise<z.infer<typeof wrapperState> | undefined> {
  const text = (await readSmallFile(`/tmp/clavain-dispatch-${pid}.json`).catch(() => undefined)) ?? '';
  try {
    return wrapperState.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
