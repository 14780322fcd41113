/** What a wrapper script tells of its agent while that works: a file named after its pid (`spec/kernel.md` §4.3). */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { readStarted } from '../../host/launchRecord';
import type { Dispatch } from '../../kernel/dispatch/model';
import { dispatchProcess, recordProgress } from '../../kernel/dispatch/service';
import { filesOf } from '../../services/dispatch/judgement';
import type { Session } from '../session';

const count = z.int().min(0);
const wrapperState = z.object({ turns: count, commands: count, messages: count });

/** Stores the figures, if there are any. The file may be anything, and what is no such state is passed over. */
export async function recordWrapperProgress(session: Session, dispatch: Dispatch): Promise<void> {
  const files = filesOf(
    dispatch,
    session.read((reader) => dispatchProcess(reader, dispatch.id)),
  );
  const started = files === undefined ? undefined : await readStarted(files);
  const pid = started?.agent.pid ?? dispatch.pid;
  if (pid === null) return;
  const figures = await stateOf(pid);
  if (figures !== undefined) await session.write((unit) => recordProgress(unit, dispatch.id, figures));
}

async function stateOf(pid: number): Promise<z.infer<typeof wrapperState> | undefined> {
  const text = await readFile(`/tmp/clavain-dispatch-${pid}.json`, 'utf8').catch(() => '');
  try {
    return wrapperState.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
