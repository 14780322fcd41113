import assert from 'node:assert/strict';
import { AGENT_SENTENCES } from '../../../src/kernel/errors/agentSentences';
import { SENTENCES } from '../../../src/kernel/errors/errorSentences';
import { FOLDER_SENTENCES } from '../../../src/kernel/errors/folderSentences';
import { GIT_SENTENCES } from '../../../src/kernel/errors/gitSentences';
import { RECORD_SENTENCES } from '../../../src/kernel/errors/recordSentences';
import { WORK_SENTENCES } from '../../../src/kernel/errors/workSentences';

describe('the sentences of failures', () => {
  // Of two, the later would replace the other without a word of the compiler.
  it('are in one table each', () => {
    const tables = [AGENT_SENTENCES, FOLDER_SENTENCES, GIT_SENTENCES, RECORD_SENTENCES, WORK_SENTENCES];
    assert.deepEqual(tables.flatMap((table) => Object.keys(table)).sort(), Object.keys(SENTENCES).sort());
  });
});
