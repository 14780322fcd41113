/** What people answered and said to an agent that ended before it had an effect: no word of a person is lost silently. */
import { storedReason } from '../../../kernel/errors/reasons/storedReasons';
import { effectKey } from '../../../contract/sessions';
import type { DispatchFiles } from '../../../host/launcher/dispatchFiles';
import { readCommands, readSessionState } from '../../../host/session/files/sessionFiles';
import { startOf } from '../../../kernel/text/storableText';

const MAX_TEXT_LENGTH = 200;
/** The author of the task, which is no word of a person. */
const TASK = 'task';

/** One sentence for each answer and text, as they are stored with the end of a dispatch. */
export async function undelivered(files: DispatchFiles): Promise<readonly string[]> {
  const commands = await readCommands(files, ['answer', 'say']);
  const state = await readSessionState(files);
  if (state?.effects === undefined) return [];
  const effects = new Set(state.effects);
  const sentences = commands
    .filter((command) => !effects.has(effectKey(command)))
    .map((command) =>
      command.kind === 'answer'
        ? storedReason('the answer “{answer}” ({by}) to request {number} is void', command)
        : notSent(command),
    );
  return [...sentences, ...state.waiting.filter(({ by }) => by !== TASK).map(notSent)];
}

function notSent({ text, by }: { readonly text: string; readonly by: string }): string {
  return storedReason('not sent to the agent: “{text}” ({by})', { text: startOf(text, MAX_TEXT_LENGTH), by });
}
